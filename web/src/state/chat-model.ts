// SPDX-License-Identifier: Apache-2.0

import { ChatRoom, type ChatWire } from '../media/chat';
import type { ChatEntry, Thread } from '../media/chat-types';
import type { Store } from './store';
import type { Chat, Conversation } from './views';

const EMPTY: Chat = {
    group: { thread: 'group', entries: [], unread: 0 },
    private: [],
    unread: 0,
};

/** 'group', or the id of the peer with whom a thread is private. */
function keyOf(thread: Thread): string {
    return thread === 'group' ? thread : thread.peer;
}

export interface ChatModelOptions {
    readonly me: string;
    readonly wire: ChatWire;
    readonly now: () => number;
    readonly received: (entry: ChatEntry) => void;
}

/** Sorts the messages into threads and counts the unread. */
export class ChatModel {
    private room: ChatRoom | null = null;
    /** How many of the others' messages of a thread have been seen. */
    private readonly read = new Map<string, number>();

    constructor(private readonly chat: Store<Chat>) {}

    static readonly empty = EMPTY;

    begin(options: ChatModelOptions): ChatRoom {
        this.read.clear();
        this.room = new ChatRoom({ ...options, changed: () => this.show() });
        this.show();
        return this.room;
    }

    /** Nothing of it is left. */
    end(): void {
        this.read.clear();
        this.room = null;
        this.show();
    }

    say(thread: Thread, text: string): 'empty' | 'too-long' | 'gone' | null {
        return this.room?.say(thread, text) ?? (this.room === null ? 'gone' : null);
    }

    markRead(thread: Thread): void {
        const conversation =
            thread === 'group'
                ? this.chat.getSnapshot().group
                : this.chat.getSnapshot().private.find((c) => keyOf(c.thread) === keyOf(thread));
        if (conversation !== undefined && conversation.unread > 0) {
            this.read.set(keyOf(thread), received(conversation.entries));
            this.show();
        }
    }

    private show(): void {
        const threads = new Map<string, ChatEntry[]>([['group', []]]);
        for (const entry of this.room?.entries() ?? []) {
            const key = keyOf(entry.thread);
            const entries = threads.get(key);
            if (entries === undefined) {
                threads.set(key, [entry]);
            } else {
                entries.push(entry);
            }
        }
        const conversations = [...threads].map(([key, entries]): Conversation => {
            const unread = Math.max(0, received(entries) - (this.read.get(key) ?? 0));
            return { thread: key === 'group' ? 'group' : { peer: key }, entries, unread };
        });
        const [group = EMPTY.group, ...others] = conversations;
        this.chat.set({
            group,
            private: others,
            unread: conversations.reduce((sum, { unread }) => sum + unread, 0),
        });
    }
}

function received(entries: readonly ChatEntry[]): number {
    return entries.filter((entry) => entry.from !== null).length;
}
