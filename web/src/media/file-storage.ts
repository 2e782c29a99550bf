// SPDX-License-Identifier: Apache-2.0

// Where received files are kept until the person saves them: in the page's private file system, written by a worker; in
// memory where there is none (a private window of Firefox). Nothing outlives the page: what a page that crashed left behind
// is removed by the next.

import { hashBlob } from './file-hash';
import type { FileSink } from './file-types';
import type { WorkerAnswer, WorkerRequest } from './file-worker-types';
import { MemorySink, MOST_IN_MEMORY_BYTES } from './memory-sink';
import { newId } from './wire';

const PREFIX = 'incoming-';

interface Waiting {
    resolve(result: string): void;
    reject(error: Error): void;
}

class FileWorker {
    private readonly worker = new Worker(new URL('./file-worker.ts', import.meta.url), {
        type: 'module',
    });
    private waiting: Waiting[] = [];

    constructor() {
        this.worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
            const next = this.waiting.shift();
            if (data.ok) {
                next?.resolve(data.result);
            } else {
                next?.reject(new Error('the worker could not'));
            }
        };
        this.worker.onerror = () => this.end();
    }

    ask(request: WorkerRequest, transfer: Transferable[] = []): Promise<string> {
        return new Promise((resolve, reject) => {
            this.waiting.push({ resolve, reject });
            this.worker.postMessage(request, transfer);
        });
    }

    end(): void {
        this.worker.terminate();
        for (const { reject } of this.waiting.splice(0)) {
            reject(new Error('the worker was ended'));
        }
    }
}

class PrivateFileSink implements FileSink {
    constructor(
        private readonly worker: FileWorker,
        private readonly folder: FileSystemDirectoryHandle,
        private readonly name: string,
    ) {}

    async write(chunk: ArrayBuffer): Promise<void> {
        await this.worker.ask({ kind: 'write', chunk }, [chunk]);
    }

    async finish(): Promise<{ readonly sha256: string; readonly file: Blob }> {
        const sha256 = await this.worker.ask({ kind: 'finish' });
        this.worker.end();
        const handle = await this.folder.getFileHandle(this.name);
        return { sha256, file: await handle.getFile() };
    }

    discard(): void {
        this.worker.end();
        this.folder.removeEntry(this.name).catch(() => undefined);
    }
}

export class FileStorage {
    /** Null: no private file system here. */
    private readonly folder: Promise<FileSystemDirectoryHandle | null>;
    private readonly directory = `${PREFIX}${newId()}`;
    private release: () => void = () => undefined;

    constructor() {
        this.folder = this.prepare();
    }

    async openSink(size: number): Promise<FileSink> {
        const folder = await this.folder;
        if (folder !== null) {
            const worker = new FileWorker();
            const name = newId();
            try {
                await worker.ask({ kind: 'open', directory: this.directory, name });
                return new PrivateFileSink(worker, folder, name);
            } catch {
                worker.end();
            }
        }
        if (size > MOST_IN_MEMORY_BYTES) {
            throw new Error('too big to be kept in memory');
        }
        return new MemorySink();
    }

    async hash(file: Blob): Promise<string> {
        const worker = new FileWorker();
        try {
            return await worker.ask({ kind: 'hash', file });
        } catch {
            return hashBlob(file);
        } finally {
            worker.end();
        }
    }

    /** Removes everything. */
    close(): void {
        void this.folder.then(async (folder) => {
            if (folder !== null) {
                const root = await navigator.storage.getDirectory();
                await root.removeEntry(this.directory, { recursive: true }).catch(() => undefined);
            }
            this.release();
        });
    }

    private async prepare(): Promise<FileSystemDirectoryHandle | null> {
        try {
            const root = await navigator.storage.getDirectory();
            await this.hold();
            await removeLeftovers(root);
            return await root.getDirectoryHandle(this.directory, { create: true });
        } catch {
            return null;
        }
    }

    /** A lock says that the folder is in use, for as long as this page lives. */
    private hold(): Promise<void> {
        return new Promise((held, failed) => {
            navigator.locks
                .request(this.directory, () => {
                    held();
                    return new Promise<void>((release) => {
                        this.release = release;
                    });
                })
                .catch(failed);
        });
    }
}

async function removeLeftovers(root: FileSystemDirectoryHandle): Promise<void> {
    const names: string[] = [];
    // The DOM library doesn't type the asynchronous iteration of directories.
    for await (const name of (root as unknown as { keys(): AsyncIterable<string> }).keys()) {
        if (name.startsWith(PREFIX)) {
            names.push(name);
        }
    }
    for (const name of names) {
        await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
            if (lock !== null) {
                await root.removeEntry(name, { recursive: true }).catch(() => undefined);
            }
        });
    }
}

/** Hands a file to the browser as a download: it is never opened in this page. */
export function saveAs(file: Blob, name: string): void {
    // Without a type that the browser might want to show.
    const url = URL.createObjectURL(file.slice(0, file.size, 'application/octet-stream'));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
