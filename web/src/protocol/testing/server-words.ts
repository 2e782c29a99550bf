// SPDX-License-Identifier: Apache-2.0

// What a server says, for tests: somebody who is in a meeting, and the welcome to whoever enters.

import type { Participant } from '../messages';

export function participant(id: string, over: Partial<Participant> = {}): Participant {
    return {
        id,
        name: `Person ${id}`,
        role: 'guest',
        presence: 'present',
        media: { audio: true, video: true, screen: false },
        hand: false,
        joined_at: '2026-11-22T02:00:00Z',
        ...over,
    };
}

export function welcome(over: Record<string, unknown> = {}, participants: Participant[] = []) {
    return {
        type: 'welcome',
        version: 1,
        mode: 'new',
        ack: 0,
        you: { id: 'p1', role: 'guest', name: 'Ana', presence: 'present' },
        resume: 'token-1',
        meeting: {
            id: 'm1',
            title: 'Talk',
            kind: 'instant',
            state: 'live',
            mode: 'direct',
            topology: 'auto',
            relay_asked: false,
            locked: false,
            lobby: false,
            started_at: null,
            closes_at: null,
            capacity: 4,
            participants: [participant('p1', { name: 'Ana' }), ...participants],
        },
        ice: { servers: [], policy: 'all', expires_at: null },
        server_time: '2026-11-22T02:00:00.000Z',
        ...over,
    };
}
