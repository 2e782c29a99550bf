// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FedSlot, RelayCommand, RelayMessage } from './relay-types';
import { RelayedSession, type RelayedSessionEvents } from './relayed-session';
import {
    FakePeerConnection,
    installFakePeerConnection,
    settled,
} from './testing/fake-peer-connection';
import type { PeerState, PictureView, Wanted } from './types';

const wanted = (peer: string, stage = false): Wanted => ({
    peer,
    picture: 'camera',
    width: 320,
    height: 180,
    stage,
});

const fed = (mid: string, participant: string | null, some: Partial<FedSlot> = {}): FedSlot => ({
    mid,
    participant,
    source: 'camera',
    state: participant === null ? 'off' : 'live',
    ...some,
});

function setUp() {
    const commands: RelayCommand[] = [];
    const pictures = new Map<string, PictureView>();
    const states: PeerState[] = [];
    const messages: unknown[] = [];
    let sounds: readonly MediaStreamTrack[] = [];
    let full = 0;
    const events: RelayedSessionEvents = {
        command: (command) => void commands.push(command),
        full: () => void (full += 1),
        picture: (peer, picture, view) => void pictures.set(`${peer} ${picture}`, view),
        sounds: (tracks) => void (sounds = tracks),
        state: (_peer, state) => void states.push(state),
        open: (peer, channel) => void messages.push(['open', peer, channel]),
        message: (...message) => void messages.push(message),
        drained: () => undefined,
        closed: () => undefined,
    };
    const session = new RelayedSession({ audio: 2, video: 2 }, new Map(), events);
    const ofType = <T extends RelayCommand['type']>(type: T) =>
        commands.filter((each): each is Extract<RelayCommand, { type: T }> => each.type === type);
    const current = () => ofType('relay').at(-1)?.session ?? '';
    const tell = (message: DistributiveOmit<RelayMessage, 'session'>, name = current()) =>
        session.receive({ ...message, session: name } as RelayMessage);
    return {
        session,
        commands,
        ofType,
        pictures,
        states,
        messages,
        current,
        tell,
        heard: () => sounds,
        full: () => full,
        view: (peer: string) => pictures.get(`${peer} camera`) ?? null,
        async connect() {
            await settled();
            tell({ type: 'relay', description: { sdp: 'answer' } });
            await settled();
            FakePeerConnection.last().become('connected');
        },
    };
}

type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

let t: ReturnType<typeof setUp>;

beforeEach(() => {
    vi.useFakeTimers();
    installFakePeerConnection();
    t = setUp();
});

afterEach(() => {
    t.session.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

/** The video slots of a connection are its last two sections: four go out, two of sound come in. */
const VIDEO = ['6', '7'] as const;
const trackAt = (mid: string) =>
    FakePeerConnection.last().transceivers[Number(mid)]?.receiver.track;

describe('a connection to the relay', () => {
    it('is one offer: what we send in its order, then the slots', async () => {
        await settled();
        expect(t.ofType('relay')).toMatchObject([
            { description: { type: 'offer', sdp: 'offer 1' } },
        ]);
        const sections = FakePeerConnection.last().transceivers.map(
            ({ kind, direction }) => `${kind} ${direction}`,
        );
        expect(sections).toEqual([
            'audio sendonly',
            'video sendonly',
            'video sendonly',
            'audio sendonly',
            'audio recvonly',
            'audio recvonly',
            'video recvonly',
            'video recvonly',
        ]);
        const camera = FakePeerConnection.last().transceivers[1]?.sender.parameters.encodings;
        expect(
            camera?.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy]),
        ).toEqual([
            ['q', 4],
            ['h', 2],
            ['f', 1],
        ]);
    });

    it('asks for what is on the page once there is an answer, and again when that changes', async () => {
        t.session.watch([wanted('a')]);
        await settled();
        expect(t.ofType('want')).toEqual([]);
        await t.connect();
        expect(t.ofType('want')).toMatchObject([
            { session: t.current(), slots: [{ mid: VIDEO[0], participant: 'a', width: 320 }] },
        ]);
        t.session.watch([wanted('a')]);
        expect(t.ofType('want')).toHaveLength(1);
        t.session.watch([wanted('b', true)]);
        expect(t.ofType('want').at(-1)).toMatchObject({
            slots: [{ mid: VIDEO[0], participant: 'b', stage: true }],
        });
    });

    it('asks as soon as the answer is there, not when the browser has taken it in', async () => {
        t.session.watch([wanted('a')]);
        await settled();
        t.tell({ type: 'relay', description: { sdp: 'answer' } });
        expect(t.ofType('want')).toMatchObject([{ slots: [{ participant: 'a' }] }]);
    });

    it('shows a picture when the server feeds it, and takes it away when it does not', async () => {
        await t.connect();
        t.session.watch([wanted('a'), wanted('b')]);
        expect(t.view('a')).toBeNull();
        t.tell({ type: 'slots', slots: [fed('6', 'a'), fed('7', 'b', { state: 'starved' })] });
        expect(t.view('a')).toEqual({ track: trackAt('6'), starved: false });
        expect(t.view('b')).toEqual({ track: trackAt('7'), starved: true });
        t.session.watch([wanted('b')]);
        expect(t.view('a')).toEqual({ track: null, starved: false });
        t.tell({ type: 'slots', slots: [fed('6', null), fed('7', null)] });
        expect(t.view('b')).toEqual({ track: null, starved: false });
    });

    it('ignores what is said of another connection', async () => {
        await t.connect();
        t.session.watch([wanted('a')]);
        t.tell({ type: 'slots', slots: [fed('6', 'a')] }, 'stranger');
        t.tell({ type: 'relay_gone', code: 'lost' }, 'stranger');
        expect(t.view('a')).toBeNull();
        await settled();
        expect(t.ofType('relay')).toHaveLength(1);
    });

    it('encodes what is watched and nothing else', async () => {
        await t.connect();
        t.tell({ type: 'watched', camera: ['q', 'h'], screen: false });
        await settled();
        const [, camera, screen] = FakePeerConnection.last().transceivers;
        expect(camera?.sender.parameters.encodings.map(({ active }) => active)).toEqual([
            true,
            true,
            false,
        ]);
        expect(screen?.sender.parameters.encodings[0]?.active).toBe(false);
        t.tell({ type: 'watched', camera: [], screen: true });
        await settled();
        expect(camera?.sender.parameters.encodings.some(({ active }) => active)).toBe(false);
        expect(screen?.sender.parameters.encodings[0]?.active).toBe(true);
    });

    it('plays all slots of sound, and knows who is heard in which', async () => {
        await t.connect();
        expect(t.heard()).toEqual([trackAt('4'), trackAt('5')]);
        t.tell({ type: 'slots', slots: [fed('5', 'a', { source: 'microphone' })] });
        const slot = FakePeerConnection.last().transceivers[5];
        if (slot) slot.level = 0.25;
        expect(t.session.heard()).toEqual(['a']);
        expect(t.session.audioLevel('a')).toBe(0.25);
        expect(t.session.audioLevel('b')).toBe(0);
    });
});

describe('a connection that is lost', () => {
    it('is replaced at once, and its picture stands until the new one has it', async () => {
        t.session.addPeer('a');
        await t.connect();
        t.session.watch([wanted('a')]);
        t.tell({ type: 'slots', slots: [fed('6', 'a')] });
        const before = t.view('a');
        const first = t.current();
        t.tell({ type: 'relay_gone', code: 'lost' });
        await settled();
        expect(t.ofType('relay')).toHaveLength(2);
        expect(t.current()).not.toBe(first);
        expect(t.states.at(-1)).toBe('disconnected');
        expect(t.view('a')).toEqual(before);
        await t.connect();
        expect(t.states.at(-1)).toBe('connected');
        t.tell({ type: 'slots', slots: [fed('6', 'a')] });
        expect(t.view('a')).toEqual({ track: trackAt('6'), starved: false });
        expect(t.view('a')).not.toEqual(before);
        await vi.advanceTimersByTimeAsync(2000);
        expect(FakePeerConnection.all.map(({ connectionState }) => connectionState)).toEqual([
            'closed',
            'connected',
        ]);
    });

    it('says that there is no room, and asks again after ten seconds', async () => {
        await settled();
        t.tell({ type: 'relay_gone', code: 'full' });
        expect(t.full()).toBe(1);
        await vi.advanceTimersByTimeAsync(9000);
        expect(t.ofType('relay')).toHaveLength(1);
        await vi.advanceTimersByTimeAsync(1100);
        expect(t.ofType('relay')).toHaveLength(2);
    });

    it('is tried less and less often when it never comes up', async () => {
        await vi.advanceTimersByTimeAsync(60_000);
        const tries = t.ofType('relay').length;
        expect(tries).toBeGreaterThan(3);
        expect(tries).toBeLessThan(9);
        // Nothing is left open but the last.
        expect(
            FakePeerConnection.all.filter(({ connectionState }) => connectionState !== 'closed')
                .length,
        ).toBeLessThanOrEqual(2);
    });

    it('is given a moment to heal by itself', async () => {
        await t.connect();
        FakePeerConnection.last().become('disconnected');
        await vi.advanceTimersByTimeAsync(1000);
        FakePeerConnection.last().become('connected');
        await vi.advanceTimersByTimeAsync(20_000);
        expect(t.ofType('relay')).toHaveLength(1);
        FakePeerConnection.last().become('disconnected');
        await vi.advanceTimersByTimeAsync(3100);
        expect(t.ofType('relay')).toHaveLength(2);
    });

    it('finds its way from another network with the same session', async () => {
        await t.connect();
        t.session.restart('all');
        await settled();
        expect(FakePeerConnection.last().restarts).toEqual([false, true]);
        const offers = t.ofType('relay').map(({ session }) => session);
        expect(offers).toEqual([offers[0], offers[0]]);
    });
});

describe('what the server passes on', () => {
    it('carries chat to one and to all, and no files', async () => {
        t.session.addPeer('a');
        expect(t.messages).toEqual([['open', 'a', 'chat']]);
        expect(t.session.send('a', 'chat', 'psst')).toBe(true);
        t.session.sendAll('chat', 'hello');
        expect(t.ofType('pass')).toEqual([
            { type: 'pass', to: 'a', channel: 'chat', data: 'psst' },
            { type: 'pass', to: 'all', channel: 'chat', data: 'hello' },
        ]);
        expect(t.session.send('a', 'files', 'x')).toBe(false);
        expect(t.session.send('stranger', 'chat', 'x')).toBe(false);
        expect(t.session.send('a', 'chat', '€'.repeat(3000))).toBe(false);
    });

    it('takes words only from those who are here', () => {
        t.session.addPeer('a');
        t.session.receive({ type: 'passed', from: 'a', channel: 'chat', data: 'hi' });
        t.session.receive({ type: 'passed', from: 'z', channel: 'chat', data: 'boo' });
        expect(t.messages.at(-1)).toEqual(['a', 'chat', 'hi']);
    });
});
