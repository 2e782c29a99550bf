// SPDX-License-Identifier: Apache-2.0

// What a media session is to those who use it, whatever way its media takes.

export type PeerId = string;

/** The media sections of a connection, in the order in which they are negotiated (docs/protocol.md). */
export const SLOTS = ['microphone', 'camera', 'screen', 'screen-sound'] as const;
export type Slot = (typeof SLOTS)[number];

/** The data channels; their index is their negotiated id. */
export const CHANNELS = ['control', 'chat', 'files'] as const;
export type ChannelName = (typeof CHANNELS)[number];

export type PeerState = 'connecting' | 'connected' | 'disconnected' | 'failed' | 'closed';
export type PeerPath = 'host' | 'srflx' | 'relay';

export interface IceSettings {
    readonly servers: readonly {
        readonly urls: readonly string[];
        readonly username?: string;
        readonly credential?: string;
    }[];
    readonly policy: 'all' | 'relay';
}

export interface Description {
    readonly type: 'offer' | 'answer';
    readonly sdp: string;
}

export interface CandidateInit {
    readonly candidate: string;
    readonly sdpMid?: string | null;
    readonly sdpMLineIndex?: number | null;
    readonly usernameFragment?: string | null;
}

/** What one side tells the other through signalling; `session` names the peer connection it is about. */
export type SignalPayload =
    | { readonly session: string; readonly description: Description }
    | { readonly session: string; readonly candidate: CandidateInit | null };

/** An open data channel to one peer, or the news that it isn't open any more. */
export interface ChannelEvents {
    open(peer: PeerId, channel: ChannelName): void;
    message(peer: PeerId, channel: ChannelName, data: string | ArrayBuffer): void;
    /** What was queued on the channel has mostly gone out: there is room again. */
    drained(peer: PeerId, channel: ChannelName): void;
    closed(peer: PeerId, channel: ChannelName): void;
}

/** What there is to be seen of somebody. */
export type Picture = 'camera' | 'screen';

/** `track` null: nothing to be seen now. `starved`: it stands still, because the connection has no room for it. */
export interface PictureView {
    readonly track: MediaStreamTrack | null;
    readonly starved: boolean;
}

/** A picture that is on the page, and how large it is there, in device pixels. */
export interface Wanted {
    readonly peer: PeerId;
    readonly picture: Picture;
    readonly width: number;
    readonly height: number;
    /** On the stage: served before the others. */
    readonly stage: boolean;
}

/** What all ways of media tell. */
export interface MediaSessionEvents extends ChannelEvents {
    picture(peer: PeerId, picture: Picture, view: PictureView): void;
    /** All that is to be heard from now on. */
    sounds(tracks: readonly MediaStreamTrack[]): void;
    state(peer: PeerId, state: PeerState, path: PeerPath | null): void;
}

/** Numbers since the connection began, as the `stats` command of the signalling protocol wants them. */
export interface StreamTotals {
    readonly packets_sent: number;
    readonly packets_received: number;
    readonly packets_lost: number;
    readonly bytes_sent: number;
    readonly bytes_received: number;
    readonly jitter_ms: number;
    readonly rtt_ms: number;
}

/** 4 is good, 1 is hardly usable. */
export type Grade = 1 | 2 | 3 | 4;

export interface VideoNumbers {
    readonly codec: string | null;
    readonly width: number;
    readonly height: number;
    readonly fps: number;
    readonly bitrate_bps: number;
}

export interface AudioNumbers {
    readonly codec: string | null;
    readonly bitrate_bps: number;
}

/** How the connection to one peer is doing, over the last sampling interval. */
export interface Quality {
    readonly grade: Grade;
    readonly rtt_ms: number | null;
    /** Share of packets lost, 0 to 1: the worse of both directions. */
    readonly loss: number;
    readonly jitter_ms: number | null;
    readonly path: PeerPath | null;
    readonly sending: { readonly audio: AudioNumbers | null; readonly video: VideoNumbers | null };
    readonly receiving: {
        readonly audio: AudioNumbers | null;
        readonly video: VideoNumbers | null;
        readonly screen: VideoNumbers | null;
    };
    readonly totals: { readonly audio: StreamTotals; readonly video: StreamTotals };
}

/** The facts behind the badge: how the connection to one peer is protected. */
export interface SecurityFacts {
    /** Such as `DTLS 1.2`. */
    readonly dtls: string | null;
    readonly cipher: string | null;
    readonly srtp: string | null;
    /** Hash name and colon-separated hexadecimal, as in SDP. */
    readonly local_fingerprint: string | null;
    readonly remote_fingerprint: string | null;
    /** When the connection came up, in milliseconds since 1970. */
    readonly since_ms: number;
}

/** Everyone in the meeting as far as media, chat and files go, on one way that these may take. */
export interface MediaSession {
    /** Sends `track` to everyone from now on; null sends nothing (and lets a camera's light go out). */
    setTrack(slot: Slot, track: MediaStreamTrack | null): void;
    /** `offering`: where there is a connection to each, we begin it. */
    addPeer(peer: PeerId, offering: boolean): void;
    removePeer(peer: PeerId): void;
    /** Finds the way anew: to all after the network changed, else where the connection isn't up. */
    restart(which: 'all' | 'broken'): void;
    /** The pictures that are on the page: replaces what was said before. */
    watch(wanted: readonly Wanted[]): void;
    /** Those whose voice comes in now, or may. */
    heard(): readonly PeerId[];
    /** How loud a peer's microphone is right now: linear, 0 to 1. */
    audioLevel(peer: PeerId): number;
    /** False when the channel isn't open or won't take more. */
    send(peer: PeerId, channel: ChannelName, data: string | ArrayBuffer): boolean;
    /** To everyone who is here. */
    sendAll(channel: ChannelName, data: string): void;
    /** Bytes queued on the channel. */
    buffered(peer: PeerId, channel: ChannelName): number;
    isOpen(peer: PeerId, channel: ChannelName): boolean;
    /** Whether a frame of this picture has been decoded. */
    flows(peer: PeerId, picture: Picture): Promise<boolean>;
    quality(peer: PeerId): Promise<Quality | null>;
    security(peer: PeerId): Promise<SecurityFacts | null>;
    close(): void;
}

export type DeviceKind = 'microphone' | 'camera' | 'speaker';

export interface Device {
    readonly id: string;
    readonly kind: DeviceKind;
    /** Empty until the person has granted the use of such a device. */
    readonly label: string;
}

/**
 * Why a device cannot be used. `denied`: the person or a policy said no; `busy`: another program has it; `missing`: there is
 * none (any more); `insecure`: the page wasn't loaded over HTTPS; `unsupported`: this browser cannot.
 */
export type DeviceProblem = 'denied' | 'busy' | 'missing' | 'insecure' | 'unsupported' | 'failed';
