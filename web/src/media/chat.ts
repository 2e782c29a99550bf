// SPDX-License-Identifier: Apache-2.0

// Chat over the chat channels, or past them through the server where the call takes that way. Nothing of it is stored
// anywhere; who comes later sees what is said from then on.
//
//   {"t":"say","id":…,"scope":"group"|"private","n":7,"text":…}     answered by     {"t":"got","id":…}
//
// `n` is a Lamport clock: with it everybody shows a thread in the same order, whatever arrives first. What was not answered
// when a connection broke is said again on the next; an id that is known already is only answered.

import { MAX_CHAT_LENGTH, type ChatEntry, type Thread } from './chat-types';
import { MAX_PASS_BYTES } from './relay-types';
import type { PeerId } from './types';
import { countField, idField, newId, parseFields, stringField } from './wire';

const MOST_FRAME_LENGTH = 8 * MAX_CHAT_LENGTH;
const MOST_ENTRIES = 2000;
/** Messages one peer may send in a burst, and how many a second in the long run. */
const BURST = 40;
const PER_SECOND = 5;
/** A peer's clock may be ahead of ours by this much; a larger jump is mischief. */
const MOST_AHEAD = 1_000_000;

export interface ChatWire {
    /** False when it can't be said now. */
    send(peer: PeerId, text: string): boolean;
    /** To everyone who is here. */
    sendAll(text: string): void;
}

export interface ChatOptions {
    readonly me: PeerId;
    readonly wire: ChatWire;
    /** Milliseconds since 1970. */
    readonly now: () => number;
    readonly changed: () => void;
    readonly received: (entry: ChatEntry) => void;
}

interface Spoken {
    readonly entry: ChatEntry;
    readonly order: number;
    readonly author: PeerId;
    /** Of our own: who doesn't have it yet. */
    readonly missing: Set<PeerId>;
}

interface Allowance {
    tokens: number;
    at_ms: number;
}

function wordsOf({ entry, order }: Spoken): string {
    const scope = entry.thread === 'group' ? 'group' : 'private';
    return JSON.stringify({ t: 'say', id: entry.id, scope, n: order, text: entry.text });
}

/** What is left of a message that the server passes on, in bytes, for the text. */
const MOST_TEXT_BYTES = MAX_PASS_BYTES - 256;

function isTooLong(text: string): boolean {
    return (
        text.length > MAX_CHAT_LENGTH ||
        new TextEncoder().encode(JSON.stringify(text)).length > MOST_TEXT_BYTES
    );
}

export class ChatRoom {
    private spoken: Spoken[] = [];
    private readonly known = new Set<string>();
    private readonly peers = new Set<PeerId>();
    private readonly allowances = new Map<PeerId, Allowance>();
    private clock = 0;

    constructor(private readonly options: ChatOptions) {}

    /** In the order in which everybody shows them. */
    entries(): readonly ChatEntry[] {
        return this.spoken.map(({ entry }) => entry);
    }

    /** Somebody is in the meeting, connected or not yet. */
    addPeer(peer: PeerId): void {
        this.peers.add(peer);
    }

    /** Somebody left for good: what they don't have, they won't get. */
    removePeer(peer: PeerId): void {
        this.peers.delete(peer);
        this.allowances.delete(peer);
        for (const spoken of this.spoken) {
            spoken.missing.delete(peer);
        }
    }

    /** The channel to a peer is open (again). */
    opened(peer: PeerId): void {
        for (const spoken of this.spoken) {
            if (spoken.missing.has(peer)) {
                this.transmit(peer, spoken);
            }
        }
    }

    say(thread: Thread, text: string): 'empty' | 'too-long' | 'gone' | null {
        const trimmed = text.trim();
        if (trimmed === '') {
            return 'empty';
        }
        if (isTooLong(trimmed)) {
            return 'too-long';
        }
        if (thread !== 'group' && !this.peers.has(thread.peer)) {
            return 'gone';
        }
        const to = thread === 'group' ? [...this.peers] : [thread.peer];
        const spoken: Spoken = {
            entry: {
                id: newId(),
                thread,
                from: null,
                text: trimmed,
                at_ms: this.options.now(),
                delivery: { of: to.length, to: 0 },
            },
            order: ++this.clock,
            author: this.options.me,
            missing: new Set(to),
        };
        this.insert(spoken);
        if (thread === 'group') {
            this.options.wire.sendAll(wordsOf(spoken));
        } else {
            this.transmit(thread.peer, spoken);
        }
        this.options.changed();
        return null;
    }

    receive(peer: PeerId, data: string): void {
        const fields = parseFields(data, MOST_FRAME_LENGTH);
        const id = fields === null ? null : idField(fields, 'id');
        if (fields === null || id === null || !this.peers.has(peer)) {
            return;
        }
        if (fields['t'] === 'got') {
            this.delivered(peer, id);
            return;
        }
        const scope = fields['scope'];
        const text = stringField(fields, 'text', MAX_CHAT_LENGTH);
        const order = countField(fields, 'n', this.clock + MOST_AHEAD);
        if (
            fields['t'] !== 'say' ||
            (scope !== 'group' && scope !== 'private') ||
            text === null ||
            text.trim() === '' ||
            order === null ||
            !this.allow(peer)
        ) {
            return;
        }
        this.options.wire.send(peer, JSON.stringify({ t: 'got', id }));
        const key = `${peer} ${id}`;
        if (this.known.has(key)) {
            return;
        }
        this.known.add(key);
        this.clock = Math.max(this.clock, order) + 1;
        const entry: ChatEntry = {
            id,
            thread: scope === 'group' ? 'group' : { peer },
            from: peer,
            text,
            at_ms: this.options.now(),
            delivery: null,
        };
        this.insert({ entry, order, author: peer, missing: new Set() });
        this.options.changed();
        this.options.received(entry);
    }

    private delivered(peer: PeerId, id: string): void {
        this.spoken = this.spoken.map((spoken) => {
            const { entry, missing } = spoken;
            if (entry.id !== id || entry.delivery === null || !missing.delete(peer)) {
                return spoken;
            }
            const { of, to } = entry.delivery;
            return { ...spoken, entry: { ...entry, delivery: { of, to: to + 1 } } };
        });
        this.options.changed();
    }

    private transmit(peer: PeerId, spoken: Spoken): void {
        this.options.wire.send(peer, wordsOf(spoken));
    }

    private insert(spoken: Spoken): void {
        let at = this.spoken.length;
        for (; at > 0; at--) {
            const before = this.spoken[at - 1];
            if (
                before === undefined ||
                before.order < spoken.order ||
                (before.order === spoken.order && before.author < spoken.author)
            ) {
                break;
            }
        }
        this.spoken = [...this.spoken.slice(0, at), spoken, ...this.spoken.slice(at)];
        if (this.spoken.length > MOST_ENTRIES) {
            this.spoken = this.spoken.slice(-MOST_ENTRIES);
        }
        if (this.known.size > 4 * MOST_ENTRIES) {
            this.known.delete(this.known.values().next().value ?? '');
        }
    }

    private allow(peer: PeerId): boolean {
        const now_ms = this.options.now();
        const allowance = this.allowances.get(peer) ?? { tokens: BURST, at_ms: now_ms };
        const earned = (Math.max(0, now_ms - allowance.at_ms) / 1000) * PER_SECOND;
        const tokens = Math.min(BURST, allowance.tokens + earned);
        this.allowances.set(peer, { tokens: Math.max(0, tokens - 1), at_ms: now_ms });
        return tokens >= 1;
    }
}
