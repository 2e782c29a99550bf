// SPDX-License-Identifier: Apache-2.0

// Who is in the meeting, what comes from them, and how the connection to each is doing.

import type { PeerPath, PeerState, Quality, SecurityFacts, Slot } from '../media/types';
import type { MediaState, Participant } from '../protocol/messages';
import { Store } from './store';
import type { People, Person, Protection } from './views';

function streamOf(track: MediaStreamTrack): MediaStream {
    return new MediaStream([track]);
}

function newPerson(participant: Participant): Person {
    return {
        participant,
        connection: 'connecting',
        path: null,
        voice: null,
        camera: null,
        screen: null,
        screen_sound: null,
        quality: null,
        security: null,
    };
}

export class PeopleModel {
    readonly people = new Store<People>({ me: null, others: [], waiting: [] });
    readonly protection = new Store<Protection>({
        mode: 'direct',
        state: 'pending',
        since_ms: null,
        relayed: false,
    });
    /** The tracks that the streams of a person were made of. */
    private readonly tracks = new Map<string, Readonly<Record<Slot, MediaStreamTrack>>>();

    clear(): void {
        this.tracks.clear();
        this.set({ me: null, others: [], waiting: [] });
    }

    /** Everybody anew, as the server sees it; what is known of the connections to those who stay is kept. */
    reset(me: string, participants: readonly Participant[], waiting: readonly Participant[]): void {
        const before = new Map(this.others().map((person) => [person.participant.id, person]));
        this.set({
            me: participants.find((participant) => participant.id === me) ?? null,
            others: participants
                .filter((participant) => participant.id !== me)
                .map((participant) => ({
                    ...(before.get(participant.id) ?? newPerson(participant)),
                    participant,
                })),
            waiting,
        });
    }

    others(): readonly Person[] {
        return this.people.getSnapshot().others;
    }

    find(id: string): Person | undefined {
        return this.others().find((person) => person.participant.id === id);
    }

    nameOf(id: string): string {
        const { me } = this.people.getSnapshot();
        return (me?.id === id ? me : this.find(id)?.participant)?.name ?? '';
    }

    /** Somebody new, or somebody changed. */
    put(participant: Participant): void {
        const { me, others, waiting } = this.people.getSnapshot();
        if (participant.id === me?.id) {
            this.set({ me: participant, others, waiting });
        } else if (this.find(participant.id) === undefined) {
            this.set({ me, others: [...others, newPerson(participant)], waiting });
        } else {
            this.change(participant.id, { participant });
        }
    }

    putMe(me: Participant): void {
        this.set({ ...this.people.getSnapshot(), me });
    }

    remove(id: string): void {
        this.tracks.delete(id);
        const { me, others, waiting } = this.people.getSnapshot();
        this.set({ me, others: others.filter((person) => person.participant.id !== id), waiting });
    }

    knock(participant: Participant): void {
        const { me, others, waiting } = this.people.getSnapshot();
        const rest = waiting.filter((other) => other.id !== participant.id);
        this.set({ me, others, waiting: [...rest, participant] });
    }

    knockGone(id: string): void {
        const { me, others, waiting } = this.people.getSnapshot();
        this.set({ me, others, waiting: waiting.filter((other) => other.id !== id) });
    }

    /** What they say themselves about what they send; the server says the same, perhaps later. */
    setMedia(id: string, media: MediaState): void {
        const person = this.find(id);
        if (person !== undefined) {
            this.change(id, { participant: { ...person.participant, media } });
        }
    }

    setConnection(id: string, connection: PeerState, path: PeerPath | null): void {
        if (connection === 'connected') {
            this.change(id, { connection, path });
        } else {
            this.change(id, { connection });
        }
    }

    setTracks(id: string, tracks: Readonly<Record<Slot, MediaStreamTrack>> | null): void {
        const before = this.tracks.get(id);
        if (tracks === null) {
            this.tracks.delete(id);
            this.change(id, { voice: null, camera: null, screen: null, screen_sound: null });
        } else if (before?.microphone !== tracks.microphone) {
            this.tracks.set(id, tracks);
            this.change(id, {
                voice: streamOf(tracks.microphone),
                camera: streamOf(tracks.camera),
                screen: streamOf(tracks.screen),
                screen_sound: streamOf(tracks['screen-sound']),
            });
        }
    }

    setQuality(id: string, quality: Quality): void {
        this.change(id, { quality, path: quality.path ?? this.find(id)?.path ?? null });
    }

    setSecurity(id: string, security: SecurityFacts): void {
        this.change(id, { security });
    }

    private change(id: string, change: Partial<Person>): void {
        const { me, others, waiting } = this.people.getSnapshot();
        this.set({
            me,
            others: others.map((person) =>
                person.participant.id === id ? { ...person, ...change } : person,
            ),
            waiting,
        });
    }

    private set(people: People): void {
        this.people.set(people);
        const connected = people.others.filter((person) => person.connection === 'connected');
        const since = connected.flatMap((person) => person.security?.since_ms ?? []);
        const next: Protection = {
            mode: 'direct',
            state: connected.length > 0 ? 'encrypted' : 'pending',
            since_ms: since.length > 0 ? Math.min(...since) : null,
            relayed: connected.some((person) => person.path === 'relay'),
        };
        const before = this.protection.getSnapshot();
        if (
            next.state !== before.state ||
            next.since_ms !== before.since_ms ||
            next.relayed !== before.relayed
        ) {
            this.protection.set(next);
        }
    }
}
