// SPDX-License-Identifier: Apache-2.0
import { useState, type DragEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { useCallUi } from './call-ui';
import classes from './FilesPanel.module.css';

interface Props {
    readonly children: ReactNode;
}

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');

/** Files that are dropped here are offered to everyone. (There is a button for those who don't drag.) */
export function DropFiles({ children }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const ui = useCallUi();
    const { others } = useReadable(call.people);
    const relayed = useReadable(call.protection).mode === 'relayed';
    const welcome = others.length > 0 && !relayed;
    const [over, setOver] = useState(false);
    const onDragOver = (event: DragEvent) => {
        if (!hasFiles(event)) return;
        // Otherwise the browser would leave the call to show the file.
        event.preventDefault();
        event.dataTransfer.dropEffect = welcome ? 'copy' : 'none';
        setOver(welcome);
    };
    const onDrop = (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        const files = [...event.dataTransfer.files];
        if (files.length === 0 || others.length === 0) return;
        // Says why where they can't be sent.
        ui.setPanel('files');
        if (welcome) call.offerFiles(files, 'group');
    };
    return (
        <div
            className={classes.drop}
            onDragOver={onDragOver}
            onDragLeave={() => setOver(false)}
            onDrop={onDrop}
        >
            {children}
            {over && (
                <div className={classes.over} aria-hidden="true">
                    {t('files.drop')}
                </div>
            )}
        </div>
    );
}
