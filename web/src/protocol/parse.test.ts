// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { parseFrame } from './parse';

const participant = {
    id: 'p2',
    name: 'Bo',
    role: 'guest',
    presence: 'present',
    media: { audio: true, video: false, screen: false },
    hand: false,
    joined_at: '2026-11-22T02:00:00Z',
};

const meeting = {
    type: 'meeting',
    mode: 'direct',
    relay_asked: false,
    locked: true,
    lobby: false,
    state: 'live',
    topology: 'mesh',
    title: 'Talk',
    capacity: 4,
    closes_at: '2026-11-22T08:00:00Z',
};
const slot = { mid: '9', participant: null, source: 'camera', state: 'off' };

describe('parseFrame', () => {
    it.each([
        '',
        'null',
        '[]',
        '7',
        '{"type":"ack"}',
        '{"type":"ack","ack":-1}',
        '{"type":"ack","ack":1.5}',
        '{"type":"welcome"}',
        '{"type":"refused","code":"because","message":""}',
        '{"type":"refused","code":"denied","message":""}',
        '{"type":"joined"}',
        '{"type":"joined","seq":0}',
        '{"type":"joined","seq":"1"}',
        '{"type":"joined","seq":1,"ack":"1"}',
        '{"type":"joined","seq":1e300}',
    ])('finds %s broken', (text) => {
        expect(parseFrame(text)).toEqual({ kind: 'broken' });
    });

    it.each([
        { type: 'joined', participant },
        { type: 'updated', participant: { ...participant, presence: 'away' } },
        { type: 'left', id: 'p2', reason: 'lost' },
        { type: 'knock', participant },
        { type: 'knock_gone', id: 'p2' },
        meeting,
        { ...meeting, mode: 'relayed', relay_asked: true, closes_at: null },
        { type: 'relay', session: 's', description: { type: 'answer', sdp: 'v=0' } },
        { type: 'relay_gone', session: 's', code: 'full', message: 'later' },
        {
            type: 'slots',
            session: 's',
            slots: [
                { mid: '4', participant: 'p2', source: 'microphone', state: 'live' },
                { mid: '9', participant: null, source: 'camera', state: 'off' },
            ],
        },
        { type: 'speaker', participant: null },
        { type: 'watched', session: 's', camera: ['q', 'h'], screen: false },
        { type: 'passed', from: 'p2', channel: 'chat', data: '{}' },
        { type: 'signal', from: 'p2', session: 's', description: { type: 'offer', sdp: 'v=0' } },
        { type: 'signal', from: 'p2', session: 's', candidate: null },
        {
            type: 'signal',
            from: 'p2',
            session: 's',
            candidate: { candidate: 'candidate:1', sdpMid: '0' },
        },
        { type: 'muted', kind: 'audio', by: 'p1' },
        { type: 'ice', servers: [{ urls: ['stun:h:1'] }], policy: 'relay', expires_at: null },
        { type: 'error', in_reply_to: 3, code: 'denied', message: 'no' },
        { type: 'error', in_reply_to: 3, code: 'internal', message: 'sorry' },
        { type: 'closed', code: 'ended', message: 'over' },
    ])('takes $type', (event) => {
        const numbered = { ...event, seq: 5, ack: 2 };
        expect(parseFrame(JSON.stringify(numbered))).toEqual({
            kind: 'event',
            seq: 5,
            ack: 2,
            event: numbered,
        });
    });

    it.each([
        { type: 'joined', participant: { ...participant, name: null } },
        { type: 'joined', participant: { ...participant, role: 'king' } },
        { type: 'updated', participant: { ...participant, media: { audio: 1 } } },
        { type: 'left', id: 'p2', reason: 'bored' },
        { type: 'left', id: 'p2', reason: 'denied' },
        { type: 'signal', from: 'p2', description: { type: 'offer', sdp: 'v=0' } },
        { type: 'signal', from: 'p2', session: 's', description: { type: 'pranswer', sdp: '' } },
        { type: 'signal', from: 'p2', session: 's' },
        { type: 'ice', servers: [{ urls: 'stun:h:1' }], policy: 'all', expires_at: null },
        { ...meeting, mode: 'sealed' },
        { ...meeting, capacity: -1 },
        { type: 'relay', session: 's', description: { type: 'offer', sdp: 'v=0' } },
        { type: 'relay_gone', session: 's', code: 'bored', message: '' },
        { type: 'slots', session: 's', slots: [{ mid: 4, participant: null }] },
        { type: 'slots', session: 's', slots: new Array(49).fill(slot) },
        { type: 'speaker' },
        { type: 'watched', session: 's', camera: ['q', 'h', 'f', 'x'], screen: true },
        { type: 'passed', from: 'p2', channel: 'files', data: '' },
        { type: 'error', in_reply_to: 3, code: 'moody', message: 'no' },
        { type: 'toString' },
        { type: '__proto__' },
    ])('counts, but does not use, a wrong $type', (event) => {
        expect(parseFrame(JSON.stringify({ ...event, seq: 5 }))).toEqual({
            kind: 'event',
            seq: 5,
            ack: null,
            event: null,
        });
    });
});
