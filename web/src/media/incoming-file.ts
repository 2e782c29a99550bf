// SPDX-License-Identifier: Apache-2.0

// One file on its way to us.

import { safeFileName } from './file-name';
import {
    isFinal,
    type FileEnvironment,
    type FileSink,
    type Transfer,
    type TransferFailure,
    type TransferState,
} from './file-types';
import { ACK_EVERY_BYTES, type Chunk, type FileMessage } from './file-wire';
import { Speedometer } from './speedometer';
import type { PeerId } from './types';

export type FileOffer = Extract<FileMessage, { readonly t: 'offer' }>;

export class IncomingFile {
    private state: TransferState = { kind: 'offered' };
    /** Taken in the right order and handed to the sink. */
    private taken = 0;
    /** Written by the sink. */
    private written = 0;
    private acknowledged = 0;
    private sink: Promise<FileSink> | null = null;
    private saved: Blob | null = null;
    private paused = false;
    /** The connection broke, and the sender hasn't named this file since. */
    private unnamed = false;
    private readonly speed = new Speedometer();
    private readonly name: string;
    private readonly at_ms: number;

    constructor(
        readonly peer: PeerId,
        private readonly offered: FileOffer,
        private readonly environment: FileEnvironment,
    ) {
        this.name = safeFileName(offered.name);
        this.at_ms = environment.now();
    }

    get offer(): string {
        return this.offered.id;
    }

    get number(): number {
        return this.offered.n;
    }

    /** The whole file, once it is done. */
    get file(): Blob | null {
        return this.saved;
    }

    get isFinal(): boolean {
        return isFinal(this.state);
    }

    snapshot(): Transfer {
        const { id, size, type, scope } = this.offered;
        return {
            id: `${id} ${this.peer}`,
            offer: id,
            peer: this.peer,
            direction: 'receiving',
            name: this.name,
            size,
            media_type: type,
            scope,
            bytes: this.written,
            bytes_per_s: this.state.kind === 'running' ? this.speed.bytes_per_s : 0,
            state: this.state,
            at_ms: this.at_ms,
        };
    }

    /** The sender said the same offer again, after a reconnection. */
    offeredAgain(): void {
        this.unnamed = false;
        switch (this.state.kind) {
            case 'offered':
            case 'checking':
                return;
            case 'done':
                this.say({ t: 'accept', id: this.offer, offset: this.offered.size });
                this.say({ t: 'result', id: this.offer, ok: true });
                return;
            case 'declined':
                this.say({ t: 'decline', id: this.offer });
                return;
            case 'cancelled':
            case 'failed':
                this.say({ t: 'cancel', id: this.offer });
                return;
            default:
                if (this.paused) {
                    this.say({ t: 'pause', id: this.offer });
                } else {
                    this.ask();
                }
        }
    }

    accept(): void {
        if (this.state.kind === 'offered') {
            this.sink = this.environment.openSink(this.offered.size);
            this.sink.catch(() => this.fail('storage'));
            this.ask();
        }
    }

    decline(): void {
        if (this.state.kind === 'offered') {
            this.say({ t: 'decline', id: this.offer });
            this.setState({ kind: 'declined' });
        }
    }

    pause(): void {
        if (this.state.kind === 'running') {
            this.paused = true;
            this.say({ t: 'pause', id: this.offer });
            this.setState({ kind: 'paused', by: 'us' });
        }
    }

    resume(): void {
        this.paused = false;
        if (this.state.kind === 'paused') {
            this.ask();
        }
    }

    cancel(): void {
        if (!isFinal(this.state)) {
            this.say({ t: 'cancel', id: this.offer });
            this.end({ kind: 'cancelled', by: 'us' });
        }
    }

    cancelledByThem(): void {
        if (!isFinal(this.state)) {
            this.end({ kind: 'cancelled', by: 'them' });
        }
    }

    closed(): void {
        this.unnamed = true;
        if (this.state.kind === 'running' || this.state.kind === 'paused') {
            this.setState({ kind: 'interrupted' });
        }
    }

    /** The sender has named all it still has. */
    allNamed(): void {
        if (this.unnamed && this.state.kind !== 'checking') {
            this.peerLeft();
        }
    }

    peerLeft(): void {
        if (!isFinal(this.state)) {
            this.end({ kind: 'failed', reason: 'peer-left' });
        }
    }

    take(chunk: Chunk): void {
        // After a pause or a reconnection some may still come that were on their way.
        if (this.state.kind !== 'running' || this.sink === null || chunk.offset !== this.taken) {
            return;
        }
        const size = chunk.bytes.byteLength;
        if (this.taken + size > this.offered.size) {
            this.fail('hash');
            return;
        }
        this.taken += size;
        this.sink
            .then((sink) => sink.write(chunk.bytes))
            .then(
                () => this.wrote(size),
                () => this.fail('storage'),
            );
    }

    /** All was sent; `sha256` is what it should come to. */
    finish(sha256: string): void {
        // Unless all is there this is an end from before a pause, and the rest is sent again.
        const whole = this.taken === this.offered.size;
        if (this.state.kind !== 'running' || this.sink === null || !whole) {
            return;
        }
        this.setState({ kind: 'checking' });
        this.sink
            .then((sink) => sink.finish())
            .then(
                (result) => {
                    if (result.sha256 !== sha256) {
                        this.say({ t: 'result', id: this.offer, ok: false });
                        this.end({ kind: 'failed', reason: 'hash' });
                        return;
                    }
                    this.saved = result.file;
                    this.say({ t: 'result', id: this.offer, ok: true });
                    this.setState({ kind: 'done', sha256 });
                },
                () => this.fail('storage'),
            );
    }

    /** Forgets the bytes, of a finished file too. */
    discard(): void {
        this.saved = null;
        this.sink?.then(
            (sink) => sink.discard(),
            () => undefined,
        );
        this.sink = null;
    }

    private ask(): void {
        this.acknowledged = this.taken;
        this.say({ t: 'accept', id: this.offer, offset: this.taken });
        this.setState({ kind: 'running' });
    }

    private wrote(size: number): void {
        this.written += size;
        this.speed.add(size, this.environment.now());
        this.environment.changed();
        if (this.state.kind === 'running' && this.written - this.acknowledged >= ACK_EVERY_BYTES) {
            this.acknowledged = this.written;
            this.say({ t: 'ack', id: this.offer, offset: this.written });
        }
    }

    private fail(reason: TransferFailure): void {
        if (!isFinal(this.state)) {
            this.say({ t: 'cancel', id: this.offer });
            this.end({ kind: 'failed', reason });
        }
    }

    private end(state: TransferState): void {
        this.setState(state);
        this.discard();
    }

    private say(message: FileMessage): void {
        this.environment.send(this.peer, JSON.stringify(message));
    }

    private setState(state: TransferState): void {
        this.state = state;
        if (state.kind !== 'running') {
            this.speed.stop();
        }
        this.environment.changed();
    }
}
