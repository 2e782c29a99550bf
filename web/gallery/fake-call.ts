// SPDX-License-Identifier: Apache-2.0

// A call in which everything stands still, and which writes down what it is told to do.

import type { Participant } from '../src/protocol/messages';
import type { InCall } from '../src/state/in-call-view';
import { measured } from '../src/media/testing/measured';
import { Store, type Readable } from '../src/state/store';
import { participant as fakeParticipant } from '../src/protocol/testing/server-words';
import type {
    CallModel,
    CallView,
    Chat,
    Files,
    Notice,
    OwnMedia,
    People,
    Person,
    Protection,
} from '../src/state/views';

type Deed = readonly [string, ...unknown[]];

type Values<Model> = {
    readonly [
        Name in keyof Model as Model[Name] extends Readable<unknown> ? Name : never
    ]: Model[Name];
};

/** What a call shows, in the test's hands. */
type Stores = {
    readonly [Name in keyof Values<CallModel>]: CallModel[Name] extends Readable<infer Value>
        ? Store<Value>
        : never;
};

export type FakeCall = CallModel &
    Stores & {
        /** What was asked for: name of the method, then its arguments. */
        readonly deeds: Deed[];
    };

export const participant = (
    id: string,
    name: string,
    some: Partial<Participant> = {},
): Participant => fakeParticipant(id, { name, ...some });

/** Two people directly, with the first of them as the host. */
export const inCall = (some: Partial<InCall> = {}): InCall => ({
    kind: 'in-call',
    title: 'Interview with Jonas Weber',
    role: 'host',
    locked: false,
    lobby: true,
    topology: 'mesh',
    mode: 'direct',
    relay_asked: false,
    capacity: 4,
    closes_at: null,
    joined_at_ms: Date.now() - 754_000,
    link: { kind: 'up' },
    ...some,
});

/** The same through the server, with room for many. */
export const relayedCall = (some: Partial<InCall> = {}): InCall =>
    inCall({
        title: 'Quarterly review',
        topology: 'auto',
        mode: 'relayed',
        capacity: 500,
        ...some,
    });

export const person = (of: Participant, some: Partial<Person> = {}): Person => ({
    participant: of,
    connection: 'connected',
    path: 'srflx',
    camera: null,
    camera_starved: false,
    screen: null,
    screen_starved: false,
    security: {
        dtls: 'DTLS 1.2',
        cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
        srtp: 'AEAD_AES_128_GCM',
        local_fingerprint:
            'sha-256 1B:0E:4F:92:6C:A3:55:D7:18:E0:2B:7F:94:C6:3D:A8:61:F5:0C:B9:42:8E:D3:17:6A:FD:20:9B:C4:58:E7:33',
        remote_fingerprint:
            'sha-256 A4:72:D9:0B:3E:C8:15:66:F1:9D:84:2A:B7:50:EC:03:7D:C1:48:96:5F:E2:1A:8B:34:D0:69:FE:07:B5:92:4C',
        since_ms: Date.now() - 754_000,
    },
    ...some,
});

const still = <T>(value: T): Readable<T> => ({
    getSnapshot: () => value,
    subscribe: () => () => undefined,
});

export function fakeCall(
    view: CallView,
    some: {
        people?: People;
        own?: Partial<OwnMedia>;
        protection?: Partial<Protection>;
        unmeasured?: readonly string[];
    } = {},
): FakeCall {
    const deeds: Deed[] = [];
    const note =
        (name: string) =>
        (...values: unknown[]): void => {
            deeds.push([name, ...values]);
        };
    const notices = new Store<readonly Notice[]>([]);
    return {
        deeds,
        notices,
        view: new Store(view),
        people: new Store<People>(some.people ?? { me: null, others: [], waiting: [] }),
        own: new Store<OwnMedia>({
            microphone: { kind: 'on' },
            muted: false,
            camera: { kind: 'on' },
            screen: { kind: 'off' },
            screen_has_sound: false,
            camera_stream: null,
            screen_stream: null,
            push_to_talk: { enabled: false, held: false },
            can_share_screen: true,
            ...some.own,
        }),
        protection: new Store<Protection>({
            mode: 'direct',
            state: 'encrypted',
            since_ms: Date.now() - 754_000,
            relayed: false,
            server: null,
            ...some.protection,
        }),
        chat: new Store<Chat>({
            group: { thread: 'group', entries: [], unread: 0 },
            private: [],
            unread: 0,
        }),
        files: new Store<Files>({ transfers: [], offers: 0 }),
        sounds: new Store<readonly MediaStream[]>([]),
        speaker: new Store<string | null>(null),
        speaking: new Store<ReadonlySet<string>>(new Set()),
        level: () => still(0.5),
        quality: (id) => still(some.unmeasured?.includes(id) === true ? null : measured()),
        resolve: note('resolve'),
        warm: note('warm'),
        join: note('join'),
        again: note('again'),
        leave: note('leave'),
        dispose: note('dispose'),
        setMuted: note('setMuted'),
        setCamera: note('setCamera'),
        shareScreen: note('shareScreen'),
        talk: note('talk'),
        setHand: note('setHand'),
        rename: note('rename'),
        admit: note('admit'),
        deny: note('deny'),
        lock: note('lock'),
        setLobby: note('setLobby'),
        setRelayed: note('setRelayed'),
        watch: () => undefined,
        mute: note('mute'),
        remove: note('remove'),
        setRole: note('setRole'),
        endForAll: note('endForAll'),
        say: (...values) => {
            deeds.push(['say', ...values]);
            return values[1].trim() === '' ? 'empty' : null;
        },
        markRead: note('markRead'),
        offerFiles: note('offerFiles'),
        acceptFile: note('acceptFile'),
        declineFile: note('declineFile'),
        pauseFile: note('pauseFile'),
        resumeFile: note('resumeFile'),
        cancelFile: note('cancelFile'),
        saveFile: note('saveFile'),
        dismiss: (id) => notices.update((list) => list.filter((notice) => notice.id !== id)),
    };
}
