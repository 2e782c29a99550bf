// SPDX-License-Identifier: Apache-2.0

import { RunningHash } from './file-hash';
import type { FileSink } from './file-types';

/** More than this is not kept in memory. */
export const MOST_IN_MEMORY_BYTES = 256 * 1024 * 1024;

/** Keeps a file in memory, where there is no private file system to keep it in. */
export class MemorySink implements FileSink {
    private chunks: ArrayBuffer[] = [];
    private readonly hash = new RunningHash();

    write(chunk: ArrayBuffer): Promise<void> {
        this.hash.add(new Uint8Array(chunk));
        this.chunks.push(chunk);
        return Promise.resolve();
    }

    finish(): Promise<{ readonly sha256: string; readonly file: Blob }> {
        const file = new Blob(this.chunks, { type: 'application/octet-stream' });
        this.chunks = [];
        return Promise.resolve({ sha256: this.hash.end(), file });
    }

    discard(): void {
        this.chunks = [];
    }
}
