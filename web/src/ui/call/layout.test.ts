// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Person } from '../../state/views';
import {
    arrange,
    columnsFor,
    roomOn,
    tileKey,
    tilesOf,
    VIEWS,
    type Arrangement,
    type TileId,
} from './layout';

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
        security: null,
    };
}

const people = (...others: Person[]) => ({ me: null, others, waiting: [] });
const keys = (tiles: readonly TileId[]) => tiles.map(tileKey);
const room = { grid: 9, strip: 5, side: 8 };

function lay(some: Partial<Arrangement>, ...others: Person[]) {
    return arrange(people(...others), {
        view: 'auto',
        pinned: null,
        order: others.map(({ participant }) => participant.id),
        page: 0,
        self: true,
        room,
        ...some,
    });
}

const crowd = (count: number) => Array.from({ length: count }, (_, i) => person(`p${i}`));

describe('arrange', () => {
    it('leaves us alone with ourselves', () => {
        expect(lay({})).toEqual({ kind: 'alone' });
    });

    it('gives the stage to the only other', () => {
        const pair = { kind: 'pair', other: { who: 'a', what: 'camera' } };
        expect(lay({}, person('a'))).toEqual(pair);
        expect(lay({ view: 'speaker' }, person('a'))).toEqual(pair);
    });

    it('shows several at the same size, us last', () => {
        const layout = lay({}, person('a'), person('b'), person('c'));
        expect(layout.kind).toBe('grid');
        expect(keys(tilesOf(layout))).toEqual(['a camera', 'b camera', 'c camera', 'me camera']);
    });

    it('keeps our own picture out where we hid it', () => {
        const layout = lay({ self: false }, person('a'), person('b'));
        expect(keys(tilesOf(layout))).toEqual(['a camera', 'b camera']);
    });

    it('puts a shared screen in front', () => {
        const layout = lay({}, person('a'), person('b', true));
        expect(layout.kind).toBe('spotlight');
        expect(keys(tilesOf(layout))).toEqual(['b screen', 'a camera', 'b camera', 'me camera']);
    });

    it('shows a shared screen as a tile among others to whoever wants a grid', () => {
        const layout = lay({ view: 'grid' }, person('a'), person('b', true));
        expect(layout.kind).toBe('grid');
        expect(keys(tilesOf(layout))).toEqual(['b screen', 'a camera', 'b camera', 'me camera']);
    });

    it('puts people beside what is shared', () => {
        const layout = lay({ view: 'side' }, person('a'), person('b', true));
        expect(layout).toMatchObject({ kind: 'side', main: { who: 'b', what: 'screen' } });
        expect(keys(tilesOf(layout)).slice(1)).toEqual(['a camera', 'b camera', 'me camera']);
    });

    it('gives the lead to the first in order', () => {
        const some = { view: 'speaker', order: ['c', 'b', 'a'] } as const;
        const layout = lay(some, person('a'), person('b'), person('c'));
        expect(layout).toMatchObject({ kind: 'spotlight', main: { who: 'c' } });
        expect(keys(tilesOf(layout)).slice(1)).toEqual(['b camera', 'a camera', 'me camera']);
    });

    it('prefers what was pinned, for as long as it is there', () => {
        const pinned: TileId = { who: 'a', what: 'camera' };
        const layout = lay({ pinned }, person('a'), person('b', true));
        expect(layout).toMatchObject({ kind: 'spotlight', main: pinned });
        expect(lay({ pinned }, person('c')).kind).toBe('pair');
        const me: TileId = { who: 'me', what: 'camera' };
        const with_me = lay({ pinned: me }, person('a'), person('b'));
        expect(with_me).toMatchObject({ kind: 'spotlight', main: me });
        expect(keys(tilesOf(with_me)).filter((key) => key === 'me camera')).toHaveLength(1);
    });

    it('turns pages where there are many, and lets nobody out', () => {
        const seen = new Set<string>();
        const first = lay({}, ...crowd(20));
        expect(first).toMatchObject({ kind: 'grid', page: 0, pages: 3 });
        for (let page = 0; page < 3; page += 1) {
            const layout = lay({ page }, ...crowd(20));
            expect(tilesOf(layout)).toHaveLength(9);
            expect(keys(tilesOf(layout)).at(-1)).toBe('me camera');
            tilesOf(layout).forEach(({ who }) => seen.add(who));
        }
        expect(seen.size).toBe(21);
        // They have left meanwhile.
        expect(lay({ page: 7 }, ...crowd(12))).toMatchObject({ page: 1, pages: 2 });
    });

    it('draws never more than a page, whatever is looked at', () => {
        for (const view of VIEWS) {
            const layout = lay({ view, page: 3 }, person('s', true), ...crowd(200));
            expect(tilesOf(layout).length).toBeLessThanOrEqual(9);
        }
    });
});

describe('the room on a stage', () => {
    it('is less on a phone', () => {
        expect(roomOn(390, 620)).toEqual({ grid: 6, strip: 3, side: 6 });
        expect(roomOn(1280, 660).grid).toBe(9);
    });

    it.each([
        [1, 1280, 660, 1],
        [2, 1280, 660, 2],
        [4, 1280, 660, 2],
        [5, 1280, 660, 3],
        [9, 1280, 660, 3],
        [2, 390, 620, 1],
        [6, 390, 620, 2],
    ])('makes %i tiles on %i × %i the largest in %i columns', (count, width, height, columns) => {
        expect(columnsFor(count, width, height)).toBe(columns);
    });
});
