// SPDX-License-Identifier: Apache-2.0

// The messages of the signalling connection, exactly as docs/protocol.md writes them down. Field names are those on the wire.

export const SUBPROTOCOL = 'conclave.v1';
export const PROTOCOL_VERSION = 1;

export type Role = 'host' | 'moderator' | 'participant' | 'guest';
export type Presence = 'lobby' | 'present' | 'away';
export type MeetingKind = 'instant' | 'scheduled' | 'room';
export type Topology = 'auto' | 'mesh';
/** The way that media takes: from browser to browser, or through the server's relay. */
export type Mode = 'direct' | 'relayed';
export type MediaKind = 'audio' | 'video' | 'screen';
export type LinkState = 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
export type LinkPath = 'host' | 'srflx' | 'relay';
export type IcePolicy = 'all' | 'relay';

export interface MediaState {
    readonly audio: boolean;
    readonly video: boolean;
    readonly screen: boolean;
}

export interface Participant {
    readonly id: string;
    readonly name: string;
    readonly role: Role;
    readonly presence: Presence;
    readonly media: MediaState;
    readonly hand: boolean;
    readonly joined_at: string;
}

export interface You {
    readonly id: string;
    readonly role: Role;
    readonly name: string;
    readonly presence: Presence;
}

export interface MeetingSnapshot {
    readonly id: string;
    readonly title: string;
    readonly kind: MeetingKind;
    readonly state: 'open' | 'live';
    readonly mode: Mode;
    readonly topology: Topology;
    /** A host or moderator wants it through the server, however few are in. */
    readonly relay_asked: boolean;
    readonly locked: boolean;
    readonly lobby: boolean;
    readonly started_at: string | null;
    readonly closes_at: string | null;
    readonly capacity: number;
    readonly participants: readonly Participant[];
    /** Only for host and moderators. */
    readonly waiting?: readonly Participant[];
}

/** All that someone in the lobby learns about the meeting. */
export interface LobbySnapshot {
    readonly title: string;
}

export interface IceServer {
    readonly urls: readonly string[];
    readonly username?: string;
    readonly credential?: string;
}

export interface IceConfig {
    readonly servers: readonly IceServer[];
    readonly policy: IcePolicy;
    readonly expires_at: string | null;
}

export interface SessionDescription {
    readonly type: 'offer' | 'answer';
    readonly sdp: string;
}

export interface Candidate {
    readonly candidate: string;
    readonly sdpMid?: string | null;
    readonly sdpMLineIndex?: number | null;
    readonly usernameFragment?: string | null;
}

/** What one browser tells another about the peer connection called `session`; `candidate: null` ends the candidates. */
export type SignalPayload =
    | { readonly session: string; readonly description: SessionDescription }
    | { readonly session: string; readonly candidate: Candidate | null };

/** Lines of the relay's connection are named by their `mid`. */
export interface WantedSlot {
    readonly mid: string;
    readonly participant: string;
    readonly source: 'camera' | 'screen';
    /** Of the tile, in device pixels. */
    readonly width: number;
    readonly height: number;
    /** Served before the others. */
    readonly stage: boolean;
}

export interface FedSlot {
    readonly mid: string;
    readonly participant: string | null;
    readonly source: 'microphone' | 'camera' | 'screen' | 'screen-sound';
    readonly state: 'off' | 'live' | 'starved';
}

/** What may be passed on by the server while the call goes through it. */
export type PassChannel = 'control' | 'chat';

/** The most that one `pass` may carry, in bytes of UTF-8. */
export const MAX_PASS_BYTES = 8 * 1024;

// ---- client to server

export type Hello = {
    readonly type: 'hello';
    readonly version: typeof PROTOCOL_VERSION;
    readonly name?: string;
    readonly hide_address?: boolean;
} & (
    | { readonly link: string }
    | { readonly meeting: string }
    | { readonly resume: string; readonly ack?: number }
);

export interface StreamStats {
    readonly packets_sent?: number;
    readonly packets_received?: number;
    readonly packets_lost?: number;
    readonly bytes_sent?: number;
    readonly bytes_received?: number;
    readonly jitter_ms?: number;
    readonly rtt_ms?: number;
}

export type Command =
    | ({ readonly type: 'media' } & MediaState)
    | ({ readonly type: 'signal'; readonly to: string } & SignalPayload)
    | {
          readonly type: 'connection';
          readonly peer: string;
          readonly state: LinkState;
          readonly path?: LinkPath;
      }
    | {
          readonly type: 'stats';
          readonly peer: string;
          readonly audio: StreamStats;
          readonly video: StreamStats;
      }
    | { readonly type: 'hand'; readonly raised: boolean }
    | {
          readonly type: 'relay';
          readonly session: string;
          readonly description: SessionDescription;
      }
    | { readonly type: 'want'; readonly session: string; readonly slots: readonly WantedSlot[] }
    | { readonly type: 'mode'; readonly relayed: boolean }
    | {
          readonly type: 'pass';
          /** A participant, or "all". */
          readonly to: string;
          readonly channel: PassChannel;
          readonly data: string;
      }
    | { readonly type: 'rename'; readonly name: string }
    | { readonly type: 'leave' }
    | { readonly type: 'admit'; readonly participant: string }
    | { readonly type: 'deny'; readonly participant: string }
    | { readonly type: 'lock'; readonly locked: boolean }
    | { readonly type: 'lobby'; readonly enabled: boolean }
    | { readonly type: 'mute'; readonly participant: string; readonly kind: MediaKind }
    | { readonly type: 'remove'; readonly participant: string; readonly block: boolean }
    | {
          readonly type: 'role';
          readonly participant: string;
          readonly role: 'moderator' | 'participant';
      }
    | { readonly type: 'end' };

// ---- server to client

export interface Welcome {
    readonly type: 'welcome';
    readonly version: number;
    readonly mode: 'new' | 'full' | 'state';
    readonly ack: number;
    readonly you: You;
    readonly resume: string;
    /** Absent when `mode` is `full`. */
    readonly meeting?: MeetingSnapshot | LobbySnapshot;
    readonly ice: IceConfig;
    readonly server_time: string;
}

export type RefusedCode =
    | 'unknown'
    | 'too-early'
    | 'ended'
    | 'expired'
    | 'locked'
    | 'full'
    | 'blocked'
    | 'signed-out'
    | 'resume-failed'
    | 'bad-message';

export interface Refused {
    readonly type: 'refused';
    readonly code: RefusedCode;
    readonly message: string;
    readonly opens_at?: string;
}

export type LeftReason = 'left' | 'lost' | 'removed' | 'blocked';
export type ClosedCode =
    | 'ended'
    | 'expired'
    | 'removed'
    | 'blocked'
    | 'denied'
    | 'revoked'
    | 'signed-out'
    | 'replaced'
    | 'left';
export type ErrorCode =
    'denied' | 'not-found' | 'state' | 'range' | 'full' | 'internal' | 'bad-message';
export type RelayGoneCode = 'bad-offer' | 'full' | 'lost';

export type ServerEvent =
    | { readonly type: 'joined'; readonly participant: Participant }
    | { readonly type: 'updated'; readonly participant: Participant }
    | { readonly type: 'left'; readonly id: string; readonly reason: LeftReason }
    | { readonly type: 'knock'; readonly participant: Participant }
    | { readonly type: 'knock_gone'; readonly id: string }
    | { readonly type: 'admitted'; readonly meeting: MeetingSnapshot; readonly you: You }
    | {
          readonly type: 'meeting';
          readonly mode: Mode;
          readonly relay_asked: boolean;
          readonly locked: boolean;
          readonly lobby: boolean;
          readonly state: 'open' | 'live';
          readonly topology: Topology;
          readonly title: string;
          readonly capacity: number;
          readonly closes_at: string | null;
      }
    | {
          readonly type: 'relay';
          readonly session: string;
          readonly description: SessionDescription;
      }
    | {
          readonly type: 'relay_gone';
          readonly session: string;
          readonly code: RelayGoneCode;
          readonly message: string;
      }
    | { readonly type: 'slots'; readonly session: string; readonly slots: readonly FedSlot[] }
    | { readonly type: 'speaker'; readonly participant: string | null }
    | {
          readonly type: 'watched';
          readonly session: string;
          /** The encodings of the camera (rids) that anybody looks at. */
          readonly camera: readonly string[];
          readonly screen: boolean;
      }
    | {
          readonly type: 'passed';
          readonly from: string;
          readonly channel: PassChannel;
          readonly data: string;
      }
    | ({ readonly type: 'signal'; readonly from: string } & SignalPayload)
    | { readonly type: 'muted'; readonly kind: MediaKind; readonly by: string }
    | ({ readonly type: 'ice' } & IceConfig)
    | {
          readonly type: 'error';
          readonly in_reply_to: number;
          readonly code: ErrorCode;
          readonly message: string;
      }
    | {
          readonly type: 'closed';
          readonly code: ClosedCode;
          readonly message: string;
          readonly opens_at?: string;
      };

export type ServerEventOf<T extends ServerEvent['type']> = Extract<ServerEvent, { type: T }>;

/** Close codes that mean "come back"; every other code of ours from 4000 up, and 1009, is final. */
export const CLOSE = {
    goingAway: 1001,
    tooBig: 1009,
    left: 4000,
    removed: 4001,
    replaced: 4002,
    tooSlow: 4013,
    malformed: 4400,
    unknown: 4401,
    notNow: 4403,
    noHello: 4408,
    gap: 4409,
    over: 4410,
    tooMany: 4429,
} as const;

export function mayResume(code: number): boolean {
    if (code === CLOSE.tooBig) {
        return false;
    }
    return code < 4000 || code === CLOSE.tooSlow || code === CLOSE.gap || code === CLOSE.tooMany;
}
