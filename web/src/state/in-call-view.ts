// SPDX-License-Identifier: Apache-2.0

// From what the server says of a meeting to what the call page shows of it.

import type { Command, MeetingSnapshot, Role, ServerEventOf } from '../protocol/messages';
import type { CallView, SignalLink } from './views';

export type InCall = Extract<CallView, { kind: 'in-call' }>;

export const UP: SignalLink = { kind: 'up' };

export function inCallView(meeting: MeetingSnapshot, role: Role, joined_at_ms: number): InCall {
    return {
        kind: 'in-call',
        title: meeting.title,
        role,
        locked: meeting.locked,
        lobby: meeting.lobby,
        topology: meeting.topology,
        mode: meeting.mode,
        relay_asked: meeting.relay_asked,
        capacity: meeting.capacity,
        closes_at: meeting.closes_at,
        joined_at_ms,
        link: UP,
    };
}

export function meetingChange(event: ServerEventOf<'meeting'>): Partial<InCall> {
    const { locked, lobby, topology, mode, relay_asked, title, capacity, closes_at } = event;
    return { locked, lobby, topology, mode, relay_asked, title, capacity, closes_at };
}

const PASSING: readonly Command['type'][] = [
    'signal',
    'connection',
    'stats',
    'media',
    'relay',
    'want',
    'pass',
];

/** What may well cross with somebody's leaving, or with a change of the mode: a refusal is nobody's concern. */
export function isPassing(command: Command): boolean {
    return PASSING.includes(command.type);
}
