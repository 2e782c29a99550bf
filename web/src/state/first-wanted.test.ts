// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { participant } from '../protocol/testing/server-words';
import { firstWanted } from './first-wanted';

describe('what is asked for before the page is drawn', () => {
    it('is who sends a picture: screens first, whoever is away last', () => {
        const off = { audio: true, video: false, screen: false };
        const shows = { audio: true, video: true, screen: true };
        const wanted = firstWanted([
            participant('p0', { presence: 'away' }),
            participant('p1'),
            participant('p2', { media: off }),
            participant('p3', { media: shows }),
        ]);
        expect(wanted.map(({ peer, picture, stage }) => [peer, picture, stage])).toEqual([
            ['p3', 'screen', true],
            ['p1', 'camera', false],
            ['p3', 'camera', false],
            ['p0', 'camera', false],
        ]);
    });
});
