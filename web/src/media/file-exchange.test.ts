// SPDX-License-Identifier: Apache-2.0

// @vitest-environment node

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FileExchange } from './file-exchange';
import { hashBlob } from './file-hash';
import type { FileSink, Transfer } from './file-types';
import { packChunk } from './file-wire';
import { MemorySink } from './memory-sink';

const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

/** Pieces of files that are being read at this moment. */
let reading = 0;

function countReads(blob: Blob): Blob {
    const read = blob.arrayBuffer.bind(blob);
    blob.arrayBuffer = async () => {
        reading += 1;
        try {
            return await read();
        } finally {
            reading -= 1;
        }
    };
    return blob;
}

/** A deterministic file of some size. */
function makeFile(size: number, name = 'data.bin'): File {
    const bytes = new Uint8Array(size);
    let x = 12345;
    for (let i = 0; i < size; i++) {
        x = (x * 1103515245 + 12345) & 0x7fffffff;
        bytes[i] = x >> 16;
    }
    const file = new File([bytes], name, { type: 'application/x-test' });
    const slice = file.slice.bind(file);
    file.slice = (...range) => countReads(slice(...range));
    return file;
}

async function sha256(file: Blob): Promise<string> {
    return createHash('sha256')
        .update(new Uint8Array(await file.arrayBuffer()))
        .digest('hex');
}

type Data = string | ArrayBuffer;

/** Some people and their channels, which the test breaks and heals; frames flow when `run` is awaited. */
class Table {
    readonly people = new Map<string, FileExchange>();
    readonly offers: Transfer[] = [];
    /** May change a frame on its way, or swallow it. */
    tamper: (from: string, to: string, data: Data) => Data | null = (_from, _to, data) => data;
    openSink: () => Promise<FileSink> = () => Promise.resolve(new MemorySink());
    hash: (file: Blob) => Promise<string> = hashBlob;
    delivered = 0;
    mostQueued = 0;
    private readonly up = new Set<string>();
    private queues = new Map<string, Data[]>();

    constructor(...names: string[]) {
        for (const name of names) {
            this.seat(name);
        }
    }

    seat(name: string): void {
        const key = (to: string): string => `${name} ${to}`;
        this.people.set(
            name,
            new FileExchange({
                send: (to, data) => {
                    if (!this.up.has(key(to))) {
                        return false;
                    }
                    const queue = this.queues.get(key(to)) ?? [];
                    queue.push(data);
                    this.queues.set(key(to), queue);
                    this.mostQueued = Math.max(this.mostQueued, this.size(queue));
                    return true;
                },
                buffered: (to) => this.size(this.queues.get(key(to)) ?? []),
                openSink: () => this.openSink(),
                hash: (file) => this.hash(file),
                now: () => Date.now(),
                changed: () => undefined,
                offered: (transfer) => this.offers.push(transfer),
            }),
        );
    }

    at(name: string): FileExchange {
        const person = this.people.get(name);
        if (person === undefined) {
            throw new Error(`nobody called ${name}`);
        }
        return person;
    }

    connect(a: string, b: string): void {
        this.up.add(`${a} ${b}`).add(`${b} ${a}`);
        this.at(a).opened(b);
        this.at(b).opened(a);
    }

    /** What was on its way is lost. */
    disconnect(a: string, b: string): void {
        for (const key of [`${a} ${b}`, `${b} ${a}`]) {
            this.up.delete(key);
            this.queues.delete(key);
        }
        this.at(a).closed(b);
        this.at(b).closed(a);
    }

    /** Delivers until nothing moves any more, or `until` says so. */
    async run(until: () => boolean = () => false): Promise<void> {
        for (let idle = 0; idle < 5; idle++) {
            for (const [key, queue] of this.queues) {
                const [from = '', to = ''] = key.split(' ');
                while (queue.length > 0) {
                    const frame = queue.shift();
                    const data = frame === undefined ? null : this.tamper(from, to, frame);
                    if (data !== null) {
                        this.delivered += 1;
                        this.at(to).receive(from, data);
                    }
                    idle = 0;
                    if (until()) {
                        return;
                    }
                }
                this.at(from).drained(to);
            }
            await settle();
            if (reading > 0) {
                idle = 0;
            }
        }
    }

    state(name: string, at = 0): Transfer['state'] | undefined {
        return this.at(name).transfers()[at]?.state;
    }

    id(name: string, at = 0): string {
        return this.at(name).transfers()[at]?.id ?? '';
    }

    private size(queue: readonly Data[]): number {
        return queue.reduce(
            (sum, data) => sum + (typeof data === 'string' ? data.length : data.byteLength),
            0,
        );
    }
}

/** Two people, `a` having offered a file to `b`. */
async function offered(
    file: File,
    ready: (table: Table) => void = () => undefined,
): Promise<Table> {
    const table = new Table('a', 'b');
    ready(table);
    table.connect('a', 'b');
    table.at('a').offer(file, ['b'], 'group');
    await table.run();
    return table;
}

/** The same with the file on its way: a good third of its 3 MB is there. */
async function underWay(): Promise<Table> {
    const table = await offered(makeFile(3_000_000));
    table.at('b').accept(table.id('b'));
    await table.run(() => (table.at('b').transfers()[0]?.bytes ?? 0) > 1_000_000);
    return table;
}

describe('exchange of files', () => {
    it('brings a file over whole, with progress, backpressure and its hash', async () => {
        const table = new Table('a', 'b');
        table.connect('a', 'b');
        // More than the sender may be ahead of the receiver, and no whole number of chunks.
        const file = makeFile(9 * 1024 * 1024 + 17);
        expect(table.at('a').offer(file, ['b'], 'group')).toBeNull();
        await table.run();
        expect(table.state('b')).toEqual({ kind: 'offered' });
        expect(table.offers[0]).toMatchObject({ name: 'data.bin', peer: 'a', size: file.size });
        table.at('b').accept(table.id('b'));
        await table.run();
        const expected = await sha256(file);
        expect(table.state('a')).toEqual({ kind: 'done', sha256: expected });
        expect(table.state('b')).toEqual({ kind: 'done', sha256: expected });
        const received = table.at('b').received(table.id('b'));
        expect(received?.name).toBe('data.bin');
        expect(await sha256(received?.file ?? new Blob())).toBe(expected);
        expect(table.mostQueued).toBeLessThan(1.1 * 1024 * 1024);
    }, 30_000);

    it('sends to several people at once, each for themselves, hashing once', async () => {
        const table = new Table('a', 'b', 'c', 'd');
        let hashed = 0;
        table.hash = (file) => {
            hashed += 1;
            return hashBlob(file);
        };
        for (const other of ['b', 'c', 'd']) {
            table.connect('a', other);
        }
        table.at('a').offer(makeFile(300_000), ['b', 'c', 'd'], 'group');
        await table.run();
        table.at('b').accept(table.id('b'));
        table.at('c').decline(table.id('c'));
        table.at('d').accept(table.id('d'));
        await table.run();
        const kinds = table
            .at('a')
            .transfers()
            .map((transfer) => [transfer.peer, transfer.state.kind]);
        expect(kinds).toEqual([
            ['b', 'done'],
            ['c', 'declined'],
            ['d', 'done'],
        ]);
        expect(hashed).toBe(1);
    });

    it('goes on where it was after a broken connection', async () => {
        const file = makeFile(5_000_000);
        const table = await offered(file);
        table.at('b').accept(table.id('b'));
        for (const stop of [2_000_000, 4_000_000]) {
            await table.run(() => (table.at('b').transfers()[0]?.bytes ?? 0) > stop);
            table.disconnect('a', 'b');
            expect(table.state('a')?.kind).toBe('interrupted');
            expect(table.state('b')?.kind).toBe('interrupted');
            await settle();
            table.connect('a', 'b');
        }
        const before = table.delivered;
        await table.run();
        expect(table.state('a')?.kind).toBe('done');
        expect(table.state('b')).toEqual({ kind: 'done', sha256: await sha256(file) });
        // The last megabyte, not the five.
        expect(table.delivered - before).toBeLessThan(60);
    });

    it('learns that all is well even when the connection broke before the last word', async () => {
        const table = await offered(makeFile(100_000));
        table.tamper = (_from, _to, data) =>
            typeof data === 'string' && data.includes('"result"') ? null : data;
        table.at('b').accept(table.id('b'));
        await table.run();
        expect(table.state('a')?.kind).toBe('checking');
        expect(table.state('b')?.kind).toBe('done');
        table.tamper = (_from, _to, data) => data;
        table.disconnect('a', 'b');
        table.connect('a', 'b');
        await table.run();
        expect(table.state('a')?.kind).toBe('done');
    });

    it.each(['a', 'b'])('pauses and resumes from the side of %s', async (side) => {
        const table = await underWay();
        table.at(side).pause(table.id(side));
        await table.run();
        const halted = table.at('b').transfers()[0]?.bytes ?? 0;
        expect(halted).toBeLessThan(3_000_000);
        expect(table.state(side)).toEqual({ kind: 'paused', by: 'us' });
        table.at(side).resume(table.id(side));
        await table.run();
        expect(table.state('a')?.kind).toBe('done');
        expect(table.state('b')?.kind).toBe('done');
    });

    it('stays paused over a reconnection', async () => {
        const table = await underWay();
        table.at('b').pause(table.id('b'));
        await table.run();
        table.disconnect('a', 'b');
        table.connect('a', 'b');
        await table.run();
        expect(table.state('a')).toEqual({ kind: 'paused', by: 'them' });
    });

    it.each(['a', 'b'])('is cancelled by %s', async (side) => {
        const table = await underWay();
        table.at(side).cancel(table.id(side));
        await table.run();
        expect(table.state(side)).toEqual({ kind: 'cancelled', by: 'us' });
        expect(table.state(side === 'a' ? 'b' : 'a')).toEqual({ kind: 'cancelled', by: 'them' });
        expect(table.at('b').received(table.id('b'))).toBeNull();
    });

    it('finds a changed byte', async () => {
        const table = await offered(makeFile(100_000));
        let chunks = 0;
        table.tamper = (_from, _to, data) => {
            if (typeof data !== 'string' && ++chunks === 2) {
                const changed = data.slice(0);
                new Uint8Array(changed)[50] = 7;
                return changed;
            }
            return data;
        };
        table.at('b').accept(table.id('b'));
        await table.run();
        expect(table.state('a')).toEqual({ kind: 'failed', reason: 'hash' });
        expect(table.state('b')).toEqual({ kind: 'failed', reason: 'hash' });
        expect(table.at('b').received(table.id('b'))).toBeNull();
    });

    it('says when there is no room for the file', async () => {
        const table = await offered(makeFile(100_000), (each) => {
            each.openSink = () => Promise.reject(new Error('full'));
        });
        table.at('b').accept(table.id('b'));
        await table.run();
        expect(table.state('b')).toEqual({ kind: 'failed', reason: 'storage' });
        expect(table.state('a')).toEqual({ kind: 'cancelled', by: 'them' });
    });

    it('ends what a peer who left had begun', async () => {
        const table = await underWay();
        table.at('a').removePeer('b');
        table.at('b').removePeer('a');
        expect(table.state('a')).toEqual({ kind: 'failed', reason: 'peer-left' });
        expect(table.state('b')).toEqual({ kind: 'failed', reason: 'peer-left' });
    });

    it('gives up what a sender lost when its page was loaded anew', async () => {
        const table = await underWay();
        table.disconnect('a', 'b');
        table.seat('a');
        table.connect('a', 'b');
        await table.run();
        expect(table.state('b')).toEqual({ kind: 'failed', reason: 'peer-left' });
    });

    it('refuses what it cannot send', () => {
        const table = new Table('a', 'b');
        const huge = { name: 'x', size: 5 * 1024 ** 3, type: '' } as File;
        expect(table.at('a').offer(huge, ['b'], 'group')).toBe('too-big');
        expect(table.at('a').offer(makeFile(0), ['b'], 'group')).toBe('empty');
        expect(table.at('a').offer(makeFile(1), [], 'group')).toBe('nobody');
    });

    it('offers to somebody whose channel opens later', async () => {
        const table = new Table('a', 'b');
        table.at('a').offer(makeFile(10), ['b'], 'group');
        table.connect('a', 'b');
        await table.run();
        expect(table.state('b')).toEqual({ kind: 'offered' });
    });
});

describe('hostile peers', () => {
    const offer = (over: Record<string, unknown>): string =>
        JSON.stringify({
            t: 'offer',
            id: '00112233445566778899aabb',
            n: 1,
            name: 'x',
            size: 10,
            type: '',
            scope: 'group',
            ...over,
        });

    it.each([
        'x',
        '{}',
        '{"t":"offer"}',
        offer({ size: -1 }),
        offer({ size: 1.5 }),
        offer({ size: 1e13 }),
        offer({ n: -1 }),
        offer({ id: 'x' }),
        offer({ scope: 'world' }),
        offer({ name: 7 }),
        offer({ name: 'x'.repeat(2000) }),
        offer({ size: 0 }),
    ])('get nowhere with %.70s', (frame) => {
        const table = new Table('a', 'b');
        table.at('b').receive('a', frame);
        expect(table.at('b').transfers()).toEqual([]);
    });

    it('cannot choose where a file is saved', () => {
        const table = new Table('a', 'b');
        table.at('b').receive('a', offer({ name: '../../x\u202egnp.exe' }));
        expect(table.at('b').transfers()[0]?.name).toBe('_.._x_gnp.exe');
    });

    it('cannot send more than they offered, nor anything before it was accepted', async () => {
        const table = new Table('a', 'b');
        table.connect('a', 'b');
        table.at('b').receive('a', offer({}));
        table.at('b').receive('a', packChunk(1, 0, new Uint8Array(5)));
        table.at('b').accept(table.id('b'));
        table.at('b').receive('a', packChunk(1, 0, new Uint8Array(5)));
        table.at('b').receive('a', packChunk(1, 99, new Uint8Array(5)));
        table.at('b').receive('a', packChunk(2, 5, new Uint8Array(5)));
        table.at('b').receive('a', new ArrayBuffer(3));
        await settle();
        expect(table.at('b').transfers()[0]?.bytes).toBe(5);
        table.at('b').receive('a', packChunk(1, 5, new Uint8Array(6)));
        await settle();
        expect(table.state('b')).toEqual({ kind: 'failed', reason: 'hash' });
    });

    it('cannot open more than 20 offers at a time', () => {
        const table = new Table('a', 'b');
        for (let n = 0; n < 50; n++) {
            table.at('b').receive('a', offer({ n, id: n.toString(16).padStart(24, '0') }));
        }
        expect(table.at('b').transfers()).toHaveLength(20);
    });
});
