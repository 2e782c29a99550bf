// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { ChatRoom } from './chat';
import type { ChatEntry, Thread } from './chat-types';

interface Frame {
    readonly from: string;
    readonly to: string;
    readonly text: string;
}

/** Rooms of several people, joined by channels that the test opens, breaks and empties. */
class Table {
    readonly rooms = new Map<string, ChatRoom>();
    readonly received = new Map<string, ChatEntry[]>();
    readonly broken = new Set<string>();
    now_ms = 1000;
    private frames: Frame[] = [];

    constructor(...names: string[]) {
        for (const name of names) {
            this.seat(name);
        }
    }

    seat(name: string): void {
        const got: ChatEntry[] = [];
        const send = (to: string, text: string): boolean => {
            if (this.broken.has(name) || this.broken.has(to)) {
                return false;
            }
            this.frames.push({ from: name, to, text });
            return true;
        };
        const room = new ChatRoom({
            me: name,
            wire: {
                send,
                sendAll: (text) => {
                    for (const to of this.rooms.keys()) {
                        if (to !== name) {
                            send(to, text);
                        }
                    }
                },
            },
            now: () => this.now_ms,
            changed: () => undefined,
            received: (entry) => got.push(entry),
        });
        for (const [other, theirs] of this.rooms) {
            room.addPeer(other);
            theirs.addPeer(name);
        }
        this.rooms.set(name, room);
        this.received.set(name, got);
    }

    room(name: string): ChatRoom {
        const room = this.rooms.get(name);
        if (room === undefined) {
            throw new Error(`nobody called ${name}`);
        }
        return room;
    }

    say(name: string, text: string, thread: Thread = 'group') {
        return this.room(name).say(thread, text);
    }

    /** Delivers all that is on its way, `first` picking whose frames go first. */
    flow(first?: string): void {
        while (this.frames.length > 0) {
            const at = Math.max(
                0,
                this.frames.findIndex((frame) => frame.from === first),
            );
            const [frame] = this.frames.splice(at, 1);
            if (frame !== undefined) {
                this.rooms.get(frame.to)?.receive(frame.from, frame.text);
            }
        }
    }

    lose(): void {
        this.frames = [];
    }

    texts(name: string): string[] {
        return this.room(name)
            .entries()
            .map((entry) => entry.text);
    }
}

describe('chat', () => {
    it('brings a group message to everyone, and counts who has it', () => {
        const table = new Table('a', 'b', 'c');
        table.say('a', '  hello  ');
        expect(table.room('a').entries()[0]?.delivery).toEqual({ of: 2, to: 0 });
        table.flow();
        expect(table.texts('b')).toEqual(['hello']);
        expect(table.texts('c')).toEqual(['hello']);
        expect(table.room('a').entries()[0]?.delivery).toEqual({ of: 2, to: 2 });
        expect(table.room('b').entries()[0]).toMatchObject({ from: 'a', thread: 'group' });
    });

    it('brings a private message to one only', () => {
        const table = new Table('a', 'b', 'c');
        table.say('a', 'psst', { peer: 'b' });
        table.flow();
        expect(table.room('b').entries()[0]).toMatchObject({ text: 'psst', thread: { peer: 'a' } });
        expect(table.texts('c')).toEqual([]);
    });

    it('shows everyone the same order, whatever arrives first', () => {
        const table = new Table('a', 'b', 'c');
        table.say('a', 'one');
        table.flow();
        table.say('a', 'two');
        table.say('b', 'three');
        table.flow('b');
        table.say('c', 'four');
        table.flow();
        expect(table.texts('b')).toEqual(table.texts('a'));
        expect(table.texts('c')).toEqual(table.texts('a'));
        expect(table.texts('a')[0]).toBe('one');
        expect(table.texts('a')[3]).toBe('four');
    });

    it('says again what was lost with a connection, and shows it once', () => {
        const table = new Table('a', 'b');
        table.say('a', 'lost');
        table.lose();
        table.broken.add('b');
        table.say('a', 'unsent');
        table.broken.clear();
        table.room('a').opened('b');
        table.room('a').opened('b');
        table.flow();
        expect(table.texts('b')).toEqual(['lost', 'unsent']);
        expect(table.received.get('b')).toHaveLength(2);
        expect(
            table
                .room('a')
                .entries()
                .map((entry) => entry.delivery?.to),
        ).toEqual([1, 1]);
    });

    it('does not tell a late joiner what was said before', () => {
        const table = new Table('a', 'b');
        table.say('a', 'early');
        table.flow();
        table.seat('c');
        table.room('a').opened('c');
        table.say('a', 'late');
        table.flow();
        expect(table.texts('c')).toEqual(['late']);
    });

    it('says why it does not send', () => {
        const table = new Table('a', 'b');
        expect(table.say('a', ' \n ')).toBe('empty');
        expect(table.say('a', 'x'.repeat(4001))).toBe('too-long');
        expect(table.say('a', 'x', { peer: 'z' })).toBe('gone');
        table.room('a').removePeer('b');
        expect(table.say('a', 'x', { peer: 'b' })).toBe('gone');
    });

    it.each([
        '',
        '[]',
        'null',
        '{"t":"say"}',
        '{"t":"say","id":"0011223344556677","scope":"group","n":1}',
        '{"t":"say","id":"0011223344556677","scope":"all","n":1,"text":"x"}',
        '{"t":"say","id":"../../../../../..","scope":"group","n":1,"text":"x"}',
        '{"t":"say","id":"0011223344556677","scope":"group","n":-1,"text":"x"}',
        '{"t":"say","id":"0011223344556677","scope":"group","n":9007199254740991,"text":"x"}',
        '{"t":"say","id":"0011223344556677","scope":"group","n":1,"text":"  "}',
        '{"t":"say","id":"0011223344556677","scope":"group","n":1,"text":7}',
        JSON.stringify({
            t: 'say',
            id: '0011223344556677',
            scope: 'group',
            n: 1,
            text: 'x'.repeat(4001),
        }),
        JSON.stringify({ t: 'say', id: '0011223344556677', pad: 'x'.repeat(100_000) }),
    ])('passes over %.60s', (frame) => {
        const table = new Table('a', 'b');
        table.room('a').receive('b', frame);
        expect(table.texts('a')).toEqual([]);
    });

    it('listens to nobody who is not in the meeting', () => {
        const table = new Table('a', 'b');
        table
            .room('a')
            .receive('z', '{"t":"say","id":"0011223344556677","scope":"group","n":1,"text":"x"}');
        expect(table.texts('a')).toEqual([]);
    });

    it('bounds what one peer may send', () => {
        const table = new Table('a', 'b');
        const flood = (count: number, from: number): void => {
            for (let i = 0; i < count; i++) {
                const id = (from + i).toString(16).padStart(16, '0');
                table
                    .room('a')
                    .receive(
                        'b',
                        JSON.stringify({ t: 'say', id, scope: 'group', n: 1, text: 'spam' }),
                    );
            }
        };
        flood(1000, 0);
        expect(table.texts('a').length).toBeLessThanOrEqual(40);
        for (let second = 1; second <= 2000; second++) {
            table.now_ms += 1000;
            flood(5, second * 1000);
        }
        expect(table.texts('a')).toHaveLength(2000);
    });

    it('takes a tick only from someone the message was for, and once', () => {
        const table = new Table('a', 'b', 'c');
        table.say('a', 'psst', { peer: 'b' });
        const id = table.room('a').entries()[0]?.id ?? '';
        table.room('a').receive('c', JSON.stringify({ t: 'got', id }));
        expect(table.room('a').entries()[0]?.delivery?.to).toBe(0);
        table.room('a').receive('b', JSON.stringify({ t: 'got', id }));
        table.room('a').receive('b', JSON.stringify({ t: 'got', id }));
        expect(table.room('a').entries()[0]?.delivery?.to).toBe(1);
    });
});
