// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DirectSession } from './direct-session';
import {
    FakePeerConnection,
    installFakePeerConnection,
    settled,
} from './testing/fake-peer-connection';
import type { PeerState, SignalPayload } from './types';

const ICE = { servers: [], policy: 'all' } as const;
const track = (id: string) => ({ id, kind: 'video' }) as MediaStreamTrack;

function setUp(me = 'a') {
    const signals: (SignalPayload & { readonly to: string })[] = [];
    const states: [string, PeerState][] = [];
    const session = new DirectSession(
        { me, ice: ICE },
        {
            signal: (to, payload) => void signals.push({ to, ...payload }),
            state: (peer, state) => void states.push([peer, state]),
            picture: () => undefined,
            sounds: () => undefined,
            open: () => undefined,
            message: () => undefined,
            drained: () => undefined,
            closed: () => undefined,
        },
    );
    const told = () =>
        signals.map((each) =>
            'description' in each ? each.description.type : (each.candidate?.candidate ?? null),
        );
    return { session, signals, states, told };
}

/** Until a connection for the next has been made. */
const settle = () => vi.advanceTimersByTimeAsync(1000);
const made = () => FakePeerConnection.all.length;
const open = () => FakePeerConnection.all.filter((each) => each.connectionState !== 'closed');

beforeEach(() => {
    vi.useFakeTimers();
    installFakePeerConnection();
});
afterEach(() => vi.useRealTimers());

describe('who waits alone', () => {
    it('has an offer in hand, and tells nobody', async () => {
        const { session, signals } = setUp();
        session.expect(true);
        await settle();
        FakePeerConnection.last().find('first');
        expect(FakePeerConnection.last().localDescription?.type).toBe('offer');
        expect(signals).toEqual([]);
    });

    it('tells it to who comes at once, with what was found meanwhile', async () => {
        const { session, signals, states, told } = setUp();
        session.expect(true);
        await settle();
        FakePeerConnection.last().find('first');
        FakePeerConnection.last().find('second');
        session.addPeer('b', true);
        expect(states).toEqual([['b', 'connecting']]);
        expect(told()).toEqual(['offer', 'first', 'second']);
        expect(new Set(signals.map(({ to, session: name }) => `${to} ${name}`)).size).toBe(1);
        FakePeerConnection.last().find('third');
        expect(told().at(-1)).toBe('third');
        expect(made()).toBe(1);
    });

    it('sends what is on when somebody comes, not what was on before', async () => {
        const { session } = setUp();
        session.setTrack('camera', track('before'));
        session.expect(true);
        await settle();
        session.setTrack('camera', track('now'));
        session.addPeer('b', true);
        const [, camera] = FakePeerConnection.last().transceivers;
        expect(camera?.sender.track).toEqual(track('now'));
    });

    it('makes it anew when the network or the servers are others', async () => {
        const { session } = setUp();
        session.expect(true);
        await settle();
        session.restart('all');
        await settle();
        session.setIce({ servers: [{ urls: ['turn:t'] }], policy: 'relay' });
        await settle();
        expect(made()).toBe(3);
        expect(open()).toEqual([FakePeerConnection.last()]);
        session.restart('broken');
        await settle();
        expect(made()).toBe(3);
    });

    it('has none when nobody is expected any more', async () => {
        const { session } = setUp();
        session.expect(true);
        await settle();
        session.expect(false);
        expect(open()).toEqual([]);
        session.expect(true);
        session.close();
        await settle();
        expect(open()).toEqual([]);
    });
});

describe('a connection that is begun', () => {
    it('is made at once when there is none in hand', async () => {
        const { session, told } = setUp();
        session.expect(true);
        session.addPeer('b', true);
        FakePeerConnection.last().find('early');
        expect(told()).toEqual([]);
        await settled();
        expect(told()).toEqual(['offer', 'early']);
        await settle();
        expect(made()).toBe(1);
    });

    it('yields to the offer of the other side when that is the impolite one', async () => {
        for (const [me, connections] of [
            ['a', 1],
            ['c', 2],
        ] as const) {
            installFakePeerConnection();
            const { session } = setUp(me);
            session.addPeer('b', true);
            await settled();
            session.receiveSignal('b', {
                session: 'theirs',
                description: { type: 'offer', sdp: 'theirs' },
            });
            await settled();
            expect(made()).toBe(connections);
        }
    });
});
