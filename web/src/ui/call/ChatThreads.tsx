// SPDX-License-Identifier: Apache-2.0
import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { useCallUi } from './call-ui';
import { Count } from '../parts/Count';
import classes from './ChatPanel.module.css';
import { usePeerName } from './peer-names';

const MANY = 12;

/** With whom to chat: everyone, or one of those who are here. Who has left but wrote stays on the list. */
export function ChatThreads() {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const { thread, openThread } = useCallUi();
    const chat = useReadable(call.chat);
    const { others } = useReadable(call.people);
    const nameOf = usePeerName();

    const unreadOf = (peer: string) =>
        chat.private.find((each) => each.thread !== 'group' && each.thread.peer === peer)?.unread ??
        0;
    const written = chat.private.flatMap((each) =>
        each.thread === 'group' ? [] : [each.thread.peer],
    );
    // Where there are many, one begins from the list of people.
    const offered = others.length > MANY ? [] : others.map(({ participant }) => participant.id);
    const open = thread === 'group' ? [] : [thread.peer];
    const peers = [...new Set([...offered, ...written, ...open])];
    const options = [
        {
            key: 'group',
            thread: 'group' as const,
            label: t('chat.everyone'),
            unread: chat.group.unread,
        },
        ...peers.map((peer) => ({
            key: peer,
            thread: { peer },
            label: nameOf(peer),
            unread: unreadOf(peer),
        })),
    ];
    const current = thread === 'group' ? 'group' : thread.peer;
    return (
        <div className={classes.threads} role="group" aria-label={t('chat.with')}>
            {options.map((option) => (
                <UnstyledButton
                    key={option.key}
                    className={classes.thread}
                    aria-pressed={option.key === current}
                    onClick={() => openThread(option.thread)}
                >
                    <span>{option.label}</span>
                    {option.unread > 0 && (
                        <Count
                            count={option.unread}
                            label={t('chat.unread', { count: option.unread })}
                        />
                    )}
                </UnstyledButton>
            ))}
        </div>
    );
}
