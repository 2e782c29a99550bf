// SPDX-License-Identifier: Apache-2.0

// A call's media on whichever way it takes, and the change from one to the other without a gap: the new way is made while the
// old one lives, what is seen and heard changes over when the new one brings it, and only then the old one goes.
//
// Two things are kept apart: `mode`, the way that the server wants, and `active`, the way that is seen and heard.

import { DirectSession } from './direct-session';
import { NO_PICTURE } from './picture-news';
import { RelayedSession } from './relayed-session';
import type { RelayCommand, RelayMessage, SlotCounts } from './relay-types';
import { Stage } from './stage';
import type {
    ChannelName,
    IceSettings,
    MediaSession,
    MediaSessionEvents,
    PeerId,
    PeerPath,
    PeerState,
    Picture,
    Quality,
    SecurityFacts,
    SignalPayload,
    Slot,
    Wanted,
} from './types';

export type Way = 'direct' | 'relayed';

export interface CallMediaEvents extends MediaSessionEvents {
    signal(to: PeerId, payload: SignalPayload): void;
    command(command: RelayCommand): void;
    /** How a connection from browser to browser is doing, seen and heard or not. */
    connection(peer: PeerId, state: PeerState, path: PeerPath | null): void;
    /** From now on media passes through the server, or doesn't any more. */
    way(way: Way): void;
    /** The server's relay has no room for us; it is asked again. */
    full(): void;
}

/** What a conference needs of its media. */
export interface CallMedia extends MediaSession {
    setIce(ice: IceSettings): void;
    setMode(mode: Way): void;
    receiveSignal(from: PeerId, payload: SignalPayload): void;
    receiveRelay(message: RelayMessage): void;
    /** A peer can be signalled to again: it is told once more what it never answered. */
    peerReturned(peer: PeerId): void;
}

export interface CallMediaOptions {
    readonly me: PeerId;
    readonly ice: IceSettings;
    readonly counts: SlotCounts;
}

/** How often it is looked whether the new way brings everything. */
const LOOK_MS = 50;
/** Once the new way is up, it isn't waited for longer than this: somebody may send nothing. */
const PATIENCE_MS = 2500;
/** The others may change over a little later, and still need what we send on the old way. */
const LINGER_MS = 4000;

export class SwitchedSession implements CallMedia {
    private readonly direct: DirectSession;
    private relayed: RelayedSession | null = null;
    private mode: Way = 'direct';
    private active: Way = 'direct';
    private told: Way = 'direct';
    private readonly peers = new Set<PeerId>();
    private readonly tracks = new Map<Slot, MediaStreamTrack | null>();
    private readonly stages: Record<Way, Stage> = { direct: new Stage(), relayed: new Stage() };
    private wanted: readonly Wanted[] = [];
    private looking: ReturnType<typeof setTimeout> | null = null;
    private lingering: ReturnType<typeof setTimeout> | null = null;
    /** Since when the way that is changed to is up. */
    private up_since_ms: number | null = null;
    private closed = false;

    constructor(
        private readonly options: CallMediaOptions,
        private readonly events: CallMediaEvents,
    ) {
        this.direct = new DirectSession(options, {
            ...this.stageEvents('direct'),
            signal: (to, payload) => events.signal(to, payload),
            state: (peer, state, path) => {
                events.connection(peer, state, path);
                if (this.active === 'direct' && this.mode === 'direct') {
                    events.state(peer, state, path);
                }
            },
        });
        this.expect();
    }

    setTrack(slot: Slot, track: MediaStreamTrack | null): void {
        this.tracks.set(slot, track);
        this.direct.setTrack(slot, track);
        this.relayed?.setTrack(slot, track);
    }

    setIce(ice: IceSettings): void {
        this.direct.setIce(ice);
    }

    setMode(mode: Way): void {
        if (mode === this.mode) {
            return;
        }
        this.mode = mode;
        this.stopTimers();
        if (mode === 'relayed') {
            this.makeRelayed();
        } else {
            for (const peer of this.peers) {
                this.direct.addPeer(peer, this.options.me < peer);
            }
        }
        this.expect();
        if (this.active === mode) {
            this.linger();
        } else if (mode === 'relayed' ? this.direct.isEmpty : this.peers.size === 0) {
            // Nothing is seen or heard that could be lost.
            this.changeOver(mode);
        } else {
            this.look();
        }
    }

    addPeer(peer: PeerId, offering: boolean): void {
        this.peers.add(peer);
        if (this.mode === 'direct') {
            this.direct.addPeer(peer, offering);
        }
        this.relayed?.addPeer(peer);
        this.expect();
    }

    removePeer(peer: PeerId): void {
        this.peers.delete(peer);
        this.direct.removePeer(peer);
        this.relayed?.removePeer(peer);
        this.stages.direct.removePeer(peer);
        this.stages.relayed.removePeer(peer);
        this.expect();
    }

    receiveSignal(from: PeerId, payload: SignalPayload): void {
        this.direct.receiveSignal(from, payload);
    }

    receiveRelay(message: RelayMessage): void {
        if (message.type === 'relay_gone' && this.mode === 'direct') {
            // Nothing more comes that way, whether the direct one is up or not.
            if (this.active === 'relayed') {
                this.changeOver('direct');
            }
            return;
        }
        this.relayed?.receive(message);
    }

    restart(which: 'all' | 'broken'): void {
        this.direct.restart(which);
        this.relayed?.restart(which);
    }

    peerReturned(peer: PeerId): void {
        this.direct.peerReturned(peer);
    }

    watch(wanted: readonly Wanted[]): void {
        this.wanted = wanted;
        this.relayed?.watch(wanted);
    }

    heard(): readonly PeerId[] {
        return this.current.heard();
    }

    audioLevel(peer: PeerId): number {
        return this.current.audioLevel(peer);
    }

    send(peer: PeerId, channel: ChannelName, data: string | ArrayBuffer): boolean {
        return (
            this.direct.send(peer, channel, data) ||
            this.passes(channel)?.send(peer, channel, data) === true
        );
    }

    sendAll(channel: ChannelName, data: string): void {
        (this.passes(channel) ?? this.direct).sendAll(channel, data);
    }

    buffered(peer: PeerId, channel: ChannelName): number {
        return this.direct.buffered(peer, channel);
    }

    isOpen(peer: PeerId, channel: ChannelName): boolean {
        return (
            this.direct.isOpen(peer, channel) ||
            this.passes(channel)?.isOpen(peer, channel) === true
        );
    }

    flows(peer: PeerId, picture: Picture): Promise<boolean> {
        return this.current.flows(peer, picture);
    }

    quality(peer: PeerId): Promise<Quality | null> {
        return this.current.quality(peer);
    }

    security(peer: PeerId): Promise<SecurityFacts | null> {
        return this.current.security(peer);
    }

    close(): void {
        this.closed = true;
        this.stopTimers();
        this.direct.close();
        this.relayed?.close();
        this.relayed = null;
    }

    private get current(): MediaSession {
        return this.active === 'relayed' && this.relayed !== null ? this.relayed : this.direct;
    }

    /** Through what the server passes on chat; null where it doesn't. Who sends what, the server tells anyway. */
    private passes(channel: ChannelName): RelayedSession | null {
        return this.mode === 'relayed' && channel === 'chat' ? this.relayed : null;
    }

    // ---- the ways

    /** While nobody else is here, the next to come is told how to reach us at once. */
    private expect(): void {
        this.direct.expect(this.mode === 'direct' && this.peers.size === 0);
    }

    private makeRelayed(): void {
        for (const peer of this.peers) {
            if (this.direct.stateOf(peer) !== 'connected') {
                this.direct.removePeer(peer);
            }
        }
        if (this.relayed === null) {
            const relayed: RelayedSession = new RelayedSession(this.options.counts, this.tracks, {
                ...this.stageEvents('relayed'),
                command: (command) => this.events.command(command),
                full: () => this.events.full(),
                state: (peer, state, path) => {
                    if (this.active === 'relayed' || !this.direct.has(peer)) {
                        this.events.state(peer, state, path);
                    }
                    this.tellWay();
                },
            });
            this.relayed = relayed;
            relayed.watch(this.wanted);
            for (const peer of this.peers) {
                relayed.addPeer(peer);
            }
        }
    }

    private stageEvents(way: Way): Omit<MediaSessionEvents, 'state'> {
        const { events } = this;
        return {
            picture: (...shown) => {
                this.stages[way].show(...shown);
                if (this.active === way) {
                    events.picture(...shown);
                }
            },
            sounds: (tracks) => {
                this.stages[way].sounds = tracks;
                if (this.active === way) {
                    events.sounds(tracks);
                }
            },
            open: (peer, channel) => events.open(peer, channel),
            message: (peer, channel, data) => events.message(peer, channel, data),
            drained: (peer, channel) => events.drained(peer, channel),
            closed: (peer, channel) => events.closed(peer, channel),
        };
    }

    /** Says how the call is protected: as soon as anything passes through the server, and until nothing does any more. */
    private tellWay(): void {
        const { relayed } = this;
        const way: Way =
            relayed !== null && (this.active === 'relayed' || relayed.state === 'connected')
                ? 'relayed'
                : 'direct';
        if (way !== this.told) {
            this.told = way;
            this.events.way(way);
        }
    }

    // ---- the change

    private look(): void {
        this.looking = setTimeout(() => {
            const to = this.mode;
            void this.isReady(to).then((ready) => {
                if (this.closed || this.mode !== to || this.active === to) {
                    return;
                }
                if (ready) {
                    this.changeOver(to);
                } else {
                    this.look();
                }
            });
        }, LOOK_MS);
    }

    /** Whether the other way brings all that is to be seen on this one. */
    private async isReady(to: Way): Promise<boolean> {
        const other: MediaSession | null = to === 'direct' ? this.direct : this.relayed;
        const up =
            to === 'direct'
                ? [...this.peers].every((peer) => this.direct.stateOf(peer) === 'connected')
                : this.relayed?.state === 'connected';
        if (other === null || !up) {
            this.up_since_ms = null;
            return false;
        }
        this.up_since_ms ??= performance.now();
        if (performance.now() - this.up_since_ms > PATIENCE_MS) {
            return true;
        }
        const seen = this.wanted.filter(
            ({ peer, picture }) => this.stages[this.active].find(peer, picture)?.track != null,
        );
        const flowing = await Promise.all(
            seen.map(({ peer, picture }) => other.flows(peer, picture).catch(() => false)),
        );
        return flowing.every(Boolean);
    }

    private changeOver(to: Way): void {
        this.stopTimers();
        const before = this.stages[this.active];
        const now = this.stages[to];
        this.active = to;
        for (const [peer, picture] of before.pictures()) {
            if (now.find(peer, picture) === null) {
                this.events.picture(peer, picture, NO_PICTURE);
            }
        }
        for (const shown of now.pictures()) {
            this.events.picture(...shown);
        }
        this.events.sounds(now.sounds);
        for (const peer of this.peers) {
            const state = to === 'direct' ? this.direct.stateOf(peer) : this.relayed?.state;
            this.events.state(peer, state ?? 'connecting', null);
        }
        this.tellWay();
        this.linger();
    }

    /** Lets go of the way that isn't needed any more, after a while. */
    private linger(): void {
        this.lingering = setTimeout(() => {
            this.lingering = null;
            if (this.active === 'relayed') {
                for (const peer of this.peers) {
                    this.direct.removePeer(peer);
                }
            } else {
                this.relayed?.close();
                this.relayed = null;
                this.stages.relayed = new Stage();
                this.tellWay();
            }
        }, LINGER_MS);
    }

    private stopTimers(): void {
        for (const timer of [this.looking, this.lingering]) {
            if (timer !== null) {
                clearTimeout(timer);
            }
        }
        this.looking = this.lingering = null;
        this.up_since_ms = null;
    }
}
