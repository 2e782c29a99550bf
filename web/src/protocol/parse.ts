// SPDX-License-Identifier: Apache-2.0

// From the text of a frame to a message whose shape has been checked.

import {
    arrayOf,
    either,
    isBoolean,
    isCount,
    isRecord,
    isString,
    nullable,
    object,
    oneOf,
    optional,
    type Guard,
} from './guards';
import type {
    ErrorCode,
    FedSlot,
    IceConfig,
    MeetingSnapshot,
    Participant,
    Refused,
    ServerEvent,
    Welcome,
    You,
} from './messages';

/**
 * `event` with `event: null` is a sequenced message this client cannot use (a newer server's, or a broken one): its
 * number counts, its content is passed over.
 */
export type Incoming =
    | { readonly kind: 'ack'; readonly ack: number }
    | { readonly kind: 'welcome'; readonly welcome: Welcome }
    | { readonly kind: 'refused'; readonly refused: Refused }
    | {
          readonly kind: 'event';
          readonly seq: number;
          readonly ack: number | null;
          readonly event: ServerEvent | null;
      }
    | { readonly kind: 'broken' };

const isRole = oneOf('host', 'moderator', 'participant', 'guest');
const isPresence = oneOf('lobby', 'present', 'away');
const isTopology = oneOf('auto', 'mesh');
const isMode = oneOf('direct', 'relayed');
const isMeetingState = oneOf('open', 'live');
const isMediaKind = oneOf('audio', 'video', 'screen');

const isParticipant: Guard<Participant> = object({
    id: isString,
    name: isString,
    role: isRole,
    presence: isPresence,
    media: object({ audio: isBoolean, video: isBoolean, screen: isBoolean }),
    hand: isBoolean,
    joined_at: isString,
});

const isYou: Guard<You> = object({
    id: isString,
    role: isRole,
    name: isString,
    presence: isPresence,
});

const isOptionalString = optional(isString) as Guard<string>;

const isSnapshot = object({
    id: isString,
    title: isString,
    kind: oneOf('instant', 'scheduled', 'room'),
    state: isMeetingState,
    mode: isMode,
    topology: isTopology,
    relay_asked: isBoolean,
    locked: isBoolean,
    lobby: isBoolean,
    started_at: nullable(isString),
    closes_at: nullable(isString),
    capacity: isCount,
    participants: arrayOf(isParticipant),
    waiting: optional(arrayOf(isParticipant)),
}) as Guard<unknown> as Guard<MeetingSnapshot>;

const isLobbySnapshot = object({ title: isString });

const iceShape = {
    servers: arrayOf(
        object({
            urls: arrayOf(isString, 16),
            username: isOptionalString,
            credential: isOptionalString,
        }),
        16,
    ),
    policy: oneOf('all', 'relay'),
    expires_at: nullable(isString),
};
const isIce: Guard<IceConfig> = object(iceShape);

const isWelcome = object({
    type: oneOf('welcome'),
    version: isCount,
    mode: oneOf('new', 'full', 'state'),
    ack: isCount,
    you: isYou,
    resume: isString,
    meeting: optional(either(isSnapshot, isLobbySnapshot)),
    ice: isIce,
    server_time: isString,
});

const isRefused: Guard<Refused> = object({
    type: oneOf('refused'),
    code: oneOf(
        'unknown',
        'too-early',
        'ended',
        'expired',
        'locked',
        'full',
        'blocked',
        'signed-out',
        'resume-failed',
        'bad-message',
    ),
    message: isString,
    opens_at: isOptionalString,
});

const isDescription = object({ type: oneOf('offer', 'answer'), sdp: isString });
const isCandidate = object({
    candidate: isString,
    sdpMid: optional(nullable(isString)),
    sdpMLineIndex: optional(nullable(isCount)),
    usernameFragment: optional(nullable(isString)),
});
const hasDescription = object({ description: isDescription });
const hasCandidate = object({ candidate: nullable(isCandidate) });

/** As many as one connection to the relay may have. */
const MOST_SLOTS = 48;
const isFedSlot: Guard<FedSlot> = object({
    mid: isString,
    participant: nullable(isString),
    source: oneOf('microphone', 'camera', 'screen', 'screen-sound'),
    state: oneOf('off', 'live', 'starved'),
});

const isErrorCode: Guard<ErrorCode> = oneOf(
    'denied',
    'not-found',
    'state',
    'range',
    'full',
    'internal',
    'bad-message',
);

const events: { readonly [T in ServerEvent['type']]: Guard<unknown> } = {
    joined: object({ participant: isParticipant }),
    updated: object({ participant: isParticipant }),
    left: object({ id: isString, reason: oneOf('left', 'lost', 'removed', 'blocked') }),
    knock: object({ participant: isParticipant }),
    knock_gone: object({ id: isString }),
    admitted: object({ meeting: isSnapshot, you: isYou }),
    meeting: object({
        mode: isMode,
        relay_asked: isBoolean,
        locked: isBoolean,
        lobby: isBoolean,
        state: isMeetingState,
        topology: isTopology,
        title: isString,
        capacity: isCount,
        closes_at: nullable(isString),
    }),
    relay: object({
        session: isString,
        description: object({ type: oneOf('answer'), sdp: isString }),
    }),
    relay_gone: object({
        session: isString,
        code: oneOf('bad-offer', 'full', 'lost'),
        message: isString,
    }),
    slots: object({ session: isString, slots: arrayOf(isFedSlot, MOST_SLOTS) }),
    speaker: object({ participant: nullable(isString) }),
    watched: object({ session: isString, camera: arrayOf(isString, 3), screen: isBoolean }),
    passed: object({ from: isString, channel: oneOf('control', 'chat'), data: isString }),
    signal: (value): value is unknown =>
        isRecord(value) &&
        isString(value['from']) &&
        isString(value['session']) &&
        ('description' in value ? hasDescription(value) : hasCandidate(value)),
    muted: object({ kind: isMediaKind, by: isString }),
    ice: isIce,
    error: object({ in_reply_to: isCount, code: isErrorCode, message: isString }),
    closed: object({
        code: oneOf(
            'ended',
            'expired',
            'removed',
            'blocked',
            'denied',
            'revoked',
            'signed-out',
            'replaced',
            'left',
        ),
        message: isString,
    }),
};

function isServerEvent(value: Readonly<Record<string, unknown>>): boolean {
    const type = value['type'];
    if (!isString(type) || !Object.hasOwn(events, type)) {
        return false;
    }
    return events[type as ServerEvent['type']](value);
}

export function parseFrame(text: string): Incoming {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        return { kind: 'broken' };
    }
    if (!isRecord(value)) {
        return { kind: 'broken' };
    }
    switch (value['type']) {
        case 'ack':
            return isCount(value['ack']) ? { kind: 'ack', ack: value['ack'] } : { kind: 'broken' };
        case 'welcome':
            return isWelcome(value)
                ? { kind: 'welcome', welcome: value as unknown as Welcome }
                : { kind: 'broken' };
        case 'refused':
            return isRefused(value) ? { kind: 'refused', refused: value } : { kind: 'broken' };
        default: {
            const seq = value['seq'];
            const ack = value['ack'];
            if (!isCount(seq) || seq === 0 || !(ack === undefined || isCount(ack))) {
                return { kind: 'broken' };
            }
            const event = isServerEvent(value) ? (value as unknown as ServerEvent) : null;
            return { kind: 'event', seq, ack: ack ?? null, event };
        }
    }
}

/** Whether `meeting` is the whole snapshot, or only what the lobby may know. */
export function isMeetingSnapshot(
    meeting: NonNullable<Welcome['meeting']>,
): meeting is MeetingSnapshot {
    return 'participants' in meeting;
}
