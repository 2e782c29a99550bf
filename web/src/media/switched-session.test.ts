// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RelayCommand } from './relay-types';
import { SwitchedSession, type CallMediaEvents, type Way } from './switched-session';
import {
    FakePeerConnection,
    installFakePeerConnection,
    settled,
} from './testing/fake-peer-connection';
import type { PeerState, PictureView, SignalPayload } from './types';

/** Stands for the connections from browser to browser: the test says what comes over them. */
const direct = vi.hoisted(() => {
    class FakeDirect {
        static last: FakeDirect | null = null;
        readonly peers = new Map<string, string>();
        readonly offering: string[] = [];
        readonly sent: unknown[] = [];
        open = true;
        flowing = false;
        expecting = false;

        constructor(
            _options: unknown,
            readonly events: CallMediaEvents,
        ) {
            FakeDirect.last = this;
        }

        get isEmpty(): boolean {
            return this.peers.size === 0;
        }

        addPeer(peer: string, offering: boolean): void {
            if (!this.peers.has(peer)) {
                this.peers.set(peer, 'connecting');
                if (offering) {
                    this.offering.push(peer);
                }
            }
        }

        expect(somebody: boolean): void {
            this.expecting = somebody;
        }

        removePeer(peer: string): void {
            this.peers.delete(peer);
        }

        has(peer: string): boolean {
            return this.peers.has(peer);
        }

        stateOf(peer: string): string {
            return this.peers.get(peer) ?? 'connecting';
        }

        flows(): Promise<boolean> {
            return Promise.resolve(this.flowing);
        }

        heard(): string[] {
            return [...this.peers.keys()];
        }

        send(peer: string, channel: string, data: unknown): boolean {
            if (this.open && this.peers.has(peer)) {
                this.sent.push([peer, channel, data]);
                return true;
            }
            return false;
        }

        sendAll(channel: string, data: unknown): void {
            this.sent.push(['all', channel, data]);
        }

        setTrack(): void {}
        receiveSignal(): void {}
        restart(): void {}
        close(): void {}
    }
    return { FakeDirect };
});
vi.mock('./direct-session', () => ({ DirectSession: direct.FakeDirect }));

const track = (id: string) => ({ id }) as MediaStreamTrack;

function setUp() {
    const commands: RelayCommand[] = [];
    const pictures = new Map<string, PictureView>();
    const states = new Map<string, PeerState>();
    const ways: Way[] = [];
    const signals: SignalPayload[] = [];
    let sounds: readonly MediaStreamTrack[] = [];
    const session = new SwitchedSession(
        {
            me: 'b',
            ice: { servers: [], policy: 'all' },
            counts: { audio: 1, video: 1 },
        },
        {
            signal: (_to, payload) => void signals.push(payload),
            command: (command) => void commands.push(command),
            connection: () => undefined,
            way: (way) => void ways.push(way),
            full: () => undefined,
            picture: (peer, picture, view) => void pictures.set(`${peer} ${picture}`, view),
            sounds: (tracks) => void (sounds = tracks),
            state: (peer, state) => void states.set(peer, state),
            open: () => undefined,
            message: () => undefined,
            drained: () => undefined,
            closed: () => undefined,
        },
    );
    const wire = direct.FakeDirect.last;
    if (wire === null) {
        throw new Error('no direct session');
    }
    const name = (): string =>
        commands.filter((each) => each.type === 'relay').at(-1)?.session ?? 'none';
    return {
        session,
        wire,
        commands,
        states,
        ways,
        view: (peer: string) => pictures.get(`${peer} camera`)?.track?.id ?? null,
        heard: () => sounds.map(({ id }) => id),
        /** The direct connection to a peer comes up, with picture and sound. */
        connectDirect(peer: string) {
            wire.peers.set(peer, 'connected');
            wire.events.state(peer, 'connected', 'host');
            wire.events.picture(peer, 'camera', { track: track('direct'), starved: false });
            wire.events.sounds([track('direct sound')]);
        },
        async connectRelay() {
            await settled();
            session.receiveRelay({
                type: 'relay',
                session: name(),
                description: { sdp: 'answer' },
            });
            await settled();
            FakePeerConnection.last().become('connected');
        },
        feed(peer: string, frames: number) {
            FakePeerConnection.last().stats = {
                in: { type: 'inbound-rtp', mid: '5', framesDecoded: frames },
            };
            session.receiveRelay({
                type: 'slots',
                session: name(),
                slots: [{ mid: '5', participant: peer, source: 'camera', state: 'live' }],
            });
        },
        name,
    };
}

let t: ReturnType<typeof setUp>;
const wanted = { peer: 'a', picture: 'camera', width: 320, height: 180, stage: true } as const;

beforeEach(() => {
    vi.useFakeTimers();
    installFakePeerConnection();
    t = setUp();
    t.session.addPeer('a', false);
    t.session.watch([wanted]);
});

afterEach(() => {
    t.session.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
});

describe('the change to the server', () => {
    beforeEach(() => {
        t.connectDirect('a');
    });

    it('shows the direct picture until the relay brings its own', async () => {
        t.session.setMode('relayed');
        await t.connectRelay();
        expect(t.ways).toEqual(['relayed']);
        await vi.advanceTimersByTimeAsync(1000);
        expect(t.view('a')).toBe('direct');
        t.feed('a', 0);
        await vi.advanceTimersByTimeAsync(200);
        expect(t.view('a')).toBe('direct');
        t.feed('a', 1);
        await vi.advanceTimersByTimeAsync(200);
        expect(t.view('a')).toMatch(/^remote/);
        expect(t.heard()[0]).toMatch(/^remote/);
        expect(t.wire.has('a')).toBe(true);
        await vi.advanceTimersByTimeAsync(5000);
        expect(t.wire.has('a')).toBe(false);
    });

    it('does not wait for ever for somebody who sends nothing', async () => {
        t.session.setMode('relayed');
        await t.connectRelay();
        await vi.advanceTimersByTimeAsync(3000);
        expect(t.view('a')).toBeNull();
        expect(t.states.get('a')).toBe('connected');
    });

    it('keeps the direct call for as long as the relay does not come up', async () => {
        t.session.setMode('relayed');
        await vi.advanceTimersByTimeAsync(30_000);
        expect(t.view('a')).toBe('direct');
        expect(t.wire.has('a')).toBe(true);
        expect(t.ways).toEqual([]);
    });

    it('makes no direct connection to those who come then', async () => {
        t.session.setMode('relayed');
        t.session.addPeer('c', true);
        expect(t.wire.has('c')).toBe(false);
        await t.connectRelay();
        expect(t.states.get('c')).toBe('connected');
    });
});

describe('who comes', () => {
    it('is expected on the direct way, and only while nobody else is here', () => {
        const { session, wire } = t;
        expect(wire.expecting).toBe(false);
        session.removePeer('a');
        expect(wire.expecting).toBe(true);
        session.setMode('relayed');
        expect(wire.expecting).toBe(false);
        session.setMode('direct');
        expect(wire.expecting).toBe(true);
    });
});

describe('the change back', () => {
    beforeEach(async () => {
        t.session.setMode('relayed');
        await t.connectRelay();
        t.feed('a', 1);
        await vi.advanceTimersByTimeAsync(5000);
    });

    it('begins with the one whose id is smaller, and lets the relay go when the picture is there', async () => {
        t.session.addPeer('c', false);
        t.session.removePeer('c');
        t.session.setMode('direct');
        expect(t.wire.has('a')).toBe(true);
        // Ours is the greater: the other begins.
        expect(t.wire.offering).toEqual([]);
        await vi.advanceTimersByTimeAsync(3000);
        expect(t.view('a')).toMatch(/^remote/);
        t.connectDirect('a');
        await vi.advanceTimersByTimeAsync(300);
        expect(t.view('a')).toMatch(/^remote/);
        t.wire.flowing = true;
        await vi.advanceTimersByTimeAsync(300);
        expect(t.view('a')).toBe('direct');
        expect(t.heard()).toEqual(['direct sound']);
        expect(t.ways).toEqual(['relayed']);
        await vi.advanceTimersByTimeAsync(5000);
        expect(t.ways).toEqual(['relayed', 'direct']);
        expect(FakePeerConnection.last().connectionState).toBe('closed');
    });

    it('is taken back when a third comes after all', async () => {
        t.session.setMode('direct');
        t.session.setMode('relayed');
        await vi.advanceTimersByTimeAsync(6000);
        expect(t.view('a')).toMatch(/^remote/);
        expect(FakePeerConnection.last().connectionState).toBe('connected');
        expect(FakePeerConnection.all).toHaveLength(1);
    });

    it('is over at once when the server ends the relay', () => {
        t.session.setMode('direct');
        t.session.receiveRelay({ type: 'relay_gone', session: t.name(), code: 'lost' });
        expect(t.heard()).toEqual([]);
        expect(t.states.get('a')).toBe('connecting');
    });
});

describe('what is said', () => {
    it('goes over the direct channel while that is open, else through the server', async () => {
        t.connectDirect('a');
        t.session.setMode('relayed');
        expect(t.session.send('a', 'chat', 'one')).toBe(true);
        t.wire.open = false;
        expect(t.session.send('a', 'chat', 'two')).toBe(true);
        expect(t.session.send('a', 'files', 'three')).toBe(false);
        expect(t.wire.sent).toEqual([['a', 'chat', 'one']]);
        expect(t.commands.filter(({ type }) => type === 'pass')).toEqual([
            { type: 'pass', to: 'a', channel: 'chat', data: 'two' },
        ]);
    });

    it('never goes through the server in a direct call', () => {
        t.connectDirect('a');
        t.wire.open = false;
        expect(t.session.send('a', 'chat', 'secret')).toBe(false);
        t.session.sendAll('chat', 'secret');
        expect(t.commands).toEqual([]);
        expect(t.wire.sent).toEqual([['all', 'chat', 'secret']]);
    });
});
