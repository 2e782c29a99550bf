// SPDX-License-Identifier: Apache-2.0

import type { PeerId } from './types';

/** The group's thread, or the private one with a peer. */
export type Thread = 'group' | { readonly peer: PeerId };

/** Longest text of one message, in UTF-16 units. */
export const MAX_CHAT_LENGTH = 4000;

export interface ChatEntry {
    readonly id: string;
    readonly thread: Thread;
    /** Null: written here. */
    readonly from: PeerId | null;
    readonly text: string;
    readonly at_ms: number;
    /** Of our own messages: how many of those it was for have it. */
    readonly delivery: { readonly of: number; readonly to: number } | null;
}
