// SPDX-License-Identifier: Apache-2.0
import type { ChatEntry } from '../src/media/chat-types';
import type { Transfer, TransferState } from '../src/media/file-types';
import type { ResolvedLink } from '../src/protocol/rest';
import { rememberInvitation } from '../src/ui/app/invitations';
import type { CallView, OwnMedia, Person } from '../src/state/views';
import { fakeApp } from './fake-app';
import { fakeCall, inCall, participant, person, relayedCall, type FakeCall } from './fake-call';
import { drawnPerson, drawnScreen } from './fake-media';
import type { Scene } from './scenes';

const HOUR_MS = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

const link: ResolvedLink = {
    state: 'open',
    title: 'Interview with Jonas Weber',
    kind: 'scheduled',
    role: 'guest',
    host_name: 'Ana Lindqvist',
    starts_at: at(0.2),
    duration_minutes: 60,
    time_zone: 'Europe/Berlin',
    opens_at: at(-0.8),
    closes_at: at(6.2),
    lobby: false,
    topology: 'auto',
    retention: { records_days: 7 },
};

const ana = participant('p0', 'Ana Lindqvist', { role: 'host' });
const jonas = participant('p1', 'Jonas Weber');
const mira = participant('p2', 'Dr. Mira Sarraf', { role: 'moderator' });
const tom = participant('p3', 'Tom', {
    media: { audio: false, video: false, screen: false },
    hand: true,
});

function scene(
    view: CallView,
    others: readonly Person[] = [],
    own: Partial<OwnMedia> = {},
): Scene & { call: FakeCall } {
    const app = fakeApp();
    const call = fakeCall(view, {
        people: { me: ana, others, waiting: [] },
        own: { camera_stream: drawnPerson(150), ...own },
        unmeasured: [tom.id],
    });
    app.call = call;
    return { app, call, path: '/j#token' };
}

const two = () => [person(jonas, { camera: drawnPerson(210) })];
const four = () => [
    ...two(),
    person(mira, { camera: drawnPerson(330), path: 'relay' }),
    person(tom),
];

const entry = (id: string, from: string | null, text: string, minutes: number): ChatEntry => ({
    id,
    thread: 'group',
    from,
    text,
    at_ms: Date.now() - minutes * 60_000,
    delivery: from === null ? { of: 3, to: id === 'e5' ? 2 : 3 } : null,
});

const transfer = (
    id: string,
    name: string,
    state: TransferState,
    some: Partial<Transfer> = {},
): Transfer => ({
    id,
    offer: id,
    peer: 'p1',
    direction: 'receiving',
    name,
    size: 20_971_520,
    media_type: 'application/pdf',
    scope: 'group',
    bytes: 0,
    bytes_per_s: 0,
    state,
    at_ms: Date.now(),
    ...some,
});

function chatting(): Scene {
    const made = scene(inCall(), four());
    made.call.chat.set({
        group: {
            thread: 'group',
            unread: 0,
            entries: [
                entry('e1', 'p1', 'Good morning! Can you hear me?', 9),
                entry('e2', null, 'Loud and clear.', 8),
                entry(
                    'e3',
                    'p2',
                    'The draft is at https://example.org/draft?v=3 (second section).',
                    4,
                ),
                entry('e4', 'p2', 'Please have a look before we go on.', 4),
                entry(
                    'e5',
                    null,
                    'Reading it now. One question on the third paragraph:\nis that still current?',
                    1,
                ),
            ],
        },
        private: [{ thread: { peer: 'p1' }, unread: 2, entries: [] }],
        unread: 2,
    });
    return made;
}

function sending(): Scene {
    const made = scene(inCall(), four());
    const transfers = [
        transfer('t1', 'contract-signed.pdf', { kind: 'done', sha256: '' }, { bytes: 20_971_520 }),
        transfer(
            't2',
            'photos-of-the-site.zip',
            { kind: 'running' },
            { direction: 'sending', bytes: 8_400_000, bytes_per_s: 3_100_000, peer: 'p2' },
        ),
        transfer('t3', 'a-recording-with-a-rather-long-name.webm', {
            kind: 'failed',
            reason: 'storage',
        }),
        transfer('t4', 'agenda.odt', { kind: 'offered' }, { size: 48_200 }),
    ];
    made.call.files.set({ transfers, offers: 1 });
    return made;
}

function hosting(): Scene {
    const made = scene(inCall(), four());
    made.call.people.update((people) => ({
        ...people,
        waiting: [
            participant('w1', 'Lena Brandt', { presence: 'lobby' }),
            participant('w2', 'Ed', { presence: 'lobby' }),
        ],
    }));
    made.call.notices.set([
        {
            id: 1,
            kind: 'knock',
            participant: participant('w1', 'Lena Brandt', { presence: 'lobby' }),
        },
        {
            id: 2,
            kind: 'chat',
            from: 'Jonas Weber',
            private: false,
            text: 'The draft is at https://example.org/draft',
        },
    ]);
    return made;
}

function alone(): Scene {
    rememberInvitation('token', 'https://meet.example.org/j#q7Rw2kX0ZJm3uYtVb8aN5w');
    return scene(inCall({ capacity: 2, title: 'Instant meeting' }));
}

function speaking(made: ReturnType<typeof scene>): Scene {
    made.call.speaking.set(new Set(['p1']));
    return made;
}

const NAMES = [
    'Jonas Weber',
    'Dr. Mira Sarraf',
    'Tom',
    'Lena Brandt',
    'Ed',
    'Xiaoling Zhang-Hernández de la Cruz',
    'Priya',
    'Ağca Yılmaz',
    'Søren',
    'Noor',
    'Chiara Bianchi',
    'Olu',
];

/** `count` others in a meeting through the server. */
function crowd(count: number, some: (id: string) => Partial<Person> = () => ({})): Person[] {
    return Array.from({ length: count }, (_, i) => {
        const name = NAMES[i % NAMES.length] ?? '';
        const id = `p${i + 1}`;
        const dark = i % 5 === 3;
        const who = participant(id, i < NAMES.length ? name : `${name} ${i}`, {
            media: { audio: i % 3 !== 1, video: !dark, screen: false },
        });
        // Only what is on the page is sent.
        const camera = dark || i > 10 ? null : drawnPerson(i * 47);
        return person(who, { camera, path: null, security: null, ...some(id) });
    });
}

function throughServer(
    others: readonly Person[],
    view: Partial<Extract<CallView, { kind: 'in-call' }>> = {},
): ReturnType<typeof scene> {
    const made = scene(relayedCall(view), others);
    const { security } = person(jonas);
    made.call.protection.set({
        mode: 'relayed',
        state: 'encrypted',
        since_ms: Date.now() - 321_000,
        relayed: false,
        server: security,
    });
    made.call.speaking.set(new Set(['p2']));
    return made;
}

function shared(others: Person[]): Person[] {
    return others.map((each, i) =>
        i === 1
            ? {
                  ...each,
                  participant: {
                      ...each.participant,
                      media: { audio: true, video: true, screen: true },
                  },
                  screen: drawnScreen(),
              }
            : each,
    );
}

const off: Partial<OwnMedia> = {
    microphone: { kind: 'problem', problem: 'denied' },
    camera: { kind: 'problem', problem: 'denied' },
    camera_stream: null,
};

export const callScenes: Readonly<Record<string, () => Scene>> = {
    waiting: () => scene({ kind: 'ready', meeting: link, problem: null }),
    'waiting-denied': () =>
        scene(
            {
                kind: 'ready',
                meeting: { ...link, label: 'Jonas Weber', lobby: true },
                problem: 'locked',
            },
            [],
            off,
        ),
    'too-early': () =>
        scene({
            kind: 'too-early',
            meeting: { ...link, starts_at: at(3.2), time_zone: 'Asia/Tokyo' },
            opens_at: at(2.2),
        }),
    unknown: () => scene({ kind: 'unknown' }),
    over: () => scene({ kind: 'over', why: 'ended', meeting: link }),
    expired: () => scene({ kind: 'over', why: 'expired', meeting: link }),
    lobby: () => scene({ kind: 'lobby', title: link.title, link: { kind: 'up' } }),
    ended: () => {
        const made = scene({ kind: 'ready', meeting: link, problem: null });
        setTimeout(
            () => made.call.view.set({ kind: 'ended', ending: { kind: 'left' }, may_return: true }),
            300,
        );
        return made;
    },
    alone,
    'call-2': () => speaking(scene(inCall(), two())),
    'call-3': () => speaking(scene(inCall(), four().slice(0, 2))),
    'call-4': () => speaking(scene(inCall({ locked: true }), four())),
    'call-screen': () => {
        const sharing = { ...jonas, media: { audio: true, video: true, screen: true } };
        return scene(inCall({ role: 'guest' }), [
            person(sharing, { camera: drawnPerson(210), screen: drawnScreen() }),
            ...four().slice(1, 2),
        ]);
    },
    'call-trouble': () =>
        scene(
            inCall({
                link: { kind: 'reconnecting', since_ms: Date.now(), attempt: 2 },
                closes_at: at(0.1),
            }),
            [person(jonas, { connection: 'disconnected', camera: drawnPerson(210) })],
            { camera: { kind: 'off' }, muted: true, screen: { kind: 'on' } },
        ),
    'relayed-5': () => throughServer(crowd(4)),
    'relayed-9': () => throughServer(crowd(8)),
    'relayed-many': () => throughServer(crowd(30)),
    'relayed-200': () => throughServer(crowd(200)),
    'relayed-screen': () => throughServer(shared(crowd(14))),
    'relayed-starved': () =>
        throughServer(
            crowd(6, (id) => (id === 'p1' || id === 'p4' ? { camera_starved: true } : {})),
        ),
    'relayed-cut': () => throughServer(crowd(6, () => ({ connection: 'disconnected' }))),
    'relayed-guest': () => throughServer(crowd(3), { role: 'guest' }),
    chat: chatting,
    files: sending,
    people: hosting,
};
