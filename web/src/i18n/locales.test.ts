// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { LANGUAGES, pickLanguage } from '.';
import de from './locales/de';
import en from './locales/en';

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, at = ''): [string, string][] {
    return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
        typeof value === 'string' ? [[at + key, value]] : leaves(value, `${at}${key}.`),
    );
}

const placeholders = (text: string) => [...text.matchAll(/{{(\w+)/g)].map((m) => m[1]).sort();
const tags = (text: string) => [...text.matchAll(/<\/?(\w+)\/?>/g)].map((m) => m[1]).sort();

describe('the languages', () => {
    const english = new Map(leaves(en));
    const german = new Map(leaves(de));

    it('have the same texts', () => {
        expect([...german.keys()].sort()).toEqual([...english.keys()].sort());
    });

    it('fill in the same values', () => {
        for (const [key, text] of english) {
            expect([key, placeholders(german.get(key) ?? '')]).toEqual([key, placeholders(text)]);
            expect([key, tags(german.get(key) ?? '')]).toEqual([key, tags(text)]);
        }
    });

    it('leave nothing empty', () => {
        for (const [key, text] of [...english, ...german])
            expect([key, text.trim()]).not.toEqual([key, '']);
    });

    it('have both plural forms wherever they have one', () => {
        for (const key of english.keys()) {
            if (key.endsWith('_one'))
                expect(english.has(key.replace(/_one$/, '_other'))).toBe(true);
        }
    });
});

describe('pickLanguage', () => {
    it('takes the first that we have', () => {
        expect(pickLanguage(['fr-CH', 'de-CH', 'en'])).toBe('de');
    });
    it('falls back to English', () => {
        expect(pickLanguage(['fr'])).toBe('en');
        expect(LANGUAGES).toContain(pickLanguage([]));
    });
});
