// SPDX-License-Identifier: Apache-2.0

// The REST interface of api/openapi.yaml, typed by what is generated from it.

import type { components } from './api-types';
import { isCount, isRecord, isString } from './guards';

type Schemas = components['schemas'];
export type Problem = Schemas['Problem'];
export type Server = Schemas['Server'];
export type User = Schemas['User'];
export type Meeting = Schemas['Meeting'];
export type MeetingState = Schemas['MeetingState'];
export type MeetingPage = Schemas['MeetingPage'];
export type MeetingCreate = Schemas['MeetingCreate'];
export type MeetingUpdate = Schemas['MeetingUpdate'];
export type Link = Schemas['Link'];
export type LinkCreate = Schemas['LinkCreate'];
export type LinkCreated = Schemas['LinkCreated'];
export type Instant = Schemas['Instant'];
export type ResolvedLink = Schemas['ResolvedLink'];
export type CallRecord = Schemas['Record'];

/** The server answered, and said no (RFC 9457). */
export class ProblemError extends Error {
    override readonly name = 'ProblemError';

    constructor(readonly problem: Problem) {
        super(problem.detail ?? problem.title);
    }

    get status(): number {
        return this.problem.status;
    }

    /** What is wrong with one field of the request, if the server named it. */
    fieldMessage(field: string): string | undefined {
        return this.problem.errors?.find((error) => error.field === field)?.message;
    }
}

/** No answer, or one that makes no sense. */
export class UnreachableError extends Error {
    override readonly name = 'UnreachableError';
}

export interface FetchAnswer {
    readonly status: number;
    readonly headers: { get(name: string): string | null };
    text(): Promise<string>;
}

/** As much of `fetch` as is used here; the browser's own fits. */
export type FetchLike = (
    url: string,
    init: {
        readonly method: string;
        readonly headers: Record<string, string>;
        readonly body?: string;
        readonly credentials: 'same-origin';
    },
) => Promise<FetchAnswer>;

export interface ApiEnvironment {
    readonly fetch: FetchLike;
    /** Where `/api/v1` is: empty for the page's own origin. */
    readonly origin: string;
    /** A fresh key for each creation, so that one that is sent twice happens once. */
    readonly newKey: () => string;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

interface CallOptions {
    readonly body?: unknown;
    readonly contentType?: string;
    readonly idempotent?: boolean;
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}

function toProblem(status: number, body: unknown): Problem {
    if (isRecord(body) && isString(body['title']) && isCount(body['status'])) {
        return body as unknown as Problem;
    }
    return { type: 'about:blank', title: `The server answered ${status}`, status };
}

export class Api {
    constructor(private readonly environment: ApiEnvironment) {}

    server = (): Promise<Server> => this.call('GET', '/server');

    checkSetup = (token: string): Promise<void> =>
        this.call('POST', '/setup/check', { body: { token } });
    setUp = (setup: Schemas['Setup']): Promise<User> =>
        this.call('POST', '/setup', { body: setup });

    signIn = (credentials: Schemas['Credentials']): Promise<User> =>
        this.call('POST', '/session', { body: credentials });
    session = (): Promise<User> => this.call('GET', '/session');
    signOut = (): Promise<void> => this.call('DELETE', '/session');
    signOutEverywhere = (): Promise<void> => this.call('DELETE', '/sessions');
    changePassword = (change: Schemas['PasswordChange']): Promise<void> =>
        this.call('POST', '/me/password', { body: change });

    meetings = (
        when: 'upcoming' | 'past' | 'rooms',
        page: { readonly cursor?: string; readonly limit?: number } = {},
    ): Promise<MeetingPage> => {
        const query = [`when=${when}`];
        if (page.cursor !== undefined) {
            query.push(`cursor=${encodeURIComponent(page.cursor)}`);
        }
        if (page.limit !== undefined) {
            query.push(`limit=${page.limit}`);
        }
        return this.call('GET', `/meetings?${query.join('&')}`);
    };
    createMeeting = (meeting: MeetingCreate): Promise<Meeting> =>
        this.call('POST', '/meetings', { body: meeting, idempotent: true });
    meeting = (id: string): Promise<Meeting> => this.call('GET', this.path(id));
    updateMeeting = (id: string, change: MeetingUpdate): Promise<Meeting> =>
        this.call('PATCH', this.path(id), {
            body: change,
            contentType: 'application/merge-patch+json',
        });
    deleteMeeting = (id: string): Promise<void> => this.call('DELETE', this.path(id));
    endMeeting = (id: string): Promise<void> => this.call('POST', `${this.path(id)}/end`);

    links = (id: string): Promise<Schemas['LinkList']> =>
        this.call('GET', `${this.path(id)}/links`);
    createLink = (id: string, link: LinkCreate): Promise<LinkCreated> =>
        this.call('POST', `${this.path(id)}/links`, { body: link, idempotent: true });
    revokeLink = (id: string, link: string): Promise<void> =>
        this.call('DELETE', `${this.path(id)}/links/${encodeURIComponent(link)}`);
    records = (id: string): Promise<Schemas['RecordList']> =>
        this.call('GET', `${this.path(id)}/records`);

    instant = (): Promise<Instant> => this.call('POST', '/instant');
    resolveLink = (token: string): Promise<ResolvedLink> =>
        this.call('POST', '/links/resolve', { body: { token } });

    private path(meeting: string): string {
        return `/meetings/${encodeURIComponent(meeting)}`;
    }

    private async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
        const headers: Record<string, string> = {
            accept: 'application/json, application/problem+json',
        };
        if (options.body !== undefined) {
            headers['content-type'] = options.contentType ?? 'application/json';
        }
        if (options.idempotent === true) {
            headers['idempotency-key'] = this.environment.newKey();
        }
        let answer: FetchAnswer;
        let text: string;
        try {
            answer = await this.environment.fetch(`${this.environment.origin}/api/v1${path}`, {
                method,
                headers,
                credentials: 'same-origin',
                ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
            });
            text = await answer.text();
        } catch (error) {
            throw new UnreachableError('The server cannot be reached', { cause: error });
        }
        const body = text === '' ? undefined : parse(text);
        if (answer.status >= 400) {
            throw new ProblemError(toProblem(answer.status, body));
        }
        if (answer.status !== 204 && body === undefined) {
            throw new UnreachableError('The server answered with something else than JSON');
        }
        return body as T;
    }
}
