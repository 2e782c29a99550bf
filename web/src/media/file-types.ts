// SPDX-License-Identifier: Apache-2.0

import type { PeerId } from './types';

/** Largest file that may be offered. */
export const MAX_FILE_BYTES = 4 * 1024 ** 3;

export type TransferFailure = 'hash' | 'storage' | 'peer-left' | 'unreadable';

export type TransferState =
    /** Sent: waiting for an answer. Received: waiting for ours. */
    | { readonly kind: 'offered' }
    | { readonly kind: 'running' }
    | { readonly kind: 'paused'; readonly by: 'us' | 'them' }
    /** The connection is gone; goes on by itself when it is back. */
    | { readonly kind: 'interrupted' }
    /** All bytes are over; their hash is being compared. */
    | { readonly kind: 'checking' }
    | { readonly kind: 'done'; readonly sha256: string }
    | { readonly kind: 'declined' }
    | { readonly kind: 'cancelled'; readonly by: 'us' | 'them' }
    | { readonly kind: 'failed'; readonly reason: TransferFailure };

export function isFinal(state: TransferState): boolean {
    return (
        state.kind === 'done' ||
        state.kind === 'declined' ||
        state.kind === 'cancelled' ||
        state.kind === 'failed'
    );
}

/** One file on its way to or from one peer. */
export interface Transfer {
    /** Unique here. */
    readonly id: string;
    /** The same for all receivers of one offer. */
    readonly offer: string;
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

export type FileScope = Transfer['scope'];

/** Where the bytes of a received file go. Writes are done in the order in which they were asked for. */
export interface FileSink {
    write(chunk: ArrayBuffer): Promise<void>;
    /** The whole file, and the SHA-256 of what was written, in hexadecimal. */
    finish(): Promise<{ readonly sha256: string; readonly file: Blob }>;
    discard(): void;
}

/** What the exchange of files needs from the world. */
export interface FileEnvironment {
    /** False when the channel isn't open or is full. */
    send(peer: PeerId, data: string | ArrayBuffer): boolean;
    buffered(peer: PeerId): number;
    openSink(size: number): Promise<FileSink>;
    /** SHA-256 in hexadecimal. */
    hash(file: Blob): Promise<string>;
    /** Milliseconds since 1970. */
    now(): number;
    changed(): void;
    offered(transfer: Transfer): void;
}
