// SPDX-License-Identifier: Apache-2.0

// Media through the server: one connection to its relay for all.
//
//   begin ──offer──► answered ──► connected
//     ▲                              │ lost, failed, or down for too long
//     └──────────────────────────────┘ a new connection with a new session; the old one stays until that is up
//
// Pictures are those of the connection that is up; while there are two, of the newer one where it has them already.

import { NO_PICTURE, PictureNews } from './picture-news';
import { RelayLink } from './relay-link';
import {
    MAX_PASS_BYTES,
    type PassChannel,
    type RelayCommand,
    type RelayMessage,
    type SlotCounts,
} from './relay-types';
import { RelayNumbers, type Line } from './relay-numbers';
import { SlotBoard } from './slot-board';
import type {
    ChannelName,
    MediaSession,
    MediaSessionEvents,
    PeerId,
    PeerState,
    Picture,
    PictureView,
    Quality,
    SecurityFacts,
    Slot,
    Wanted,
} from './types';
import { newId } from './wire';

/** An offer is made, answered, and the connection up, each within this. */
const PATIENCE_MS = 8000;
/** Short breaks heal by themselves. */
const BREAK_MS = 3000;
/** The relay had no room: asked again after this. */
const FULL_MS = 10_000;
/** Attempts that fail one after the other come less and less often. */
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8000;
/** A new connection has this long to bring the pictures of the one that it replaces. */
const HAND_OVER_MS = 1500;

export interface RelayedSessionEvents extends MediaSessionEvents {
    command(command: RelayCommand): void;
    /** The relay has no room for us now. */
    full(): void;
}

const textBytes = (text: string): number => new TextEncoder().encode(text).length;

export class RelayedSession implements MediaSession {
    private readonly peers = new Set<PeerId>();
    private readonly tracks: Map<Slot, MediaStreamTrack | null>;
    private readonly numbers = new RelayNumbers();
    private readonly pictures: PictureNews;
    private line: Line | null = null;
    /** The one before, while its successor isn't up. */
    private before: Line | null = null;
    private wanted: readonly Wanted[] = [];
    private asked = '';
    private lastState: PeerState = 'connecting';
    private attempt = 0;
    private timer: ReturnType<typeof setTimeout> | null = null;
    private handOver: ReturnType<typeof setTimeout> | null = null;

    constructor(
        private readonly counts: SlotCounts,
        tracks: ReadonlyMap<Slot, MediaStreamTrack | null>,
        private readonly events: RelayedSessionEvents,
    ) {
        this.tracks = new Map(tracks);
        this.pictures = new PictureNews((...news) => events.picture(...news));
        this.begin();
    }

    get state(): PeerState {
        return this.lastState;
    }

    setTrack(slot: Slot, track: MediaStreamTrack | null): void {
        this.tracks.set(slot, track);
        this.line?.link.setTrack(slot, track);
        this.before?.link.setTrack(slot, track);
    }

    addPeer(peer: PeerId): void {
        this.peers.add(peer);
        this.events.state(peer, this.lastState, null);
        this.events.open(peer, 'chat');
    }

    removePeer(peer: PeerId): void {
        this.peers.delete(peer);
        this.numbers.forget(peer);
    }

    watch(wanted: readonly Wanted[]): void {
        this.wanted = wanted;
        this.ask();
        this.show();
    }

    restart(which: 'all' | 'broken'): void {
        if (which === 'all') {
            this.line?.link.restart();
        } else {
            this.asked = '';
            this.ask();
        }
    }

    receive(message: RelayMessage): void {
        if (message.type === 'passed') {
            if (this.peers.has(message.from)) {
                this.events.message(message.from, message.channel, message.data);
            }
            return;
        }
        const line = [this.line, this.before].find(
            (each) => each?.link.session === message.session,
        );
        if (line == null) {
            return;
        }
        switch (message.type) {
            case 'relay':
                line.link.answer(message.description.sdp);
                return;
            case 'relay_gone':
                this.gone(line, message.code);
                return;
            case 'slots':
                line.board.feed(message.slots);
                this.show();
                return;
            case 'watched':
                line.link.encode(message.camera, message.screen);
        }
    }

    heard(): readonly PeerId[] {
        return this.line?.board.speakers() ?? [];
    }

    audioLevel(peer: PeerId): number {
        const mid = this.line?.board.voice(peer, 'microphone') ?? null;
        return mid === null ? 0 : (this.line?.link.audioLevel(mid) ?? 0);
    }

    send(peer: PeerId, channel: ChannelName, data: string | ArrayBuffer): boolean {
        return this.isOpen(peer, channel) && this.pass(peer, channel, data);
    }

    sendAll(channel: ChannelName, data: string): void {
        if (this.peers.size > 0) {
            this.pass('all', channel, data);
        }
    }

    buffered(): number {
        return 0;
    }

    /** Files go from browser to browser, or not at all: the server is not to have them. */
    isOpen(peer: PeerId, channel: ChannelName): boolean {
        return channel !== 'files' && this.peers.has(peer);
    }

    async flows(peer: PeerId, picture: Picture): Promise<boolean> {
        return this.line !== null && this.numbers.flows(this.line, peer, picture);
    }

    async quality(peer: PeerId): Promise<Quality | null> {
        const { line } = this;
        const quality = line === null ? null : await this.numbers.quality(line, peer);
        return line === this.line ? quality : null;
    }

    async security(): Promise<SecurityFacts | null> {
        return this.line === null ? null : this.numbers.security(this.line);
    }

    close(): void {
        this.stopTimers();
        for (const line of [this.line, this.before]) {
            line?.link.close();
        }
        this.line = this.before = null;
        this.show();
        this.setState('closed');
    }

    // ---- the connection

    private begin(): void {
        this.stopTimers();
        // Of two that aren't up, only the first may still be in the picture.
        if (this.before === null) {
            this.before = this.line;
        } else {
            this.line?.link.close();
        }
        const link: RelayLink = new RelayLink(
            { session: newId(), counts: this.counts, tracks: this.tracks },
            {
                offer: (sdp) => {
                    this.events.command({
                        type: 'relay',
                        session: link.session,
                        description: { type: 'offer', sdp },
                    });
                    this.stepDone(link);
                },
                named: () => {
                    if (this.line?.link === link && this.line.board.size === 0) {
                        this.line.board = new SlotBoard(link.videoMids());
                    }
                },
                answered: () => {
                    this.asked = '';
                    this.ask();
                    this.stepDone(link);
                },
                state: (state) => this.follow(link, state),
            },
        );
        this.line = { link, board: new SlotBoard([]) };
        this.asked = '';
        this.stepDone(link);
    }

    /** A connection that isn't up yet has come a step further, and gets its time for the next. */
    private stepDone(link: RelayLink): void {
        if (link === this.line?.link && link.since_ms === null) {
            this.stopTimer();
            this.timer = setTimeout(() => this.beginLater(), PATIENCE_MS);
        }
    }

    private beginLater(): void {
        const delay_ms =
            this.attempt === 0
                ? 0
                : Math.min(FIRST_DELAY_MS * 2 ** (this.attempt - 1), LONGEST_DELAY_MS);
        this.attempt += 1;
        this.wait(delay_ms);
    }

    private wait(delay_ms: number): void {
        this.stopTimers();
        this.timer = setTimeout(() => this.begin(), delay_ms);
    }

    private gone(line: Line, code: 'bad-offer' | 'full' | 'lost'): void {
        if (line !== this.line) {
            return;
        }
        this.setState('disconnected');
        if (code === 'lost') {
            this.beginLater();
            return;
        }
        if (code === 'full') {
            this.events.full();
        }
        this.wait(FULL_MS);
    }

    private follow(link: RelayLink, state: PeerState): void {
        if (link !== this.line?.link) {
            return;
        }
        switch (state) {
            case 'connected':
                this.stopTimers();
                this.attempt = 0;
                this.setState('connected');
                this.events.sounds(link.audioTracks());
                if (this.before !== null) {
                    this.handOver = setTimeout(() => this.dropBefore(), HAND_OVER_MS);
                }
                return;
            case 'disconnected':
                this.setState('disconnected');
                this.timer ??= setTimeout(() => this.beginLater(), BREAK_MS);
                return;
            case 'failed':
                this.setState('failed');
                this.beginLater();
        }
    }

    private dropBefore(): void {
        this.before?.link.close();
        this.before = null;
        this.show();
    }

    private setState(state: PeerState): void {
        if (state !== this.lastState) {
            this.lastState = state;
            for (const peer of this.peers) {
                this.events.state(peer, state, null);
            }
        }
    }

    private stopTimer(): void {
        if (this.timer !== null) {
            clearTimeout(this.timer);
            this.timer = null;
        }
    }

    private stopTimers(): void {
        this.stopTimer();
        if (this.handOver !== null) {
            clearTimeout(this.handOver);
            this.handOver = null;
        }
    }

    // ---- pictures

    private ask(): void {
        const { line } = this;
        if (line === null || !line.link.answered) {
            return;
        }
        const slots = line.board.assign(this.wanted);
        const words = JSON.stringify(slots);
        if (words !== this.asked) {
            this.asked = words;
            this.events.command({ type: 'want', session: line.link.session, slots });
        }
    }

    private viewOf(peer: PeerId, picture: Picture): PictureView {
        for (const line of [this.line, this.before]) {
            const place = line?.board.find(peer, picture) ?? null;
            const track = place === null ? null : (line?.link.videoTrack(place.mid) ?? null);
            if (place !== null && track !== null) {
                return { track, starved: place.state === 'starved' };
            }
        }
        return NO_PICTURE;
    }

    private show(): void {
        this.pictures.update(this.wanted, (peer, picture) => this.viewOf(peer, picture));
    }

    // ---- besides

    private pass(to: string, channel: ChannelName, data: string | ArrayBuffer): boolean {
        if (channel === 'files' || typeof data !== 'string' || textBytes(data) > MAX_PASS_BYTES) {
            return false;
        }
        const via: PassChannel = channel;
        this.events.command({ type: 'pass', to, channel: via, data });
        return true;
    }
}
