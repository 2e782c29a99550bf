// SPDX-License-Identifier: Apache-2.0

// The worker that writes received files to the page's private file system and hashes files, so that the page stays smooth.
// One worker serves one file: it is told once what to do, and ended afterwards.

import { hashBlob, RunningHash } from './file-hash';
import type { WorkerAnswer, WorkerRequest } from './file-worker-types';

/** As much of a FileSystemSyncAccessHandle as is used; the DOM library types it for workers only. */
interface SyncHandle {
    write(bytes: ArrayBuffer, options: { readonly at: number }): number;
    flush(): void;
    close(): void;
}

interface Scope {
    onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
    postMessage(answer: WorkerAnswer): void;
}

const scope = globalThis as unknown as Scope;

interface Open {
    readonly handle: SyncHandle;
    readonly hash: RunningHash;
    size: number;
}

let open: Open | null = null;

async function openFile(directory: string, name: string): Promise<void> {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(directory, { create: true });
    const file = await folder.getFileHandle(name, { create: true });
    const opener = file as unknown as { createSyncAccessHandle(): Promise<SyncHandle> };
    open = { handle: await opener.createSyncAccessHandle(), hash: new RunningHash(), size: 0 };
}

function write(chunk: ArrayBuffer): void {
    if (open === null) {
        throw new Error('not open');
    }
    const written = open.handle.write(chunk, { at: open.size });
    if (written !== chunk.byteLength) {
        throw new Error('the disk is full');
    }
    open.hash.add(new Uint8Array(chunk));
    open.size += written;
}

function finish(): string {
    if (open === null) {
        throw new Error('not open');
    }
    open.handle.flush();
    open.handle.close();
    const sha256 = open.hash.end();
    open = null;
    return sha256;
}

async function serve(request: WorkerRequest): Promise<string> {
    switch (request.kind) {
        case 'open':
            await openFile(request.directory, request.name);
            return '';
        case 'write':
            write(request.chunk);
            return '';
        case 'finish':
            return finish();
        case 'hash':
            return hashBlob(request.file);
    }
}

// One after the other: a write that comes while the file is being opened waits for it.
let queue: Promise<void> = Promise.resolve();
scope.onmessage = ({ data }) => {
    queue = queue.then(async () => {
        try {
            scope.postMessage({ ok: true, result: await serve(data) });
        } catch {
            scope.postMessage({ ok: false });
        }
    });
};
