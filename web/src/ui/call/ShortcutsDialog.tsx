// SPDX-License-Identifier: Apache-2.0
import { Kbd } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { useReadable } from '../hooks/use-readable';
import { keyName } from './key-name';
import { Dialog } from '../parts/Dialog';
import classes from './ShortcutsDialog.module.css';
import { SHORTCUTS } from './use-shortcuts';

interface Props {
    readonly onClose: () => void;
}

/** Which key does what. */
export function ShortcutsDialog({ onClose }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const { push_to_talk, push_to_talk_key } = useReadable(useApp().settings.settings);
    return (
        <Dialog onClose={onClose} title={t('shortcuts.title')} size="sm">
            <dl className={classes.list}>
                {SHORTCUTS.map(({ key, name }) => (
                    <div key={key} className={classes.row}>
                        <dt>{t(`shortcuts.${name}`)}</dt>
                        <dd>
                            <Kbd>{key.toUpperCase()}</Kbd>
                        </dd>
                    </div>
                ))}
                <div className={classes.row}>
                    <dt>{t('shortcuts.pages')}</dt>
                    <dd>
                        <Kbd>{t('key.page-up')}</Kbd> <Kbd>{t('key.page-down')}</Kbd>
                    </dd>
                </div>
                <div className={classes.row}>
                    <dt>{push_to_talk ? t('shortcuts.talk') : t('shortcuts.talk-off')}</dt>
                    <dd>
                        <Kbd>{keyName(push_to_talk_key, t('key.space'))}</Kbd>
                    </dd>
                </div>
            </dl>
        </Dialog>
    );
}
