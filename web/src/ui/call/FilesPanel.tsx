// SPDX-License-Identifier: Apache-2.0
import { FolderUp } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { EmptyState } from '../parts/EmptyState';
import panel from './Panel.module.css';
import { SendFiles } from './SendFiles';
import { TransferRow } from './TransferRow';

/** Files on their way between browsers. */
export function FilesPanel() {
    const { t } = useTranslation('call');
    const { transfers } = useReadable(useCallModel().files);
    return (
        <div className={panel.panel}>
            <div className={panel.scroll}>
                {transfers.length === 0 ? (
                    <EmptyState
                        Icon={FolderUp}
                        title={t('files.empty-title')}
                        text={t('files.empty')}
                    />
                ) : (
                    <ul className={panel.list}>
                        {[...transfers].reverse().map((transfer) => (
                            <TransferRow key={transfer.id} transfer={transfer} />
                        ))}
                    </ul>
                )}
            </div>
            <SendFiles />
        </div>
    );
}
