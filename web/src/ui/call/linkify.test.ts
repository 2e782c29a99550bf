// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { linkify } from './linkify';

const links = (text: string) =>
    linkify(text).flatMap((piece) => (piece.kind === 'link' ? [piece.href] : []));

describe('linkify', () => {
    it('finds addresses and keeps the text around them', () => {
        const pieces = linkify('See https://example.org/a?b=1#c. Or not');
        expect(pieces).toEqual([
            { kind: 'text', text: 'See ' },
            {
                kind: 'link',
                text: 'https://example.org/a?b=1#c',
                href: 'https://example.org/a?b=1#c',
            },
            { kind: 'text', text: '. Or not' },
        ]);
    });

    it.each([
        ['(https://example.org/a)', ['https://example.org/a']],
        ['https://example.org/a_(b)', ['https://example.org/a_(b)']],
        [
            'http://example.org, https://example.net!',
            ['http://example.org/', 'https://example.net/'],
        ],
    ])('ends where the sentence goes on: %s', (text, expected) => {
        expect(links(text)).toEqual(expected);
    });

    it.each([
        'javascript:alert(1)',
        'data:text/html,<script>alert(1)</script>',
        'https://user:secret@example.org/',
        'ftp://example.org',
        'https://',
        '<img src=x onerror=alert(1)>',
    ])('makes no link of %s', (text) => {
        expect(links(text)).toEqual([]);
        expect(
            linkify(text)
                .map((piece) => piece.text)
                .join(''),
        ).toBe(text);
    });

    it('shows a host that looks like another as what it is', () => {
        expect(links('https://ex\u0430mple.org')[0]).toContain('xn--');
    });
});
