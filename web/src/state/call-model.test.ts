// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SecurityFacts } from '../media/types';
import type { Participant } from '../protocol/messages';
import { ProblemError, UnreachableError, type ResolvedLink } from '../protocol/rest';
import { FakeSocket } from '../protocol/testing/fake-socket';
import { participant, welcome } from '../protocol/testing/server-words';
import { VirtualClock } from '../protocol/testing/virtual-clock';
import { Call } from './call-model';
import { OwnMediaModel } from './own-media';
import { keepPlace } from './place';
import { LocalSettings } from './settings-model';
import {
    installFakeBrowser,
    MemoryStorage,
    settle,
    type FakeDevices,
} from './testing/fake-browser';
import { FakeSession } from './testing/fake-session';

const OPEN: ResolvedLink = { state: 'live', title: 'Talk', kind: 'instant', role: 'guest' };

const open: Call[] = [];

function setUp(resolve: () => Promise<ResolvedLink> = () => Promise.resolve(OPEN)) {
    FakeSocket.all = [];
    FakeSession.all = [];
    const devices: FakeDevices = installFakeBrowser();
    const clock = new VirtualClock();
    const places = new MemoryStorage();
    const network: { changed: (network: 'lost' | 'back' | 'other') => void } = {
        changed: () => undefined,
    };
    const own = new OwnMediaModel(new LocalSettings(new MemoryStorage()));
    const start = (): Call => {
        const call = new Call({ link: 'L' }, own, {
            api: {
                resolveLink: resolve,
                meeting: () => Promise.reject(new UnreachableError()),
            },
            signalling: { url: 'wss://h', Socket: FakeSocket, clock, random: () => 0.5 },
            clock,
            now: () => Date.parse('2026-11-22T02:00:00Z') + clock.now(),
            places,
            newSession: ({ me }, events) => new FakeSession(me, events),
            watchNetwork: (changed) => {
                network.changed = changed;
                return () => undefined;
            },
        });
        open.push(call);
        return call;
    };
    const kind = (call: Call): string => call.view.getSnapshot().kind;
    return { devices, clock, places, network, start, kind };
}

let t: ReturnType<typeof setUp>;

beforeEach(() => {
    t = setUp();
});

afterEach(() => {
    for (const call of open.splice(0)) {
        call.dispose();
    }
});

async function ready(): Promise<Call> {
    const call = t.start();
    await settle();
    return call;
}

async function inCall(...others: Participant[]): Promise<Call> {
    const call = await ready();
    call.join({ name: 'Ana', hide_address: false });
    FakeSocket.last().open();
    FakeSocket.last().deliver(welcome({}, others));
    return call;
}

function session(): FakeSession {
    const last = FakeSession.all.at(-1);
    if (last === undefined) {
        throw new Error('no session');
    }
    return last;
}

describe('before the call', () => {
    it('checks the devices when the meeting may be entered, and says nothing to the server', async () => {
        const call = await ready();
        expect(call.view.getSnapshot()).toEqual({ kind: 'ready', meeting: OPEN, problem: null });
        expect(call.own.getSnapshot().camera.kind).toBe('on');
        FakeSocket.last().open();
        expect(FakeSocket.last().sent).toEqual([]);
        expect(FakeSession.all).toEqual([]);
    });

    it.each([
        [404, 'unknown'],
        [401, 'signed-out'],
        [500, 'unreachable'],
    ])('shows what an answer of %i means', async (status, kind) => {
        t = setUp(() => Promise.reject(new ProblemError({ type: '', title: '', status })));
        expect(t.kind(await ready())).toBe(kind);
    });

    it('can ask again when the server could not be reached', async () => {
        let fail = true;
        t = setUp(() => (fail ? Promise.reject(new UnreachableError()) : Promise.resolve(OPEN)));
        const call = await ready();
        expect(t.kind(call)).toBe('unreachable');
        fail = false;
        call.resolve();
        await settle();
        expect(t.kind(call)).toBe('ready');
    });

    it('waits for a meeting that is not open yet, and opens by itself', async () => {
        let state: ResolvedLink['state'] = 'scheduled';
        t = setUp(() => Promise.resolve({ ...OPEN, state, opens_at: '2026-11-22T02:00:30Z' }));
        const call = await ready();
        expect(call.view.getSnapshot()).toMatchObject({
            kind: 'too-early',
            opens_at: '2026-11-22T02:00:30Z',
        });
        expect(t.devices.opened).toEqual([]);
        state = 'open';
        t.clock.advance(30_499);
        await settle();
        expect(t.kind(call)).toBe('too-early');
        t.clock.advance(1);
        await settle();
        expect(t.kind(call)).toBe('ready');
    });

    it.each(['ended', 'expired'] as const)('shows that it is over: %s', async (state) => {
        t = setUp(() => Promise.resolve({ ...OPEN, state }));
        const call = await ready();
        expect(call.view.getSnapshot()).toMatchObject({ kind: 'over', why: state });
    });

    it.each([
        ['locked', { kind: 'ready', problem: 'locked' }],
        ['full', { kind: 'ready', problem: 'full' }],
        ['unknown', { kind: 'unknown' }],
        ['ended', { kind: 'over', why: 'ended' }],
        ['too-early', { kind: 'too-early' }],
        ['bad-message', { kind: 'ready', problem: 'failed' }],
    ])('shows a refusal: %s', async (code, view) => {
        const call = await ready();
        call.join({ name: 'Ana', hide_address: false });
        FakeSocket.last().open();
        FakeSocket.last().deliver({ type: 'refused', code, message: '' });
        expect(call.view.getSnapshot()).toMatchObject(view);
    });

    it('may try again after a refusal', async () => {
        const call = await ready();
        call.join({ name: 'Ana', hide_address: false });
        FakeSocket.last().open();
        FakeSocket.last().deliver({ type: 'refused', code: 'locked', message: '' });
        FakeSocket.last().drop(4403);
        call.join({ name: 'Ana', hide_address: true });
        FakeSocket.last().open();
        expect(FakeSocket.last().lastSent()).toMatchObject({ hide_address: true });
        FakeSocket.last().deliver(welcome());
        expect(t.kind(call)).toBe('in-call');
    });
});

describe('the lobby', () => {
    it('shows nothing but the title, opens no session, and leads into the call', async () => {
        const call = await ready();
        call.join({ name: 'Ana', hide_address: false });
        const socket = FakeSocket.last();
        socket.open();
        const you = { id: 'p1', role: 'guest', name: 'Ana', presence: 'lobby' };
        socket.deliver(welcome({ you, meeting: { title: 'Talk' } }));
        expect(call.view.getSnapshot()).toMatchObject({ kind: 'lobby', title: 'Talk' });
        expect(FakeSession.all).toEqual([]);
        const { meeting } = welcome({}, [participant('p0')]);
        socket.deliver({
            type: 'admitted',
            seq: 1,
            you: { ...you, presence: 'present' },
            meeting,
        });
        expect(t.kind(call)).toBe('in-call');
        expect(session().log).toContain('add p0 waiting');
    });

    it('tells a person who is denied', async () => {
        const call = await ready();
        call.join({ name: 'Ana', hide_address: false });
        FakeSocket.last().open();
        const you = { id: 'p1', role: 'guest', name: 'Ana', presence: 'lobby' };
        FakeSocket.last().deliver(welcome({ you, meeting: { title: 'Talk' } }));
        FakeSocket.last().deliver({ type: 'closed', seq: 1, code: 'denied', message: '' });
        expect(call.view.getSnapshot()).toMatchObject({
            kind: 'ended',
            ending: { kind: 'denied' },
        });
        await settle();
        expect(t.devices.live()).toEqual([]);
    });
});

describe('in the call', () => {
    it('waits for those who were there, and begins with those who come', async () => {
        const call = await inCall(participant('p2'));
        const socket = FakeSocket.last();
        expect(session().log.slice(0, 4)).toEqual([
            'track microphone on',
            'track camera on',
            'mode direct',
            'add p2 waiting',
        ]);
        expect(socket.sent).toContainEqual({
            type: 'media',
            audio: true,
            video: true,
            screen: false,
            seq: 1,
            ack: 0,
        });
        socket.deliver({ type: 'joined', seq: 1, participant: participant('p3') });
        expect(session().log).toContain('add p3 offering');
        socket.deliver({ type: 'left', seq: 2, id: 'p2', reason: 'left' });
        expect(session().log).toContain('remove p2');
        expect(call.people.getSnapshot().others.map((p) => p.participant.id)).toEqual(['p3']);
        expect(call.notices.getSnapshot().map((notice) => notice.kind)).toEqual(['joined', 'left']);
    });

    it('carries signals both ways', async () => {
        await inCall(participant('p2'));
        const description = { type: 'offer', sdp: 'v=0' } as const;
        session().events.signal('p2', { session: 's', description });
        expect(FakeSocket.last().lastSent()).toMatchObject({
            type: 'signal',
            to: 'p2',
            session: 's',
            description,
        });
        FakeSocket.last().deliver({
            type: 'signal',
            seq: 1,
            from: 'p2',
            session: 's',
            candidate: null,
        });
        expect(session().signals[0]).toMatchObject(['p2', { session: 's', candidate: null }]);
    });

    it('reports connections and shows how it is protected', async () => {
        const call = await inCall(participant('p2'));
        expect(call.protection.getSnapshot().state).toBe('pending');
        session().events.connection('p2', 'connected', 'relay');
        session().events.state('p2', 'connected', 'relay');
        expect(FakeSocket.last().lastSent()).toMatchObject({
            type: 'connection',
            peer: 'p2',
            state: 'connected',
            path: 'relay',
        });
        expect(call.protection.getSnapshot()).toMatchObject({ state: 'encrypted', relayed: true });
    });

    it('goes on through a loss of signalling, and tells again what is lost with the history', async () => {
        const call = await inCall(participant('p2'));
        session().events.state('p2', 'connected', 'host');
        FakeSocket.last().drop();
        expect(call.view.getSnapshot()).toMatchObject({
            kind: 'in-call',
            link: { kind: 'reconnecting' },
        });
        call.setMuted(true);
        expect(session().sent.at(-1)).toMatchObject({ peer: 'all', channel: 'control' });
        t.clock.advance(0);
        const socket = FakeSocket.last();
        socket.open();
        socket.deliver(welcome({ mode: 'state' }, [participant('p2'), participant('p4')]));
        expect(FakeSession.all).toHaveLength(1);
        expect(session().log.slice(-4)).toEqual([
            'ice',
            'restart broken',
            'mode direct',
            'add p4 offering',
        ]);
        expect(socket.lastSent()).toMatchObject({ type: 'media', audio: false, video: true });
        expect(call.view.getSnapshot()).toMatchObject({ link: { kind: 'up' } });
    });

    it('drops those who left while it was away', async () => {
        const call = await inCall(participant('p2'), participant('p3'));
        FakeSocket.last().drop();
        t.clock.advance(0);
        FakeSocket.last().open();
        FakeSocket.last().deliver(welcome({ mode: 'state' }, [participant('p3')]));
        expect(session().log).toContain('remove p2');
        expect(call.people.getSnapshot().others).toHaveLength(1);
    });

    it('tells a peer who comes back what it may have missed', async () => {
        await inCall(participant('p2'));
        const socket = FakeSocket.last();
        socket.deliver({
            type: 'updated',
            seq: 1,
            participant: participant('p2', { presence: 'away' }),
        });
        expect(session().log).not.toContain('returned p2');
        socket.deliver({ type: 'updated', seq: 2, participant: participant('p2') });
        expect(session().log).toContain('returned p2');
    });

    it('finds new ways when the network changes', async () => {
        const call = await inCall(participant('p2'));
        t.network.changed('other');
        expect(session().log).toContain('restart all');
        t.network.changed('lost');
        expect(call.view.getSnapshot()).toMatchObject({ link: { kind: 'reconnecting' } });
    });

    it('does as a moderator says', async () => {
        const call = await inCall(participant('p2', { name: 'Hana', role: 'host' }));
        FakeSocket.last().deliver({ type: 'muted', seq: 1, kind: 'audio', by: 'p2' });
        expect(call.own.getSnapshot().muted).toBe(true);
        expect(call.notices.getSnapshot()).toMatchObject([
            { kind: 'muted-by', media: 'audio', name: 'Hana' },
        ]);
        expect(FakeSocket.last().lastSent()).toMatchObject({ type: 'media', audio: false });
    });

    it('knows who waits', async () => {
        const call = await inCall();
        const socket = FakeSocket.last();
        const waiting = participant('p9', { presence: 'lobby' });
        socket.deliver({ type: 'knock', seq: 1, participant: waiting });
        expect(call.people.getSnapshot().waiting).toEqual([waiting]);
        call.admit('p9');
        expect(socket.lastSent()).toMatchObject({ type: 'admit', participant: 'p9' });
        socket.deliver({ type: 'knock_gone', seq: 2, id: 'p9' });
        expect(call.people.getSnapshot().waiting).toEqual([]);
    });

    it('tells when a command was refused, but not of what crossed with a leaving', async () => {
        const call = await inCall(participant('p2'));
        const socket = FakeSocket.last();
        call.lock(true);
        const seq = socket.lastSent()?.['seq'];
        socket.deliver({ type: 'error', seq: 1, in_reply_to: seq, code: 'denied', message: '' });
        socket.deliver({ type: 'error', seq: 2, in_reply_to: 1, code: 'not-found', message: '' });
        expect(call.notices.getSnapshot()).toMatchObject([
            { kind: 'refused', command: 'lock', code: 'denied' },
        ]);
    });

    it('chats past the server', async () => {
        const call = await inCall(participant('p2'));
        session().events.open('p2', 'chat');
        expect(call.say('group', 'secret words')).toBeNull();
        expect(JSON.stringify(session().sent)).toContain('secret words');
        expect(JSON.stringify(FakeSocket.last().sent)).not.toContain('secret words');
        session().events.message(
            'p2',
            'chat',
            '{"t":"say","id":"0011223344556677","scope":"private","n":5,"text":"psst"}',
        );
        expect(call.chat.getSnapshot()).toMatchObject({
            unread: 1,
            private: [{ thread: { peer: 'p2' }, unread: 1 }],
        });
        call.markRead({ peer: 'p2' });
        expect(call.chat.getSnapshot().unread).toBe(0);
        call.leave();
        expect(call.chat.getSnapshot()).toMatchObject({ group: { entries: [] }, private: [] });
    });

    it('believes a peer about its own media while the server is away', async () => {
        const call = await inCall(participant('p2'));
        session().events.message(
            'p2',
            'control',
            '{"t":"media","audio":false,"video":true,"screen":true}',
        );
        session().events.message('p2', 'control', '{"t":"media","audio":"no"}');
        session().events.message('p2', 'control', 'x'.repeat(5000));
        expect(call.people.getSnapshot().others[0]?.participant.media).toEqual({
            audio: false,
            video: true,
            screen: true,
        });
    });
});

describe('through the server', () => {
    const relayed = { ...(welcome().meeting as object), mode: 'relayed', relay_asked: false };

    async function relayedCall(): Promise<Call> {
        const call = await ready();
        call.join({ name: 'Ana', hide_address: false });
        FakeSocket.last().open();
        const participants = [participant('p1', { name: 'Ana' }), participant('p2')];
        FakeSocket.last().deliver(welcome({ meeting: { ...relayed, participants } }));
        return call;
    }

    it('begins on the way that the meeting takes, and follows when that changes', async () => {
        const call = await relayedCall();
        expect(session().log.slice(2, 4)).toEqual(['mode relayed', 'add p2 waiting']);
        expect(session().wanted).toMatchObject([{ peer: 'p2', picture: 'camera' }]);
        expect(call.view.getSnapshot()).toMatchObject({ mode: 'relayed', relay_asked: false });
        FakeSocket.last().deliver({
            type: 'meeting',
            seq: 1,
            mode: 'direct',
            relay_asked: false,
            locked: true,
            lobby: false,
            state: 'live',
            topology: 'auto',
            title: 'Another talk',
            capacity: 12,
            closes_at: null,
        });
        expect(session().log.at(-1)).toBe('mode direct');
        expect(call.view.getSnapshot()).toMatchObject({
            mode: 'direct',
            locked: true,
            title: 'Another talk',
            capacity: 12,
        });
    });

    it('carries what the relay and the session say to each other', async () => {
        await relayedCall();
        const description = { type: 'offer', sdp: 'v=0' } as const;
        session().events.command({ type: 'relay', session: 's', description });
        expect(FakeSocket.last().lastSent()).toMatchObject({ type: 'relay', description });
        const answer = { type: 'relay', session: 's', description: { type: 'answer', sdp: 'v=0' } };
        FakeSocket.last().deliver({ ...answer, seq: 1 });
        FakeSocket.last().deliver({
            type: 'relay_gone',
            session: 's',
            code: 'lost',
            message: '',
            seq: 2,
        });
        expect(session().relayed).toMatchObject([answer, { type: 'relay_gone', code: 'lost' }]);
    });

    it('says honestly since when the server could listen, and when it no longer can', async () => {
        const call = await relayedCall();
        session().events.way('relayed');
        session().events.state('p2', 'connected', null);
        expect(call.protection.getSnapshot()).toMatchObject({
            mode: 'relayed',
            state: 'encrypted',
            since_ms: Date.parse('2026-11-22T02:00:00Z'),
        });
        expect(FakeSocket.last().sent).not.toContainEqual(
            expect.objectContaining({ type: 'connection' }),
        );
        session().events.way('direct');
        expect(call.protection.getSnapshot()).toMatchObject({ mode: 'direct', since_ms: null });
    });

    it('shows no fingerprint of a connection that is over', async () => {
        const call = await inCall(participant('p2'));
        const facts = (since_ms: number): SecurityFacts => ({
            dtls: 'DTLS 1.2',
            cipher: null,
            srtp: null,
            local_fingerprint: `sha-256 ${since_ms}`,
            remote_fingerprint: null,
            since_ms,
        });
        const known = () => call.people.getSnapshot().others[0]?.security ?? null;
        session().facts = facts(1);
        session().events.state('p2', 'connected', 'host');
        await settle();
        expect(known()).toEqual(facts(1));

        session().facts = null;
        session().events.way('relayed');
        expect(known()).toBeNull();
        session().facts = facts(2);
        session().events.way('direct');
        await settle();
        expect(known()).toEqual(facts(2));
        expect(call.protection.getSnapshot()).toMatchObject({ mode: 'direct', since_ms: 2 });

        session().events.state('p2', 'connecting', null);
        expect(known()).toBeNull();
    });

    it('knows who speaks, but never takes itself for the one to look at', async () => {
        const call = await relayedCall();
        FakeSocket.last().deliver({ type: 'speaker', seq: 1, participant: 'p2' });
        FakeSocket.last().deliver({ type: 'speaker', seq: 2, participant: 'p1' });
        FakeSocket.last().deliver({ type: 'speaker', seq: 3, participant: null });
        expect(call.speaker.getSnapshot()).toBe('p2');
    });

    it('shows what is on the page and asks for no more, and who may can ask for the server', async () => {
        const call = await relayedCall();
        const wanted = {
            peer: 'p2',
            picture: 'camera',
            width: 64,
            height: 36,
            stage: true,
        } as const;
        call.watch([wanted]);
        expect(session().wanted).toEqual([wanted]);
        const track = {} as MediaStreamTrack;
        session().events.picture('p2', 'camera', { track, starved: true });
        const [person] = call.people.getSnapshot().others;
        expect(person).toMatchObject({ camera_starved: true, screen: null });
        expect(person?.camera).not.toBeNull();
        call.setRelayed(true);
        expect(FakeSocket.last().lastSent()).toMatchObject({ type: 'mode', relayed: true });
    });

    it('tells when the server has no room', async () => {
        const call = await relayedCall();
        session().events.full();
        expect(call.notices.getSnapshot()).toMatchObject([{ kind: 'relay-full' }]);
    });
});

describe('the end', () => {
    it('leaves: says so, closes everything, and may come back', async () => {
        const call = await inCall(participant('p2'));
        const socket = FakeSocket.last();
        call.leave();
        expect(socket.lastSent()).toMatchObject({ type: 'leave' });
        expect(session().log.at(-1)).toBe('close');
        expect(call.view.getSnapshot()).toEqual({
            kind: 'ended',
            ending: { kind: 'left' },
            may_return: true,
        });
        await settle();
        expect(t.devices.live()).toEqual([]);
        expect(t.places.values.size).toBe(0);
        call.again();
        await settle();
        expect(t.kind(call)).toBe('ready');
        expect(call.own.getSnapshot().camera.kind).toBe('on');
    });

    it.each([
        ['removed', 'removed', false],
        ['blocked', 'removed', false],
        ['ended', 'meeting-ended', false],
        ['revoked', 'revoked', false],
        ['signed-out', 'signed-out', false],
        ['replaced', 'replaced', true],
    ])('is told: %s', async (code, ending, may_return) => {
        const call = await inCall(participant('p2'));
        FakeSocket.last().deliver({ type: 'closed', seq: 1, code, message: '' });
        FakeSocket.last().drop(4001);
        expect(call.view.getSnapshot()).toEqual({
            kind: 'ended',
            ending: { kind: ending },
            may_return,
        });
    });

    it('goes in again by itself when its place is gone, once', async () => {
        const call = await inCall(participant('p2'));
        FakeSocket.last().drop();
        t.clock.advance(0);
        FakeSocket.last().open();
        FakeSocket.last().deliver({ type: 'refused', code: 'resume-failed', message: '' });
        expect(t.kind(call)).toBe('entering');
        FakeSocket.last().open();
        expect(FakeSocket.last().lastSent()).toMatchObject({
            type: 'hello',
            link: 'L',
            name: 'Ana',
        });
        const you = { id: 'p7', role: 'guest', name: 'Ana', presence: 'present' };
        FakeSocket.last().deliver(welcome({ you }, [participant('p2'), participant('p7')]));
        expect(t.kind(call)).toBe('in-call');
        expect(session().me).toBe('p7');
        FakeSocket.last().drop();
        t.clock.advance(0);
        FakeSocket.last().open();
        FakeSocket.last().deliver({ type: 'refused', code: 'resume-failed', message: '' });
        expect(call.view.getSnapshot()).toMatchObject({ kind: 'ended', ending: { kind: 'lost' } });
    });

    it('gives up when nobody can be reached any more', async () => {
        const call = await inCall();
        for (let i = 0; i < 60 && t.kind(call) === 'in-call'; i++) {
            FakeSocket.last().drop();
            t.clock.advance(1000);
        }
        expect(call.view.getSnapshot()).toMatchObject({ kind: 'ended', ending: { kind: 'lost' } });
    });
});

describe('a page loaded anew', () => {
    const place = {
        entry: 'link L',
        token: 'kept',
        name: 'Ana',
        hide_address: true,
        muted: true,
        camera: false,
        at_ms: Date.parse('2026-11-22T01:59:50Z'),
    };

    it('gets its place back, with microphone and camera as they were', async () => {
        keepPlace(t.places, place);
        const call = t.start();
        expect(t.kind(call)).toBe('entering');
        FakeSocket.last().open();
        expect(FakeSocket.last().sent).toEqual([{ type: 'hello', version: 1, resume: 'kept' }]);
        FakeSocket.last().deliver(welcome({ mode: 'state' }, [participant('p2')]));
        await settle();
        expect(t.kind(call)).toBe('in-call');
        expect(session().log).toContain('add p2 offering');
        expect(call.own.getSnapshot()).toMatchObject({ muted: true, camera: { kind: 'off' } });
    });

    it('begins at the door when the place is gone', async () => {
        keepPlace(t.places, place);
        const call = t.start();
        FakeSocket.last().open();
        FakeSocket.last().deliver({ type: 'refused', code: 'resume-failed', message: '' });
        await settle();
        expect(t.kind(call)).toBe('ready');
        expect(t.places.values.size).toBe(0);
    });

    it('keeps nothing for another link', async () => {
        keepPlace(t.places, { ...place, entry: 'link other' });
        expect(t.kind(await ready())).toBe('ready');
    });

    it('keeps its place up to date while the call lasts', async () => {
        const call = await inCall(participant('p2'));
        const kept = (): typeof place =>
            JSON.parse(t.places.getItem('conclave.place') ?? '{}') as typeof place;
        call.setMuted(true);
        expect(kept()).toMatchObject({ entry: 'link L', token: 'token-1', muted: true });
        FakeSocket.last().deliver({ type: 'ack', ack: 2 });
        t.clock.advance(300_000);
        expect(Date.parse('2026-11-22T02:05:00Z') - kept().at_ms).toBeLessThan(5000);
    });
});
