// SPDX-License-Identifier: Apache-2.0

// One RTCPeerConnection to one peer, from the first offer to its end: perfect negotiation, trickled candidates, restarts. The
// offering side may make it before it has met the peer: what there is to tell waits until then.
//
// Only the offering side adds media sections, in the order of SLOTS; the answering side finds them in the first offer. All
// stay `sendrecv`, so a later negotiation is always an ICE restart. Candidates go through the queue of descriptions.

import { Negotiated } from './negotiated';
import { PeerChannels } from './peer-channels';
import { readStats, type PeerSample } from './peer-stats';
import {
    SLOTS,
    type ChannelName,
    type Description,
    type IceSettings,
    type PeerPath,
    type PeerState,
    type SignalPayload,
    type Slot,
} from './types';
import { RestartTimer } from './restart-timer';
import { withStartBitrate } from './start-bitrate';

export interface PeerLinkEvents {
    signal(payload: SignalPayload): void;
    tracks(tracks: Readonly<Record<Slot, MediaStreamTrack>>): void;
    state(state: PeerState, path: PeerPath | null): void;
    channelOpen(channel: ChannelName): void;
    channelMessage(channel: ChannelName, data: string | ArrayBuffer): void;
    channelDrained(channel: ChannelName): void;
    channelClosed(channel: ChannelName): void;
    /** Nothing came of it for so long that a new connection should be begun. */
    stuck(): void;
}

export interface PeerLinkOptions {
    readonly session: string;
    readonly offering: boolean;
    readonly ice: IceSettings;
    /** What is being sent now. */
    readonly tracks: ReadonlyMap<Slot, MediaStreamTrack | null>;
    /** Tracks of one group are kept in step by the receiver (lips with voice). */
    readonly groups: Readonly<Record<'person' | 'screen', MediaStream>>;
}

const KINDS: Readonly<Record<Slot, 'audio' | 'video'>> = {
    microphone: 'audio',
    camera: 'video',
    screen: 'video',
    'screen-sound': 'audio',
};

function groupOf(slot: Slot): 'person' | 'screen' {
    return slot === 'microphone' || slot === 'camera' ? 'person' : 'screen';
}

function toConfiguration(ice: IceSettings): RTCConfiguration {
    return {
        iceServers: ice.servers.map((server) => ({ ...server, urls: [...server.urls] })),
        iceTransportPolicy: ice.policy,
        bundlePolicy: 'max-bundle',
        rtcpMuxPolicy: 'require',
    };
}

export class PeerLink extends Negotiated {
    readonly channels: PeerChannels;
    private readonly timer: RestartTimer;
    private readonly slots = new Map<Slot, RTCRtpTransceiver>();
    private events: PeerLinkEvents | null = null;
    private polite = false;
    private ignoredOffer = false;
    private described = false;
    /** Candidates wait for the description, and all for somebody to tell. */
    private untold: SignalPayload[] = [];
    private lastState: PeerState = 'connecting';
    private connected_at_ms: number | null = null;

    constructor(private readonly options: PeerLinkOptions) {
        super(options.session, new RTCPeerConnection(toConfiguration(options.ice)));
        this.channels = new PeerChannels(this.connection, {
            open: (channel) => this.events?.channelOpen(channel),
            message: (channel, data) => this.events?.channelMessage(channel, data),
            drained: (channel) => this.events?.channelDrained(channel),
            closed: (channel) => this.events?.channelClosed(channel),
        });
        this.timer = new RestartTimer({
            restart: () => this.restart(),
            stuck: () => this.events?.stuck(),
        });
        this.connection.onicecandidate = ({ candidate }) => this.trickle(candidate);
        this.connection.onconnectionstatechange = () => this.follow();
        if (options.offering) {
            this.addSections();
            this.enqueue(() => this.offer(false));
        }
    }

    /** There is somebody at the other end from now on. Of the two, the polite one gives way when both offer at once. */
    meet(polite: boolean, events: PeerLinkEvents): void {
        this.polite = polite;
        this.events = events;
        this.timer.start(polite);
        this.tell();
    }

    get state(): PeerState {
        return this.lastState;
    }

    get since_ms(): number | null {
        return this.connected_at_ms;
    }

    receive(payload: SignalPayload): void {
        this.enqueue(() =>
            'description' in payload
                ? this.takeDescription(payload.description)
                : this.takeCandidate(payload.candidate),
        );
    }

    setTrack(slot: Slot, track: MediaStreamTrack | null): void {
        this.replace(this.slots.get(slot), track);
    }

    setIce(ice: IceSettings): void {
        if (!this.ended) {
            this.connection.setConfiguration(toConfiguration(ice));
        }
    }

    /** Offers again: with new candidates when there was a connection, else the first offer once more. */
    restart(): void {
        if (this.options.offering || this.answered) {
            this.enqueue(() => this.offer(this.answered));
        }
    }

    /** Caps what each camera picture may cost, in bits per second. */
    limitCamera(bitrate_bps: number): void {
        const sender = this.slots.get('camera')?.sender;
        const parameters = sender?.getParameters();
        const [encoding] = parameters?.encodings ?? [];
        if (sender !== undefined && parameters !== undefined && encoding !== undefined) {
            encoding.maxBitrate = bitrate_bps;
            sender.setParameters(parameters).catch(() => undefined);
        }
    }

    /** How loud their microphone is right now, 0 to 1. While connecting it isn't asked: the answer would keep the page waiting. */
    audioLevel(): number {
        if (this.lastState !== 'connected') {
            return 0;
        }
        const [source] = this.slots.get('microphone')?.receiver.getSynchronizationSources() ?? [];
        return source?.audioLevel ?? 0;
    }

    async sample(): Promise<PeerSample> {
        const report = await this.connection.getStats();
        const mids = SLOTS.map((slot) => this.slots.get(slot)?.mid ?? null);
        return readStats(
            report as unknown as Iterable<[string, unknown]>,
            { sending: mids, receiving: mids },
            performance.now(),
        );
    }

    close(): void {
        if (this.ended) {
            return;
        }
        this.ended = true;
        this.timer.stop();
        this.connection.onicecandidate = this.connection.onconnectionstatechange = null;
        this.channels.close();
        this.connection.close();
        this.lastState = 'closed';
    }

    // ---- negotiation

    private addSections(): void {
        for (const slot of SLOTS) {
            const transceiver = this.connection.addTransceiver(
                this.options.tracks.get(slot) ?? KINDS[slot],
                { direction: 'sendrecv', streams: [this.options.groups[groupOf(slot)]] },
            );
            this.slots.set(slot, transceiver);
        }
    }

    /** The answering side: takes the sections of the first offer for its own. */
    private async adoptSections(): Promise<boolean> {
        const transceivers = this.connection.getTransceivers();
        const fits =
            transceivers.length === SLOTS.length &&
            SLOTS.every((slot, i) => transceivers[i]?.receiver.track.kind === KINDS[slot]);
        if (!fits) {
            return false;
        }
        await Promise.all(
            SLOTS.map(async (slot, i) => {
                const transceiver = transceivers[i];
                if (transceiver !== undefined) {
                    this.slots.set(slot, transceiver);
                    transceiver.direction = 'sendrecv';
                    transceiver.sender.setStreams(this.options.groups[groupOf(slot)]);
                    await transceiver.sender.replaceTrack(this.options.tracks.get(slot) ?? null);
                }
            }),
        );
        return true;
    }

    private async offer(iceRestart: boolean): Promise<void> {
        if (this.connection.signalingState !== 'have-remote-offer') {
            await this.describeOurselves(iceRestart);
            this.tellDescription();
        }
    }

    private async takeDescription(description: Description): Promise<void> {
        const { connection } = this;
        const collision = description.type === 'offer' && connection.signalingState !== 'stable';
        this.ignoredOffer = collision && !this.polite;
        if (
            this.ignoredOffer ||
            (description.type === 'answer' && connection.signalingState !== 'have-local-offer')
        ) {
            return;
        }
        await connection.setRemoteDescription({
            type: description.type,
            sdp: withStartBitrate(description.sdp),
        });
        if (description.type === 'offer') {
            if (this.slots.size === 0 && !(await this.adoptSections())) {
                this.fail();
                return;
            }
            await connection.setLocalDescription();
            this.tellDescription();
        }
        this.tellTracks();
    }

    private async takeCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
        try {
            await this.connection.addIceCandidate(candidate ?? undefined);
        } catch (error) {
            if (!this.ignoredOffer) {
                throw error;
            }
        }
    }

    private tellDescription(): void {
        const description = this.connection.localDescription;
        if (description?.type === 'offer' || description?.type === 'answer') {
            this.described = true;
            this.untold.unshift({
                session: this.session,
                description: { type: description.type, sdp: description.sdp },
            });
            this.tell();
        }
    }

    private trickle(candidate: RTCIceCandidate | null): void {
        this.untold.push({
            session: this.session,
            candidate:
                candidate === null
                    ? null
                    : {
                          candidate: candidate.candidate,
                          sdpMid: candidate.sdpMid,
                          sdpMLineIndex: candidate.sdpMLineIndex,
                          usernameFragment: candidate.usernameFragment,
                      },
        });
        this.tell();
    }

    private tell(): void {
        if (this.described && this.events !== null) {
            for (const payload of this.untold.splice(0)) {
                this.events.signal(payload);
            }
        }
    }

    private tellTracks(): void {
        const tracks = SLOTS.flatMap((slot) => {
            const track = this.slots.get(slot)?.receiver.track;
            return track === undefined ? [] : [[slot, track] as const];
        });
        if (tracks.length === SLOTS.length) {
            this.events?.tracks(Object.fromEntries(tracks) as Record<Slot, MediaStreamTrack>);
        }
    }

    // ---- the state of the connection

    private follow(): void {
        const { connectionState } = this.connection;
        const state = connectionState === 'new' ? 'connecting' : connectionState;
        this.timer.follow(state);
        if (state === 'connected') {
            this.connected_at_ms ??= Date.now();
        }
        this.lastState = state;
        if (state !== 'connected') {
            this.events?.state(state, null);
            return;
        }
        this.sample().then(
            ({ path }) => {
                if (this.lastState === 'connected') {
                    this.events?.state('connected', path);
                }
            },
            () => undefined,
        );
    }

    private fail(): void {
        this.lastState = 'failed';
        this.events?.state('failed', null);
    }
}
