// SPDX-License-Identifier: Apache-2.0

import type { PeerId } from './types';

/** Largest file that may be offered. */
export const MAX_FILE_BYTES = 4 * 1024 ** 3;

export type TransferState =
    /** Sent: waiting for an answer. Received: waiting for ours. */
    | { readonly kind: 'offered' }
    | { readonly kind: 'running' }
    | { readonly kind: 'paused'; readonly by: 'us' | 'them' }
    /** The connection is gone; goes on by itself when it is back. */
    | { readonly kind: 'interrupted' }
    | { readonly kind: 'checking' }
    | { readonly kind: 'done'; readonly sha256: string }
    | { readonly kind: 'declined' }
    | { readonly kind: 'cancelled'; readonly by: 'us' | 'them' }
    | { readonly kind: 'failed'; readonly reason: 'hash' | 'storage' | 'peer-left' | 'unreadable' };

/** One file on its way to or from one peer. */
export interface Transfer {
    readonly id: string;
    readonly peer: PeerId;
    readonly direction: 'sending' | 'receiving';
    /** Safe to show and to save under. */
    readonly name: string;
    readonly size: number;
    readonly media_type: string;
    readonly scope: 'group' | 'private';
    readonly bytes: number;
    readonly bytes_per_s: number;
    readonly state: TransferState;
    readonly at_ms: number;
}
