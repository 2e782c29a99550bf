// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, it } from 'vitest';
import type { Command, ServerEvent, ServerEventOf, Welcome } from './messages';
import { SignalClient } from './signal-client';
import type { SignalState } from './signal-types';
import { FakeSocket } from './testing/fake-socket';
import { welcome } from './testing/server-words';
import { VirtualClock } from './testing/virtual-clock';

function setUp() {
    FakeSocket.all = [];
    const clock = new VirtualClock();
    const outage = { talking: false };
    const states: SignalState[] = [];
    const events: ServerEvent[] = [];
    const welcomes: Welcome[] = [];
    const refusals: { error: ServerEventOf<'error'>; command: Command | null }[] = [];
    const client = new SignalClient(
        { url: 'wss://host/api/v1/signal', Socket: FakeSocket, clock, random: () => 0.5 },
        {
            state: (state) => states.push(state),
            welcome: (message) => welcomes.push(message),
            event: (event) => events.push(event),
            worthWaiting: () => outage.talking,
            refusedCommand: (error, command) => refusals.push({ error, command }),
        },
    );
    const join = (): FakeSocket => {
        client.enter({ link: 'L', name: 'Ana' });
        const socket = FakeSocket.last();
        socket.open();
        socket.deliver(welcome());
        return socket;
    };
    return { clock, client, states, events, welcomes, refusals, join, outage };
}

let t: ReturnType<typeof setUp>;
beforeEach(() => {
    t = setUp();
});

describe('joining', () => {
    it('says hello with the link once the socket is open, under the right subprotocol', () => {
        t.client.enter({ link: 'L', name: 'Ana', hide_address: true });
        const socket = FakeSocket.last();
        expect(socket.protocol).toBe('conclave.v1');
        expect(socket.sent).toEqual([]);
        socket.open();
        expect(socket.sent).toEqual([
            { type: 'hello', version: 1, link: 'L', name: 'Ana', hide_address: true },
        ]);
        socket.deliver(welcome());
        expect(t.client.state.kind).toBe('joined');
        expect(t.welcomes).toHaveLength(1);
    });

    it('uses a socket that was warmed up, and says nothing on it before', () => {
        t.client.warm();
        const socket = FakeSocket.last();
        socket.open();
        expect(socket.sent).toEqual([]);
        t.client.enter({ link: 'L', name: 'Ana' });
        expect(FakeSocket.all).toHaveLength(1);
        expect(socket.lastSent()).toMatchObject({ type: 'hello', link: 'L' });
    });

    it('opens another socket when the warm one was closed for silence', () => {
        t.client.warm();
        FakeSocket.last().open();
        FakeSocket.last().drop(4408);
        expect(t.client.state.kind).toBe('idle');
        t.client.warm();
        expect(FakeSocket.all).toHaveLength(2);
        FakeSocket.last().open();
        t.client.enter({ link: 'L', name: 'Ana' });
        FakeSocket.last().drop(4408);
        t.clock.advance(0);
        FakeSocket.last().open();
        expect(FakeSocket.last().lastSent()).toMatchObject({ type: 'hello', link: 'L' });
    });

    it('ends with the refusal', () => {
        t.client.enter({ link: 'L', name: 'Ana' });
        FakeSocket.last().open();
        FakeSocket.last().deliver({
            type: 'refused',
            code: 'too-early',
            message: 'Not yet',
            opens_at: '2026-11-22T03:00:00Z',
        });
        FakeSocket.last().drop(4403);
        expect(t.client.state).toMatchObject({
            kind: 'closed',
            end: {
                why: 'refused',
                refused: { code: 'too-early', opens_at: '2026-11-22T03:00:00Z' },
            },
        });
    });

    it('gives up when nobody answers for the length of the window', () => {
        t.client.enter({ link: 'L', name: 'Ana' });
        for (let tries = 0; tries < 200 && t.client.state.kind !== 'closed'; tries++) {
            FakeSocket.last().drop();
            t.clock.advance(5000);
        }
        expect(t.client.state).toEqual({ kind: 'closed', end: { why: 'unreachable' } });
        expect(t.clock.now()).toBeLessThan(45_000);
    });

    it('does not wait for ever for a socket that neither opens nor closes', () => {
        t.client.enter({ link: 'L', name: 'Ana' });
        t.clock.advance(8000);
        expect(FakeSocket.all.length).toBeGreaterThan(1);
    });
});

describe('numbers and acknowledgements', () => {
    it('counts commands from 1 and acknowledges what came', () => {
        const socket = t.join();
        t.client.send({ type: 'hand', raised: true });
        socket.deliver({ type: 'left', seq: 1, id: 'p2', reason: 'left' });
        t.client.send({ type: 'hand', raised: false });
        expect(socket.sent.slice(1)).toEqual([
            { type: 'hand', raised: true, seq: 1, ack: 0 },
            { type: 'hand', raised: false, seq: 2, ack: 1 },
        ]);
    });

    it('acknowledges within 250 ms when it has nothing to say, and only once', () => {
        const socket = t.join();
        socket.deliver({ type: 'left', seq: 1, id: 'p2', reason: 'left' });
        socket.deliver({ type: 'left', seq: 2, id: 'p3', reason: 'left' });
        t.clock.advance(250);
        t.clock.advance(1000);
        expect(socket.sent.slice(1)).toEqual([{ type: 'ack', ack: 2 }]);
    });

    it('passes over duplicates, but acknowledges them again', () => {
        const socket = t.join();
        const left = { type: 'left', seq: 1, id: 'p2', reason: 'left' };
        socket.deliver(left);
        t.clock.advance(250);
        socket.deliver(left);
        t.clock.advance(250);
        expect(t.events).toHaveLength(1);
    });

    it('closes on a gap and resumes from what it has', () => {
        const socket = t.join();
        socket.deliver({ type: 'left', seq: 1, id: 'p2', reason: 'left' });
        socket.deliver({ type: 'left', seq: 3, id: 'p3', reason: 'left' });
        expect(socket.closedWith).toBe(4409);
        expect(t.events).toHaveLength(1);
        t.clock.advance(0);
        FakeSocket.last().open();
        expect(FakeSocket.last().lastSent()).toMatchObject({ resume: 'token-1', ack: 1 });
    });

    it('counts a message it cannot use, and goes on', () => {
        const socket = t.join();
        socket.deliver({ type: 'from-the-future', seq: 1 });
        socket.deliver({ type: 'left', seq: 2, id: 7, reason: 'left' });
        socket.deliver('{"type":');
        socket.deliver({ type: 'left', seq: 3, id: 'p3', reason: 'left' });
        expect(t.events).toEqual([{ type: 'left', seq: 3, id: 'p3', reason: 'left' }]);
        t.clock.advance(250);
        expect(socket.lastSent()).toEqual({ type: 'ack', ack: 3 });
    });

    it('says which command an error is about', () => {
        const socket = t.join();
        t.client.send({ type: 'lock', locked: true });
        socket.deliver({
            type: 'error',
            seq: 1,
            ack: 1,
            in_reply_to: 1,
            code: 'denied',
            message: 'Not yours to lock',
        });
        expect(t.refusals).toMatchObject([
            { error: { code: 'denied' }, command: { type: 'lock', locked: true } },
        ]);
    });
});

describe('coming back', () => {
    it('tries at once, and sends again what was not acknowledged', () => {
        const socket = t.join();
        t.client.send({ type: 'hand', raised: true });
        t.client.send({ type: 'rename', name: 'Bo' });
        socket.deliver({ type: 'ack', ack: 1 });
        socket.drop();
        expect(t.client.state).toMatchObject({ kind: 'reconnecting', attempt: 0 });
        t.client.send({ type: 'hand', raised: false });
        t.clock.advance(0);
        const next = FakeSocket.last();
        expect(next).not.toBe(socket);
        next.open();
        expect(next.lastSent()).toMatchObject({ type: 'hello', resume: 'token-1', ack: 0 });
        expect(next.lastSent()).not.toHaveProperty('link');
        next.deliver(welcome({ mode: 'full', ack: 1, resume: 'token-2', meeting: undefined }));
        expect(next.sent.slice(1)).toMatchObject([
            { type: 'rename', seq: 2 },
            { type: 'hand', raised: false, seq: 3 },
        ]);
    });

    it('keeps the numbers of the other side across a full resumption', () => {
        const socket = t.join();
        socket.deliver({ type: 'left', seq: 1, id: 'p2', reason: 'left' });
        socket.drop();
        t.clock.advance(0);
        const next = FakeSocket.last();
        next.open();
        next.deliver(welcome({ mode: 'full', ack: 0, meeting: undefined }));
        next.deliver({ type: 'left', seq: 1, id: 'p2', reason: 'left' });
        next.deliver({ type: 'left', seq: 2, id: 'p3', reason: 'left' });
        expect(t.events).toHaveLength(2);
    });

    it('begins numbering again when the history is gone, and drops what belongs to a past moment', () => {
        const socket = t.join();
        t.client.send({ type: 'media', audio: true, video: true, screen: false });
        t.client.send({ type: 'lock', locked: true });
        t.client.send({
            type: 'signal',
            to: 'p2',
            session: 's',
            candidate: null,
        });
        socket.drop();
        t.clock.advance(0);
        const next = FakeSocket.last();
        next.open();
        next.deliver(welcome({ mode: 'state', resume: 'token-2' }));
        expect(next.sent.slice(1)).toEqual([{ type: 'lock', locked: true, seq: 1, ack: 0 }]);
        next.deliver({ type: 'left', seq: 1, id: 'p2', reason: 'left' });
        expect(t.events).toHaveLength(1);
    });

    it('waits longer and longer, but not past the window', () => {
        const socket = t.join();
        socket.drop();
        const starts: number[] = [];
        let seen = FakeSocket.all.length;
        while (t.client.state.kind !== 'closed') {
            t.clock.advance(10);
            if (FakeSocket.all.length > seen) {
                seen = FakeSocket.all.length;
                starts.push(t.clock.now());
                FakeSocket.last().drop();
            }
        }
        const gaps = starts.slice(1).map((start, i) => start - (starts[i] ?? 0));
        expect(starts[0]).toBe(10);
        expect(gaps[0]).toBeLessThan(600);
        expect(Math.max(...gaps)).toBeLessThanOrEqual(4000);
        expect(starts.at(-1)).toBeLessThanOrEqual(30_000);
        expect(t.client.state).toEqual({ kind: 'closed', end: { why: 'unreachable' } });
    });

    it('tries on past the window while people still talk without the server', () => {
        t.outage.talking = true;
        t.join().drop();
        const waitTwoMinutes = (): void => {
            for (const end = t.clock.now() + 120_000; t.clock.now() < end;) {
                t.clock.advance(1000);
                FakeSocket.last().drop();
            }
        };
        waitTwoMinutes();
        expect(t.client.state.kind).toBe('reconnecting');
        t.outage.talking = false;
        waitTwoMinutes();
        expect(t.client.state).toEqual({ kind: 'closed', end: { why: 'unreachable' } });
    });

    it('comes back 1 to 3 s after the server went away, and 10 s after sending too much', () => {
        t.join().drop(1001);
        t.clock.advance(999);
        expect(FakeSocket.all).toHaveLength(1);
        t.clock.advance(2001);
        expect(FakeSocket.all).toHaveLength(2);
        FakeSocket.last().open();
        FakeSocket.last().deliver(welcome({ mode: 'full', meeting: undefined }));
        FakeSocket.last().drop(4429);
        t.clock.advance(9999);
        expect(FakeSocket.all).toHaveLength(2);
        t.clock.advance(1001);
        expect(FakeSocket.all).toHaveLength(3);
    });

    it.each([4000, 4001, 4002, 4400, 4401, 4403, 4410, 1009])('is over after close %i', (code) => {
        t.join().drop(code);
        expect(t.client.state).toEqual({ kind: 'closed', end: { why: 'code', code } });
        t.clock.advance(60_000);
        expect(FakeSocket.all).toHaveLength(1);
    });

    it('is over when the resumption is refused', () => {
        t.join().drop();
        t.clock.advance(0);
        FakeSocket.last().open();
        FakeSocket.last().deliver({
            type: 'refused',
            code: 'resume-failed',
            message: 'Join again',
        });
        expect(t.client.state).toMatchObject({
            kind: 'closed',
            end: { why: 'refused', refused: { code: 'resume-failed' } },
        });
    });

    it('keeps the reason when the server closes the meeting', () => {
        const socket = t.join();
        socket.deliver({ type: 'closed', seq: 1, code: 'removed', message: 'Removed' });
        socket.drop(4001);
        expect(t.client.state).toMatchObject({
            kind: 'closed',
            end: { why: 'closed', closed: { code: 'removed' } },
        });
    });

    it('notices a connection that is dead without saying so', () => {
        const socket = t.join();
        t.client.send({ type: 'hand', raised: true });
        t.clock.advance(5999);
        expect(t.client.state.kind).toBe('joined');
        t.clock.advance(1);
        expect(t.client.state.kind).toBe('reconnecting');
        socket.deliver({ type: 'ack', ack: 1 });
        t.clock.advance(0);
        FakeSocket.last().open();
        FakeSocket.last().deliver(welcome({ mode: 'full', ack: 0, meeting: undefined }));
        expect(FakeSocket.last().lastSent()).toMatchObject({ type: 'hand', seq: 1 });
    });

    it('follows what the browser knows of the network', () => {
        t.join();
        t.client.networkLost();
        expect(t.client.state.kind).toBe('reconnecting');
        t.clock.advance(0);
        FakeSocket.last().drop();
        t.clock.advance(0);
        const before = FakeSocket.all.length;
        t.client.networkBack();
        t.clock.advance(0);
        expect(FakeSocket.all.length).toBe(before + 1);
    });

    it('resumes a reloaded page without an acknowledgement', () => {
        t.client.enter({ resume: 'kept' });
        FakeSocket.last().open();
        expect(FakeSocket.last().sent).toEqual([{ type: 'hello', version: 1, resume: 'kept' }]);
        FakeSocket.last().deliver(welcome({ mode: 'state' }));
        expect(t.client.state.kind).toBe('joined');
    });
});

describe('leaving', () => {
    it('says so, closes, and ignores what still comes', () => {
        const socket = t.join();
        t.client.leave();
        expect(socket.lastSent()).toMatchObject({ type: 'leave', seq: 1 });
        expect(socket.closedWith).toBe(4000);
        socket.deliver({ type: 'left', seq: 1, id: 'p2', reason: 'left' });
        expect(t.events).toEqual([]);
        expect(t.client.send({ type: 'hand', raised: true })).toBe(false);
        t.clock.advance(60_000);
        expect(FakeSocket.all).toHaveLength(1);
    });
});

it('keeps no more than 512 commands while it is away', () => {
    t.join().drop();
    const accepted = Array.from({ length: 600 }, () =>
        t.client.send({ type: 'hand', raised: true }),
    );
    expect(accepted.filter(Boolean)).toHaveLength(512);
});
