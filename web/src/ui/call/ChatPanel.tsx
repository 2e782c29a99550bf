// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { useCallUi } from './call-ui';
import { ChatInput } from './ChatInput';
import { ChatMessages } from './ChatMessages';
import panel from './Panel.module.css';
import classes from './ChatPanel.module.css';
import { ChatThreads } from './ChatThreads';

/** The conversation with everyone, and those with one each. */
export function ChatPanel() {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const { thread } = useCallUi();
    const chat = useReadable(call.chat);
    const relayed = useReadable(call.protection).mode === 'relayed';
    const conversation =
        thread === 'group'
            ? chat.group
            : chat.private.find(
                  (each) => each.thread !== 'group' && each.thread.peer === thread.peer,
              );
    const unread = conversation?.unread ?? 0;
    useEffect(() => {
        if (unread > 0) call.markRead(thread);
    }, [call, thread, unread]);
    return (
        <div className={panel.panel}>
            <ChatThreads />
            <ChatMessages entries={conversation?.entries ?? []} group={thread === 'group'} />
            <ChatInput key={thread === 'group' ? 'group' : thread.peer} thread={thread} />
            <p className={classes.note}>{relayed ? t('chat.note-relayed') : t('chat.note')}</p>
        </div>
    );
}
