// SPDX-License-Identifier: Apache-2.0

// All files on their way, to and from everybody, browser to browser. See file-wire.ts for what is said.

import { safeFileName } from './file-name';
import {
    isFinal,
    MAX_FILE_BYTES,
    type FileEnvironment,
    type FileScope,
    type Transfer,
} from './file-types';
import { parseFileMessage, unpackChunk, type FileMessage } from './file-wire';
import { IncomingFile, type FileOffer } from './incoming-file';
import { OutgoingFile } from './outgoing-file';
import type { PeerId } from './types';
import { newId } from './wire';

/** Offers of one peer that are neither answered nor finished. */
const MOST_OPEN_OFFERS = 20;
/** Offers of one peer remembered in all. */
const MOST_OFFERS = 500;

export type OfferRefusal = 'too-big' | 'empty' | 'nobody';

export class FileExchange {
    private outgoing: OutgoingFile[] = [];
    private incoming: IncomingFile[] = [];
    private readonly open = new Set<PeerId>();
    private number = 0;

    constructor(private readonly environment: FileEnvironment) {}

    /** Oldest first. */
    transfers(): readonly Transfer[] {
        return [...this.outgoing, ...this.incoming]
            .map((file) => file.snapshot())
            .sort((a, b) => a.at_ms - b.at_ms);
    }

    /** Offers `file` to each of `peers`; every one of them answers for itself. */
    offer(file: File, peers: readonly PeerId[], scope: FileScope): OfferRefusal | null {
        if (file.size > MAX_FILE_BYTES) {
            return 'too-big';
        }
        if (file.size === 0) {
            return 'empty';
        }
        if (peers.length === 0) {
            return 'nobody';
        }
        const offer = newId();
        const n = ++this.number;
        const name = safeFileName(file.name);
        let hash: Promise<string> | null = null;
        const sha256 = (): Promise<string> => (hash ??= this.environment.hash(file));
        for (const peer of peers) {
            const options = { offer, n, peer, file, name, scope, sha256 };
            const outgoing = new OutgoingFile(options, this.environment);
            this.outgoing.push(outgoing);
            if (this.open.has(peer)) {
                outgoing.opened();
            }
        }
        this.environment.changed();
        return null;
    }

    opened(peer: PeerId): void {
        this.open.add(peer);
        for (const file of this.outgoing) {
            if (file.peer === peer) {
                file.opened();
            }
        }
        this.say(peer, { t: 'ready' });
    }

    closed(peer: PeerId): void {
        this.open.delete(peer);
        for (const file of [...this.outgoing, ...this.incoming]) {
            if (file.peer === peer) {
                file.closed();
            }
        }
    }

    drained(peer: PeerId): void {
        for (const file of this.outgoing) {
            if (file.peer === peer) {
                file.drained();
            }
        }
    }

    /** Somebody left for good. */
    removePeer(peer: PeerId): void {
        this.open.delete(peer);
        for (const file of [...this.outgoing, ...this.incoming]) {
            if (file.peer === peer) {
                file.peerLeft();
            }
        }
    }

    receive(peer: PeerId, data: string | ArrayBuffer): void {
        if (typeof data !== 'string') {
            const chunk = unpackChunk(data);
            if (chunk !== null) {
                this.incoming
                    .find((file) => file.peer === peer && file.number === chunk.n && !file.isFinal)
                    ?.take(chunk);
            }
            return;
        }
        const message = parseFileMessage(data);
        if (message !== null) {
            this.receiveMessage(peer, message);
        }
    }

    accept(id: string): void {
        this.find(this.incoming, id)?.accept();
    }

    decline(id: string): void {
        this.find(this.incoming, id)?.decline();
    }

    pause(id: string): void {
        (this.find(this.incoming, id) ?? this.find(this.outgoing, id))?.pause();
    }

    resume(id: string): void {
        (this.find(this.incoming, id) ?? this.find(this.outgoing, id))?.resume();
    }

    cancel(id: string): void {
        (this.find(this.incoming, id) ?? this.find(this.outgoing, id))?.cancel();
    }

    /** The bytes of a received file, with the name to save it under. */
    received(id: string): { readonly name: string; readonly file: Blob } | null {
        const incoming = this.find(this.incoming, id);
        const file = incoming?.file ?? null;
        return incoming === undefined || file === null
            ? null
            : { name: incoming.snapshot().name, file };
    }

    /** Ends everything and forgets all bytes. */
    close(): void {
        for (const file of this.outgoing) {
            file.cancel();
        }
        for (const file of this.incoming) {
            file.cancel();
            file.discard();
        }
        this.outgoing = [];
        this.incoming = [];
    }

    private find<T extends OutgoingFile | IncomingFile>(
        files: readonly T[],
        id: string,
    ): T | undefined {
        return files.find((file) => file.snapshot().id === id);
    }

    private say(peer: PeerId, message: FileMessage): void {
        this.environment.send(peer, JSON.stringify(message));
    }

    private receiveMessage(peer: PeerId, message: FileMessage): void {
        if (message.t === 'ready') {
            for (const file of this.incoming) {
                if (file.peer === peer) {
                    file.allNamed();
                }
            }
            return;
        }
        const incoming = this.incoming.find(
            (file) => file.peer === peer && file.offer === message.id,
        );
        switch (message.t) {
            case 'offer':
                if (incoming === undefined) {
                    this.offered(peer, message);
                } else {
                    incoming.offeredAgain();
                }
                return;
            case 'end':
                incoming?.finish(message.sha256);
                return;
            case 'cancel':
                if (incoming !== undefined) {
                    incoming.cancelledByThem();
                    return;
                }
        }
        this.outgoing
            .find((file) => file.peer === peer && file.offer === message.id)
            ?.receive(message);
    }

    private offered(peer: PeerId, offer: FileOffer): void {
        const before = this.incoming.filter((file) => file.peer === peer);
        const waiting = before.filter((file) => !isFinal(file.snapshot().state));
        const clash = waiting.some((file) => file.number === offer.n);
        if (
            offer.size === 0 ||
            clash ||
            before.length >= MOST_OFFERS ||
            waiting.length >= MOST_OPEN_OFFERS
        ) {
            this.say(peer, { t: 'decline', id: offer.id });
            return;
        }
        const incoming = new IncomingFile(peer, offer, this.environment);
        this.incoming.push(incoming);
        this.environment.changed();
        this.environment.offered(incoming.snapshot());
    }
}
