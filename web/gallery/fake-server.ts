// SPDX-License-Identifier: Apache-2.0

// The REST interface with made-up answers, for looking at pages and for tests of components.

import { Api, type FetchLike, type Link, type Meeting, type User } from '../src/protocol/rest';

const HOUR_MS = 3_600_000;

type Answer =
    | { readonly status: number; readonly body?: unknown }
    | ((body: unknown) => { readonly status: number; readonly body?: unknown });

export interface FakeServer {
    readonly api: Api;
    /** Every request made, as `METHOD path`. */
    readonly requests: { readonly line: string; readonly body: unknown }[];
    /** Answers to `METHOD path` (without /api/v1 and the query); a function gets the body. */
    readonly answers: Map<string, Answer>;
}

export const user: User = {
    id: 'u1',
    name: 'Ana Lindqvist',
    email: 'ana@example.org',
    role: 'admin',
    created_at: '2026-02-03T10:00:00Z',
};

const at = (hours: number) => {
    const half = HOUR_MS / 2;
    return new Date(Math.ceil(Date.now() / half) * half + hours * HOUR_MS).toISOString();
};

const meeting = (some: Partial<Meeting> & { id: string; title: string }): Meeting => ({
    kind: 'scheduled',
    state: 'scheduled',
    lobby: false,
    locked: false,
    topology: 'auto',
    present: 0,
    created_at: at(-72),
    ...some,
});

const planned = (id: string, title: string, hours: number, some: Partial<Meeting> = {}) =>
    meeting({
        id,
        title,
        starts_at: at(hours),
        opens_at: at(hours - 1),
        closes_at: at(hours + 6),
        duration_minutes: 60,
        time_zone: 'Europe/Berlin',
        ...some,
    });

export const meetings: Readonly<Record<'upcoming' | 'rooms' | 'past', readonly Meeting[]>> = {
    upcoming: [
        planned('m1', 'Interview with Jonas Weber', -0.5, {
            state: 'live',
            present: 2,
            lobby: true,
        }),
        planned('m2', 'Quarterly review', 0.5, { state: 'open', duration_minutes: 90 }),
        planned('m3', 'Research sync with Tokyo', 20, { time_zone: 'Asia/Tokyo' }),
        planned('m4', 'Contract, second reading', 49),
    ],
    rooms: [
        meeting({
            id: 'r1',
            title: 'Consulting hour',
            kind: 'room',
            state: 'open',
            topology: 'mesh',
        }),
        meeting({ id: 'r2', title: 'Works council', kind: 'room', state: 'live', present: 3 }),
    ],
    past: [
        planned('p1', 'Kick-off', -50, { state: 'ended', ended_at: at(-49) }),
        meeting({
            id: 'p2',
            title: 'Instant meeting',
            kind: 'instant',
            state: 'ended',
            created_at: at(-80),
        }),
        planned('p3', 'Exit interview', -190, { state: 'expired' }),
    ],
};

const links: Link[] = [
    {
        id: 'l1',
        role: 'guest',
        label: 'Jonas Weber',
        shared: false,
        created_at: at(-48),
        last_used_at: at(-0.5),
    },
    { id: 'l2', role: 'moderator', label: 'Dr. Mira Sarraf', shared: false, created_at: at(-48) },
    { id: 'l3', role: 'guest', shared: true, created_at: at(-20), last_used_at: at(-3) },
];

const person = (name: string, role: string, from: number, to: number | null) => ({
    name,
    role,
    joined_at: at(from),
    ...(to === null ? {} : { left_at: at(to) }),
    address: role === 'host' ? '203.0.113.7' : '2001:db8:41:2::1c',
    country: role === 'host' ? 'DE' : 'AT',
    network: role === 'host' ? 'Example Net GmbH' : 'Beispiel Telekom AG',
    connections: [
        { peer: 'Jonas Weber', state: 'connecting', at: at(from) },
        { peer: 'Jonas Weber', state: 'connected', path: 'srflx', at: at(from) },
    ],
    statistics: { audio_packets_lost: 12, video_packets_lost: 40, video_rtt_ms: 31.5 },
});

const records = [
    {
        id: 'c2',
        meeting: 'm1',
        started_at: at(-0.5),
        expires_at: at(167),
        participants: [
            person('Ana Lindqvist', 'host', -0.5, null),
            person('Jonas Weber', 'guest', -0.4, null),
        ],
    },
    {
        id: 'c1',
        meeting: 'm1',
        started_at: at(-26),
        ended_at: at(-25.2),
        expires_at: at(142),
        participants: [
            person('Ana Lindqvist', 'host', -26, -25.2),
            person('Jonas Weber', 'guest', -26, -25.3),
        ],
    },
];

const all = [...meetings.upcoming, ...meetings.rooms, ...meetings.past];

function byPath(method: string, path: string, query: string): { status: number; body?: unknown } {
    const [, first, id, what] = path.split('/');
    if (method === 'GET' && path === '/meetings') {
        const when = new URLSearchParams(query).get('when') as keyof typeof meetings;
        return { status: 200, body: { items: meetings[when] } };
    }
    const found = first === 'meetings' ? all.find((candidate) => candidate.id === id) : undefined;
    if (method === 'GET' && found) {
        if (what === 'links') return { status: 200, body: { items: links } };
        if (what === 'records') return { status: 200, body: { items: records } };
        return { status: 200, body: found };
    }
    if (found && method === 'DELETE') return { status: 204 };
    return { status: 404, body: { type: 'about:blank', title: 'Not found', status: 404 } };
}

const usual: readonly [string, Answer][] = [
    [
        'GET /server',
        {
            status: 200,
            body: {
                name: 'Conclave',
                version: '1.0.0',
                instant: 'anyone',
                places: 200,
                setup_needed: false,
                time: at(0),
            },
        },
    ],
    ['POST /setup/check', { status: 204 }],
    ['POST /session', { status: 200, body: user }],
    ['POST /me/password', { status: 204 }],
    [
        'POST /meetings',
        (body) => ({ status: 201, body: { ...all[1], ...(body as object), id: 'm2' } }),
    ],
    [
        'POST /meetings/m1/links',
        (body) => ({
            status: 201,
            body: {
                id: 'l9',
                shared: false,
                created_at: at(0),
                url: 'https://meet.example.org/j#q7Rw2kX0ZJm3uYtVb8aN5w',
                ...(body as object),
            },
        }),
    ],
];

export function fakeServer(): FakeServer {
    const requests: FakeServer['requests'] = [];
    const answers: FakeServer['answers'] = new Map(usual);
    const fetch: FetchLike = async (url, { method, body }) => {
        const [path = '', query = ''] = url.replace(/^.*\/api\/v1/, '').split('?');
        const line = `${method} ${path}`;
        const parsed: unknown = body === undefined ? undefined : JSON.parse(body);
        requests.push({ line, body: parsed });
        const answer = answers.get(line) ?? byPath(method, path, query);
        const { status, body: content } = typeof answer === 'function' ? answer(parsed) : answer;
        return {
            status,
            headers: { get: () => null },
            text: async () => (content === undefined ? '' : JSON.stringify(content)),
        };
    };
    let key = 0;
    const api = new Api({ fetch, origin: '', newKey: () => `key-${++key}` });
    return { api, requests, answers };
}
