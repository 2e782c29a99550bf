// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { localLink, parseRoute } from './router';

describe('parseRoute', () => {
    it.each([
        ['/', '', { page: 'home' }],
        ['/setup', '#abc', { page: 'setup', token: 'abc' }],
        ['/new', '', { page: 'new' }],
        ['/j', '#tok_-1', { page: 'link', token: 'tok_-1' }],
        ['/j/', '#tok', { page: 'link', token: 'tok' }],
        ['/call/m1', '', { page: 'owner-call', meeting: 'm1' }],
        ['/meetings/m1', '', { page: 'meeting', meeting: 'm1' }],
        ['/account', '', { page: 'account' }],
        ['/nothing', '', { page: 'not-found' }],
        ['/meetings/a%2Fb', '', { page: 'not-found' }],
        ['/meetings/m1/more', '', { page: 'not-found' }],
        ['/meetings', '', { page: 'not-found' }],
    ])('reads %s%s', (path, hash, route) => {
        expect(parseRoute(path, hash)).toEqual(route);
    });
});

describe('localLink', () => {
    const origin = 'https://meet.example.org';

    it('takes a link of this server, with blanks around it', () => {
        expect(localLink(' https://meet.example.org/j#abc ', origin)).toBe('/j#abc');
    });

    it.each([
        'https://elsewhere.example.org/j#abc',
        'https://meet.example.org/account',
        'https://meet.example.org/j',
        'javascript:alert(1)',
        'abc',
        '',
    ])('refuses %s', (text) => {
        expect(localLink(text, origin)).toBeNull();
    });
});
