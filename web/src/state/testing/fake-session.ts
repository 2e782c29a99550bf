// SPDX-License-Identifier: Apache-2.0

// What the tests of a call put in the place of media.

import type { CallMedia, CallMediaEvents } from '../../media/switched-session';
import type { RelayMessage } from '../../media/relay-types';
import type { PeerId, SecurityFacts, SignalPayload, Wanted } from '../../media/types';

/** Remembers what was asked of it; its events are in the test's hands. */
export class FakeSession implements CallMedia {
    static all: FakeSession[] = [];
    readonly log: string[] = [];
    readonly sent: { peer: PeerId; channel: string; data: unknown }[] = [];
    readonly signals: [PeerId, SignalPayload][] = [];
    readonly relayed: RelayMessage[] = [];
    wanted: readonly Wanted[] = [];
    facts: SecurityFacts | null = null;

    constructor(
        readonly me: PeerId,
        readonly events: CallMediaEvents,
    ) {
        FakeSession.all.push(this);
    }

    setTrack(slot: string, track: MediaStreamTrack | null): void {
        this.log.push(`track ${slot} ${track === null ? 'off' : 'on'}`);
    }

    setIce(): void {
        this.log.push('ice');
    }

    addPeer(peer: PeerId, offering: boolean): void {
        this.log.push(`add ${peer} ${offering ? 'offering' : 'waiting'}`);
    }

    removePeer(peer: PeerId): void {
        this.log.push(`remove ${peer}`);
    }

    receiveSignal(from: PeerId, payload: SignalPayload): void {
        this.signals.push([from, payload]);
    }

    restart(which: string): void {
        this.log.push(`restart ${which}`);
    }

    peerReturned(peer: PeerId): void {
        this.log.push(`returned ${peer}`);
    }

    setMode(mode: string): void {
        this.log.push(`mode ${mode}`);
    }

    receiveRelay(message: RelayMessage): void {
        this.relayed.push(message);
    }

    watch(wanted: readonly Wanted[]): void {
        this.wanted = wanted;
    }

    heard(): readonly PeerId[] {
        return [];
    }

    audioLevel(): number {
        return 0;
    }

    sendAll(channel: string, data: unknown): void {
        this.sent.push({ peer: 'all', channel, data });
    }

    flows(): Promise<boolean> {
        return Promise.resolve(false);
    }

    send(peer: PeerId, channel: string, data: unknown): boolean {
        this.sent.push({ peer, channel, data });
        return true;
    }

    buffered(): number {
        return 0;
    }

    isOpen(): boolean {
        return true;
    }

    quality(): Promise<null> {
        return Promise.resolve(null);
    }

    security(): Promise<SecurityFacts | null> {
        return Promise.resolve(this.facts);
    }

    close(): void {
        this.log.push('close');
    }
}
