// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { ChatEntry } from '../../media/chat-types';
import classes from './ChatPanel.module.css';
import { linkify } from './linkify';
import { usePeerName } from './peer-names';

interface Props {
    readonly entry: ChatEntry;
    /** The first of several by the same person: says whose they are. */
    readonly first: boolean;
}

export function ChatMessage({ entry, first }: Props) {
    const { t } = useTranslation('call');
    const format = useFormat();
    const nameOf = usePeerName();
    const { delivery } = entry;
    const lacking = delivery !== null && delivery.to < delivery.of;
    return (
        <li className={classes.message} data-mine={entry.from === null} data-first={first}>
            {first && (
                <span className={classes.from}>
                    <strong>{entry.from === null ? t('you') : nameOf(entry.from)}</strong>{' '}
                    <time dateTime={new Date(entry.at_ms).toISOString()}>
                        {format.time(entry.at_ms)}
                    </time>
                </span>
            )}
            <span className={classes.bubble}>
                {linkify(entry.text).map((piece, index) =>
                    piece.kind === 'text' ? (
                        piece.text
                    ) : (
                        <a
                            key={index}
                            href={piece.href}
                            target="_blank"
                            rel="noopener noreferrer nofollow"
                        >
                            {piece.text}
                        </a>
                    ),
                )}
            </span>
            {lacking && (
                <span className={classes.delivery}>
                    {delivery.of === 1
                        ? t('chat.on-its-way')
                        : t('chat.delivered', { count: delivery.to, of: delivery.of })}
                </span>
            )}
        </li>
    );
}
