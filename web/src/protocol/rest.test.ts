// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { Api, ProblemError, UnreachableError, type FetchLike } from './rest';

interface Call {
    readonly url: string;
    readonly init: Parameters<FetchLike>[1];
}

function apiAnswering(status: number, body: string) {
    const calls: Call[] = [];
    const api = new Api({
        origin: '',
        newKey: () => 'key-00001',
        fetch: (url, init) => {
            calls.push({ url, init });
            return Promise.resolve({
                status,
                headers: { get: () => null },
                text: () => Promise.resolve(body),
            });
        },
    });
    return { api, calls };
}

describe('Api', () => {
    it('sends JSON and an idempotency key on creation', async () => {
        const { api, calls } = apiAnswering(201, '{"id":"m"}');
        await api.createMeeting({ kind: 'room', title: 'Room' });
        expect(calls[0]?.url).toBe('/api/v1/meetings');
        expect(calls[0]?.init.headers).toMatchObject({
            'content-type': 'application/json',
            'idempotency-key': 'key-00001',
        });
        expect(JSON.parse(calls[0]?.init.body ?? '')).toEqual({ kind: 'room', title: 'Room' });
    });

    it('escapes what goes into a path or a query', async () => {
        const { api, calls } = apiAnswering(200, '{"items":[]}');
        await api.meeting('a/b?c');
        await api.meetings('past', { cursor: 'x&y', limit: 5 });
        expect(calls.map((call) => call.url)).toEqual([
            '/api/v1/meetings/a%2Fb%3Fc',
            '/api/v1/meetings?when=past&cursor=x%26y&limit=5',
        ]);
    });

    it('patches with the merge-patch type', async () => {
        const { api, calls } = apiAnswering(200, '{}');
        await api.updateMeeting('m', { title: 'New' });
        expect(calls[0]?.init.headers['content-type']).toBe('application/merge-patch+json');
    });

    it('turns problem+json into a typed error', async () => {
        const { api } = apiAnswering(
            422,
            JSON.stringify({
                type: 'urn:conclave:problem:invalid',
                title: 'Not valid',
                status: 422,
                errors: [{ field: 'title', message: 'too long' }],
            }),
        );
        const error = await api.createMeeting({ kind: 'room', title: '' }).catch((e: unknown) => e);
        expect(error).toBeInstanceOf(ProblemError);
        expect((error as ProblemError).status).toBe(422);
        expect((error as ProblemError).fieldMessage('title')).toBe('too long');
    });

    it('makes a problem of an error page that is none', async () => {
        const { api } = apiAnswering(502, '<html>');
        await expect(api.session()).rejects.toMatchObject({ problem: { status: 502 } });
    });

    it('takes an empty answer', async () => {
        const { api } = apiAnswering(204, '');
        await expect(api.signOut()).resolves.toBeUndefined();
    });

    it('tells an unreachable server from one that refuses', async () => {
        const api = new Api({
            origin: '',
            newKey: () => '',
            fetch: () => Promise.reject(new TypeError('network')),
        });
        await expect(api.server()).rejects.toBeInstanceOf(UnreachableError);
        await expect(apiAnswering(200, '<html>').api.server()).rejects.toBeInstanceOf(
            UnreachableError,
        );
    });
});
