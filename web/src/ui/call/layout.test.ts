// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Person } from '../../state/views';
import { arrange, tileKey, type TileId } from './layout';

const stream = {} as MediaStream;

function person(id: string, screen = false): Person {
    return {
        participant: {
            id,
            name: id,
            role: 'guest',
            presence: 'present',
            media: { audio: true, video: true, screen },
            hand: false,
            joined_at: '2026-01-01T00:00:00Z',
        },
        connection: 'connected',
        path: 'host',
        camera: stream,
        camera_starved: false,
        screen: screen ? stream : null,
        screen_starved: false,
        quality: null,
        security: null,
    };
}

const people = (...others: Person[]) => ({ me: null, others, waiting: [] });
const keys = (tiles: readonly TileId[]) => tiles.map(tileKey);

describe('arrange', () => {
    it('leaves us alone with ourselves', () => {
        expect(arrange(people(), null)).toEqual({ kind: 'alone' });
    });

    it('gives the stage to the only other', () => {
        expect(arrange(people(person('a')), null)).toEqual({
            kind: 'pair',
            other: { who: 'a', what: 'camera' },
        });
    });

    it('shows several at the same size, us last', () => {
        const layout = arrange(people(person('a'), person('b'), person('c')), null);
        expect(layout.kind).toBe('grid');
        if (layout.kind === 'grid') {
            expect(keys(layout.tiles)).toEqual(['a camera', 'b camera', 'c camera', 'me camera']);
        }
    });

    it('puts a shared screen in front', () => {
        const layout = arrange(people(person('a'), person('b', true)), null);
        expect(layout.kind).toBe('spotlight');
        if (layout.kind === 'spotlight') {
            expect(tileKey(layout.main)).toBe('b screen');
            expect(keys(layout.strip)).toEqual(['a camera', 'b camera', 'me camera']);
        }
    });

    it('prefers what was pinned, for as long as it is there', () => {
        const pinned: TileId = { who: 'a', what: 'camera' };
        const with_a = arrange(people(person('a'), person('b', true)), pinned);
        expect(with_a.kind === 'spotlight' && tileKey(with_a.main)).toBe('a camera');
        expect(arrange(people(person('c')), pinned).kind).toBe('pair');
    });

    it('does not take a screen for shared before its picture comes', () => {
        const early = { ...person('a', true), screen: null };
        expect(arrange(people(early), null).kind).toBe('pair');
    });
});
