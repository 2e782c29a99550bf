// SPDX-License-Identifier: Apache-2.0
import { CloseButton } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { InCall } from './CallPage';
import { useCallUi, type Panel } from './call-ui';
import { ChatPanel } from './ChatPanel';
import { FilesPanel } from './FilesPanel';
import { PeoplePanel } from './PeoplePanel';
import classes from './SidePanel.module.css';

interface Props {
    readonly view: InCall;
}

/** Beside the stage, or on a phone a sheet over its lower part: people, chat or files. */
export function SidePanel({ view }: Props) {
    const { panel } = useCallUi();
    return panel === null ? null : <OpenPanel key={panel} panel={panel} view={view} />;
}

function OpenPanel({ panel, view }: Props & { readonly panel: Panel }) {
    const { t } = useTranslation(['call', 'common']);
    const { setPanel } = useCallUi();
    const heading = useRef<HTMLHeadingElement>(null);

    // The focus comes in with the panel, and goes back to where it was when the panel closes.
    useEffect(() => {
        const before = document.activeElement;
        heading.current?.focus();
        return () => {
            if (before instanceof HTMLElement && before.isConnected) before.focus();
        };
    }, []);

    // What had the focus may be gone, like the button of someone who was let in: then it is nowhere.
    useEffect(() => {
        const onLostKey = (event: globalThis.KeyboardEvent) => {
            const lost = document.activeElement === document.body;
            if (event.key === 'Escape' && lost && !event.defaultPrevented) setPanel(null);
        };
        document.addEventListener('keydown', onLostKey);
        return () => document.removeEventListener('keydown', onLostKey);
    }, [setPanel]);

    const onKey = (event: KeyboardEvent) => {
        if (event.key === 'Escape' && !event.defaultPrevented) setPanel(null);
    };
    const close = () => setPanel(null);
    return (
        <>
            <div className={classes.scrim} aria-hidden="true" onClick={close} />
            {/* Escape closes it from wherever the focus is inside. */}
            {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
            <aside className={classes.panel} aria-labelledby="panel-title" onKeyDown={onKey}>
                <header className={classes.head}>
                    <h2 id="panel-title" ref={heading} tabIndex={-1} className={classes.title}>
                        {t(`panel.${panel}`)}
                    </h2>
                    <CloseButton aria-label={t('common:close')} onClick={close} />
                </header>
                {panel === 'people' && <PeoplePanel view={view} />}
                {panel === 'chat' && <ChatPanel />}
                {panel === 'files' && <FilesPanel />}
            </aside>
        </>
    );
}
