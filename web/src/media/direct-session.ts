// SPDX-License-Identifier: Apache-2.0

// Media straight from browser to browser: one connection to each of the others (a mesh of up to four people).

import { PeerLink, type PeerLinkEvents } from './peer-link';
import { QualityMeter } from './quality';
import { securityFacts } from './security-facts';
import { SpareLink } from './spare-link';
import type {
    ChannelName,
    IceSettings,
    MediaSession,
    MediaSessionEvents,
    PeerId,
    PeerState,
    Picture,
    Quality,
    SecurityFacts,
    SignalPayload,
    Slot,
} from './types';
import { newId } from './wire';

/** What a camera picture may cost when it is sent to one, two or three others. */
const CAMERA_BPS = [2_500_000, 1_200_000, 800_000] as const;

export interface DirectSessionEvents extends MediaSessionEvents {
    signal(to: PeerId, payload: SignalPayload): void;
}

export interface DirectSessionOptions {
    readonly me: PeerId;
    readonly ice: IceSettings;
}

interface Peer {
    /** Null: waiting for their first offer. */
    link: PeerLink | null;
    tracks: Readonly<Record<Slot, MediaStreamTrack>> | null;
    meter: QualityMeter;
    waiting: ReturnType<typeof setTimeout> | null;
}

/** They should have begun by then; if not, we do. */
const BEGIN_MS = 10_000;

export class DirectSession implements MediaSession {
    private readonly peers = new Map<PeerId, Peer>();
    private readonly tracks = new Map<Slot, MediaStreamTrack | null>();
    private readonly groups = { person: new MediaStream(), screen: new MediaStream() };
    private readonly spare = new SpareLink(() => this.newLink(newId(), true));
    private ice: IceSettings;

    constructor(
        private readonly options: DirectSessionOptions,
        private readonly events: DirectSessionEvents,
    ) {
        this.ice = options.ice;
    }

    setTrack(slot: Slot, track: MediaStreamTrack | null): void {
        this.tracks.set(slot, track);
        this.spare.current?.setTrack(slot, track);
        for (const { link } of this.peers.values()) {
            link?.setTrack(slot, track);
        }
    }

    setIce(ice: IceSettings): void {
        this.ice = ice;
        this.spare.renew();
        for (const { link } of this.peers.values()) {
            link?.setIce(ice);
        }
    }

    /** Whether the next to come shall find us with an offer in hand. */
    expect(somebody: boolean): void {
        this.spare.keep(somebody);
    }

    addPeer(id: PeerId, offering: boolean): void {
        if (this.peers.has(id)) {
            return;
        }
        const peer: Peer = { link: null, tracks: null, meter: new QualityMeter(), waiting: null };
        this.peers.set(id, peer);
        this.events.state(id, 'connecting', null);
        if (offering) {
            this.begin(id, peer, this.spare.take());
        } else {
            peer.waiting = setTimeout(() => this.begin(id, peer, this.spare.take()), BEGIN_MS);
        }
        this.shareBandwidth();
    }

    removePeer(id: PeerId): void {
        const peer = this.peers.get(id);
        if (peer !== undefined) {
            this.peers.delete(id);
            this.end(id, peer);
            this.shareBandwidth();
        }
    }

    receiveSignal(from: PeerId, payload: SignalPayload): void {
        const peer = this.peers.get(from);
        if (peer === undefined) {
            return;
        }
        if (peer.link?.session !== payload.session) {
            const begins = 'description' in payload && payload.description.type === 'offer';
            // Both began at once: the impolite side's offer stands.
            const ours = peer.link !== null && !peer.link.answered && !this.isPolite(from);
            if (!begins || ours) {
                return;
            }
            this.begin(from, peer, this.newLink(payload.session, false));
        }
        peer.link?.receive(payload);
    }

    restart(which: 'all' | 'broken'): void {
        if (which === 'all') {
            this.spare.renew();
        }
        for (const { link } of this.peers.values()) {
            if (which === 'all' || link?.state !== 'connected') {
                link?.restart();
            }
        }
    }

    peerReturned(id: PeerId): void {
        const link = this.peers.get(id)?.link;
        if (link?.answered === false) {
            link.restart();
        }
    }

    /** Everything comes from everybody, on the page or not. */
    watch(): void {}

    heard(): readonly PeerId[] {
        return [...this.peers.keys()];
    }

    async flows(id: PeerId, picture: Picture): Promise<boolean> {
        const sample = await this.peers.get(id)?.link?.sample();
        return (sample?.receiving[picture]?.frames ?? 0) > 0;
    }

    get isEmpty(): boolean {
        return this.peers.size === 0;
    }

    has(id: PeerId): boolean {
        return this.peers.has(id);
    }

    stateOf(id: PeerId): PeerState {
        return this.peers.get(id)?.link?.state ?? 'connecting';
    }

    sendAll(channel: ChannelName, data: string): void {
        for (const id of this.peers.keys()) {
            this.send(id, channel, data);
        }
    }

    send(id: PeerId, channel: ChannelName, data: string | ArrayBuffer): boolean {
        return this.peers.get(id)?.link?.channels.send(channel, data) ?? false;
    }

    buffered(id: PeerId, channel: ChannelName): number {
        return this.peers.get(id)?.link?.channels.buffered(channel) ?? 0;
    }

    isOpen(id: PeerId, channel: ChannelName): boolean {
        return this.peers.get(id)?.link?.channels.isOpen(channel) ?? false;
    }

    audioLevel(id: PeerId): number {
        return this.peers.get(id)?.link?.audioLevel() ?? 0;
    }

    async quality(id: PeerId): Promise<Quality | null> {
        const peer = this.peers.get(id);
        const link = peer?.link ?? null;
        if (peer === undefined || link === null || link.since_ms === null) {
            return null;
        }
        const sample = await link.sample();
        return link === peer.link ? peer.meter.take(sample, link.state === 'connected') : null;
    }

    async security(id: PeerId): Promise<SecurityFacts | null> {
        const link = this.peers.get(id)?.link ?? null;
        if (link === null || link.since_ms === null) {
            return null;
        }
        return securityFacts(await link.sample(), link.localSdp, link.remoteSdp, link.since_ms);
    }

    close(): void {
        this.spare.keep(false);
        for (const [id, peer] of [...this.peers]) {
            this.peers.delete(id);
            this.end(id, peer);
        }
    }

    private isPolite(other: PeerId): boolean {
        return this.options.me > other;
    }

    private newLink(session: string, offering: boolean): PeerLink {
        const { ice, tracks, groups } = this;
        return new PeerLink({ session, offering, ice, tracks, groups });
    }

    /** Replaces whatever connection there was by a new one. */
    private begin(id: PeerId, peer: Peer, link: PeerLink): void {
        this.dropLink(id, peer);
        peer.meter = new QualityMeter();
        peer.link = link;
        link.meet(this.isPolite(id), this.eventsOf(id, peer, link));
    }

    private eventsOf(id: PeerId, peer: Peer, link: PeerLink): PeerLinkEvents {
        const { events } = this;
        return {
            signal: (payload) => events.signal(id, payload),
            tracks: (tracks) => this.show(id, peer, tracks),
            state: (state, path) => {
                events.state(id, state, path);
                if (state === 'connected') {
                    this.shareBandwidth();
                }
            },
            channelOpen: (channel) => events.open(id, channel),
            channelMessage: (channel, data) => events.message(id, channel, data),
            channelDrained: (channel) => events.drained(id, channel),
            channelClosed: (channel) => events.closed(id, channel),
            stuck: () => {
                if (peer.link === link) {
                    this.begin(id, peer, this.spare.take());
                    events.state(id, 'connecting', null);
                }
            },
        };
    }

    private dropLink(id: PeerId, peer: Peer): void {
        if (peer.waiting !== null) {
            clearTimeout(peer.waiting);
            peer.waiting = null;
        }
        if (peer.link !== null) {
            peer.link.close();
            peer.link = null;
            this.show(id, peer, null);
        }
    }

    /** Tracks are there from the first negotiation until the connection is replaced. */
    private show(id: PeerId, peer: Peer, tracks: Peer['tracks']): void {
        peer.tracks = tracks;
        for (const picture of ['camera', 'screen'] satisfies Picture[]) {
            this.events.picture(id, picture, { track: tracks?.[picture] ?? null, starved: false });
        }
        this.events.sounds(
            [...this.peers.values()].flatMap(({ tracks: each }) =>
                each === null ? [] : [each.microphone, each['screen-sound']],
            ),
        );
    }

    private end(id: PeerId, peer: Peer): void {
        this.dropLink(id, peer);
        this.events.state(id, 'closed', null);
    }

    private shareBandwidth(): void {
        const bitrate_bps = CAMERA_BPS[Math.min(this.peers.size, CAMERA_BPS.length) - 1];
        if (bitrate_bps !== undefined) {
            for (const { link } of this.peers.values()) {
                link?.limitCamera(bitrate_bps);
            }
        }
    }
}
