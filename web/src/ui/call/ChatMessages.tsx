// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChatEntry } from '../../media/chat-types';
import { ChatMessage } from './ChatMessage';
import classes from './ChatPanel.module.css';

/** Messages of one person within this time stand together under one name. */
const TOGETHER_MS = 3 * 60_000;
/** Whoever has scrolled up further than this is reading: leave them there. */
const NEAR_END_PX = 120;

interface Props {
    readonly entries: readonly ChatEntry[];
    readonly group: boolean;
}

export function ChatMessages({ entries, group }: Props) {
    const { t } = useTranslation('call');
    const log = useRef<HTMLDivElement>(null);
    const newest = entries.at(-1);
    useEffect(() => {
        const element = log.current;
        if (!element || !newest) return;
        const below = element.scrollHeight - element.scrollTop - element.clientHeight;
        if (newest.from === null || below < element.clientHeight / 2 + NEAR_END_PX) {
            element.scrollTop = element.scrollHeight;
        }
    }, [newest]);
    return (
        <div
            ref={log}
            className={classes.log}
            role="log"
            aria-label={t('chat.messages')}
            tabIndex={-1}
        >
            <ol className={classes.messages}>
                {entries.length === 0 && (
                    <li className={classes.empty}>
                        {group ? t('chat.empty') : t('chat.empty-private')}
                    </li>
                )}
                {entries.map((entry, index) => {
                    const before = entries[index - 1];
                    const together =
                        before !== undefined &&
                        before.from === entry.from &&
                        entry.at_ms - before.at_ms < TOGETHER_MS;
                    return <ChatMessage key={entry.id} entry={entry} first={!together} />;
                })}
            </ol>
        </div>
    );
}
