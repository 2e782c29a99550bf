// SPDX-License-Identifier: Apache-2.0

// One file on its way to one peer.

import {
    isFinal,
    type FileEnvironment,
    type FileScope,
    type Transfer,
    type TransferState,
} from './file-types';
import { CHUNK_BYTES, packChunk, WINDOW_BYTES, type FileMessage } from './file-wire';
import { Speedometer } from './speedometer';
import type { PeerId } from './types';

/** Read from the disk at a time. */
const READ_BYTES = 16 * CHUNK_BYTES;
/** Queued on the channel at most; the rest waits for `drained`. */
const QUEUE_BYTES = 512 * 1024;

export interface OutgoingOptions {
    readonly offer: string;
    readonly n: number;
    readonly peer: PeerId;
    readonly file: File;
    readonly name: string;
    readonly scope: FileScope;
    /** The hash of the whole file; the same promise for all receivers. */
    readonly sha256: () => Promise<string>;
}

export class OutgoingFile {
    private state: TransferState = { kind: 'offered' };
    /** Handed to the channel; starts again from what the receiver has after a reconnection. */
    private sent = 0;
    /** Written by the receiver. */
    private received = 0;
    private pumping = false;
    /** Counts accepts: a read that was begun before the latest is for nothing. */
    private epoch = 0;
    private wanted: 'running' | 'paused' = 'running';
    private readonly speed = new Speedometer();
    private readonly at_ms: number;

    constructor(
        private readonly options: OutgoingOptions,
        private readonly environment: FileEnvironment,
    ) {
        this.at_ms = environment.now();
    }

    get peer(): PeerId {
        return this.options.peer;
    }

    get offer(): string {
        return this.options.offer;
    }

    snapshot(): Transfer {
        const { offer, peer, file, name, scope } = this.options;
        return {
            id: `${offer} ${peer}`,
            offer,
            peer,
            direction: 'sending',
            name,
            size: file.size,
            media_type: file.type,
            scope,
            bytes: this.received,
            bytes_per_s: this.state.kind === 'running' ? this.speed.bytes_per_s : 0,
            state: this.state,
            at_ms: this.at_ms,
        };
    }

    /** The channel is open (again): (re)offers what isn't finished. */
    opened(): void {
        if (isFinal(this.state)) {
            return;
        }
        const { offer, n, file, name, scope } = this.options;
        this.say({ t: 'offer', id: offer, n, name, size: file.size, type: file.type, scope });
    }

    closed(): void {
        if (!isFinal(this.state) && this.state.kind !== 'offered') {
            this.epoch += 1;
            this.setState({ kind: 'interrupted' });
        }
    }

    peerLeft(): void {
        if (!isFinal(this.state)) {
            this.setState({ kind: 'failed', reason: 'peer-left' });
        }
    }

    receive(message: FileMessage): void {
        if (isFinal(this.state)) {
            return;
        }
        switch (message.t) {
            case 'accept':
                this.accepted(message.offset);
                return;
            case 'ack':
                this.progress(message.offset);
                return;
            case 'decline':
                this.setState({ kind: 'declined' });
                return;
            case 'pause':
                this.setState({ kind: 'paused', by: 'them' });
                return;
            case 'cancel':
                this.setState({ kind: 'cancelled', by: 'them' });
                return;
            case 'result':
                this.finished(message.ok);
                return;
            default:
                return;
        }
    }

    /** There is room in the channel again. */
    drained(): void {
        void this.pump();
    }

    pause(): void {
        if (this.state.kind === 'running') {
            this.wanted = 'paused';
            this.setState({ kind: 'paused', by: 'us' });
        }
    }

    resume(): void {
        this.wanted = 'running';
        if (this.state.kind === 'paused' && this.state.by === 'us') {
            this.setState({ kind: 'running' });
            void this.pump();
        }
    }

    cancel(): void {
        if (!isFinal(this.state)) {
            this.say({ t: 'cancel', id: this.options.offer });
            this.setState({ kind: 'cancelled', by: 'us' });
        }
    }

    private accepted(offset: number): void {
        if (offset > this.options.file.size) {
            return;
        }
        this.epoch += 1;
        this.sent = offset;
        this.received = offset;
        this.setState(
            this.wanted === 'paused' ? { kind: 'paused', by: 'us' } : { kind: 'running' },
        );
        void this.pump();
    }

    private progress(offset: number): void {
        if (offset > this.received && offset <= this.sent) {
            this.speed.add(offset - this.received, this.environment.now());
            this.received = offset;
            this.environment.changed();
            void this.pump();
        }
    }

    private finished(ok: boolean): void {
        const { size } = this.options.file;
        if (this.sent < size) {
            return;
        }
        if (!ok) {
            this.setState({ kind: 'failed', reason: 'hash' });
            return;
        }
        this.received = size;
        this.options.sha256().then(
            (sha256) => this.setState({ kind: 'done', sha256 }),
            () => this.setState({ kind: 'failed', reason: 'unreadable' }),
        );
    }

    /** Reads and sends for as long as there is room; one at a time. */
    private async pump(): Promise<void> {
        if (this.pumping) {
            return;
        }
        this.pumping = true;
        try {
            while (this.mayRead()) {
                const { epoch } = this;
                const from = this.sent;
                const until = Math.min(from + READ_BYTES, this.options.file.size);
                const bytes = new Uint8Array(
                    await this.options.file.slice(from, until).arrayBuffer(),
                );
                if (
                    this.state.kind === 'running' &&
                    epoch === this.epoch &&
                    !this.sendChunks(from, bytes)
                ) {
                    return;
                }
            }
            if (this.state.kind === 'running' && this.sent === this.options.file.size) {
                await this.sendEnd();
            }
        } catch {
            // The file was changed, moved or its disk taken away since it was chosen.
            this.say({ t: 'cancel', id: this.options.offer });
            this.setState({ kind: 'failed', reason: 'unreadable' });
        } finally {
            this.pumping = false;
        }
    }

    private mayRead(): boolean {
        return (
            this.state.kind === 'running' &&
            this.sent < this.options.file.size &&
            this.sent - this.received < WINDOW_BYTES &&
            this.environment.buffered(this.options.peer) < QUEUE_BYTES
        );
    }

    /** False when the channel took no more: it is full, or about to be told closed. */
    private sendChunks(from: number, bytes: Uint8Array): boolean {
        for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
            const chunk = bytes.subarray(at, at + CHUNK_BYTES);
            const frame = packChunk(this.options.n, from + at, chunk);
            if (!this.environment.send(this.options.peer, frame)) {
                return false;
            }
            this.sent = from + at + chunk.length;
        }
        return true;
    }

    private async sendEnd(): Promise<void> {
        const { epoch } = this;
        this.setState({ kind: 'checking' });
        const sha256 = await this.options.sha256();
        if (epoch === this.epoch) {
            this.say({ t: 'end', id: this.options.offer, sha256 });
        }
    }

    private say(message: FileMessage): void {
        this.environment.send(this.options.peer, JSON.stringify(message));
    }

    private setState(state: TransferState): void {
        this.state = state;
        if (state.kind !== 'running') {
            this.speed.stop();
        }
        this.environment.changed();
    }
}
