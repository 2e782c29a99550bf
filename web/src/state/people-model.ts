// SPDX-License-Identifier: Apache-2.0

// Who is in the meeting, what comes from them, and how the connection to each is doing.

import type {
    PeerPath,
    PeerState,
    Picture,
    PictureView,
    Quality,
    SecurityFacts,
} from '../media/types';
import type { MediaState, Mode, Participant } from '../protocol/messages';
import { Store } from './store';
import type { People, Person, Protection } from './views';

function newPerson(participant: Participant): Person {
    return {
        participant,
        connection: 'connecting',
        path: null,
        camera: null,
        camera_starved: false,
        screen: null,
        screen_starved: false,
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
        server: null,
    });
    /** All that is to be heard. */
    readonly sounds = new Store<readonly MediaStream[]>([]);
    /** One stream for a track, whoever it shows: an element isn't made to start again without need. */
    private readonly streams = new WeakMap<MediaStreamTrack, MediaStream>();
    /** Apart from the people, since they change so often: nobody else has to look at everybody again. */
    private readonly qualities = new Map<string, Store<Quality | null>>();
    private way: Mode = 'direct';
    /** When the call began to go through the server, and how that connection is protected. */
    private server: { readonly since_ms: number; readonly facts: SecurityFacts | null } | null =
        null;

    clear(): void {
        this.way = 'direct';
        this.server = null;
        this.sounds.set([]);
        this.qualities.clear();
        this.set({ me: null, others: [], waiting: [] });
    }

    /** Everybody anew, as the server sees it; what is known of the connections to those who stay is kept. */
    reset(me: string, participants: readonly Participant[], waiting: readonly Participant[]): void {
        const before = new Map(this.others().map((person) => [person.participant.id, person]));
        const here = new Set(participants.map(({ id }) => id));
        for (const id of this.qualities.keys()) {
            if (!here.has(id)) {
                this.qualities.delete(id);
            }
        }
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
        const { me, others, waiting } = this.people.getSnapshot();
        this.qualities.delete(id);
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
        switch (connection) {
            case 'connected':
                this.change(id, { connection, path });
                return;
            case 'connecting':
                // Perhaps anew, and then with other keys.
                this.change(id, { connection, security: null });
                return;
            default:
                this.change(id, { connection });
        }
    }

    setPicture(id: string, picture: Picture, { track, starved }: PictureView): void {
        const stream = track === null ? null : this.streamOf(track);
        this.change(
            id,
            picture === 'camera'
                ? { camera: stream, camera_starved: starved }
                : { screen: stream, screen_starved: starved },
        );
    }

    setSounds(tracks: readonly MediaStreamTrack[]): void {
        this.sounds.set(tracks.map((track) => this.streamOf(track)));
    }

    /** From `since_ms` on media passes through the server, or doesn't any more. */
    setWay(way: Mode, since_ms: number): void {
        this.way = way;
        this.server = way === 'relayed' ? { since_ms, facts: null } : null;
        const { me, others, waiting } = this.people.getSnapshot();
        // What was known of the connections before holds of none that comes.
        this.set({ me, others: others.map((person) => ({ ...person, security: null })), waiting });
    }

    setServerFacts(facts: SecurityFacts): void {
        if (this.server !== null && this.server.facts?.since_ms !== facts.since_ms) {
            this.server = { ...this.server, facts };
            this.set(this.people.getSnapshot());
        }
    }

    quality(id: string): Store<Quality | null> {
        let store = this.qualities.get(id);
        if (store === undefined) {
            store = new Store<Quality | null>(null);
            this.qualities.set(id, store);
        }
        return store;
    }

    setQuality(id: string, quality: Quality): void {
        this.quality(id).set(quality);
        if (quality.path !== null) {
            this.change(id, { path: quality.path });
        }
    }

    setSecurity(id: string, security: SecurityFacts): void {
        this.change(id, { security });
    }

    /** What says nothing new disturbs nobody. */
    private change(id: string, change: Partial<Person>): void {
        const { me, others, waiting } = this.people.getSnapshot();
        const before = this.find(id);
        if (before === undefined) {
            return;
        }
        const after: Person = { ...before, ...change };
        const keys = Object.keys(change) as (keyof Person)[];
        if (keys.every((key) => after[key] === before[key])) {
            return;
        }
        this.set({
            me,
            others: others.map((person) => (person === before ? after : person)),
            waiting,
        });
    }

    private streamOf(track: MediaStreamTrack): MediaStream {
        const known = this.streams.get(track) ?? new MediaStream([track]);
        this.streams.set(track, known);
        return known;
    }

    private set(people: People): void {
        this.people.set(people);
        const next = this.protectionOf(people);
        const before = this.protection.getSnapshot();
        if (
            next.mode !== before.mode ||
            next.state !== before.state ||
            next.since_ms !== before.since_ms ||
            next.relayed !== before.relayed ||
            next.server !== before.server
        ) {
            this.protection.set(next);
        }
    }

    private protectionOf({ others }: People): Protection {
        if (this.way === 'relayed') {
            return {
                mode: 'relayed',
                state: 'encrypted',
                since_ms: this.server?.since_ms ?? null,
                relayed: false,
                server: this.server?.facts ?? null,
            };
        }
        const connected = others.filter((person) => person.connection === 'connected');
        const since = connected.flatMap((person) => person.security?.since_ms ?? []);
        return {
            mode: 'direct',
            state: connected.length > 0 ? 'encrypted' : 'pending',
            since_ms: since.length > 0 ? Math.min(...since) : null,
            relayed: connected.some((person) => person.path === 'relay'),
            server: null,
        };
    }
}
