// SPDX-License-Identifier: Apache-2.0

// Who is shown where: from what there is to see to an arrangement, without any drawing.

import type { OwnMedia, People, Person } from '../../state/views';

export type Shown = 'camera' | 'screen';

/** One rectangle on the stage; `who` is a participant's id, or 'me'. */
export interface TileId {
    readonly who: string;
    readonly what: Shown;
}

/** What the person has chosen to look at; `auto` follows what is going on. */
export const VIEWS = ['auto', 'grid', 'speaker', 'side'] as const;
export type View = (typeof VIEWS)[number];

/** Of many tiles one page is shown; the first is 0. */
interface Paged {
    readonly page: number;
    readonly pages: number;
}

export type Layout =
    /** Nobody else is here. */
    | { readonly kind: 'alone' }
    /** The other fills the stage, we are a small picture in its corner. */
    | { readonly kind: 'pair'; readonly other: TileId }
    | ({ readonly kind: 'grid'; readonly tiles: readonly TileId[] } & Paged)
    /** One is large, the others stand in a row beside it. */
    | ({
          readonly kind: 'spotlight';
          readonly main: TileId;
          readonly strip: readonly TileId[];
      } & Paged)
    /** One is large, and the others have nearly as much room. */
    | ({
          readonly kind: 'side';
          readonly main: TileId;
          readonly beside: readonly TileId[];
      } & Paged);

/** How many tiles fit, by where they stand. */
export interface Room {
    readonly grid: number;
    readonly strip: number;
    readonly side: number;
}

export interface Arrangement {
    readonly view: View;
    readonly pinned: TileId | null;
    /** The others by id, in the order in which they are shown; the first leads the speaker's view. */
    readonly order: readonly string[];
    readonly page: number;
    readonly self: boolean;
    readonly room: Room;
}

const ME: TileId = { who: 'me', what: 'camera' };

export const tileKey = (tile: TileId): string => `${tile.who} ${tile.what}`;

const same = (a: TileId, b: TileId) => a.who === b.who && a.what === b.what;

const clamp = (value: number, least: number, most: number) =>
    Math.max(least, Math.min(most, Math.floor(value)));

/** What fits on a stage of this size, in CSS pixels. More than nine pictures nobody looks at. */
export function roomOn(width: number, height: number): Room {
    const small = width < 600 || height < 420;
    const upright = width < height;
    return {
        grid: small ? 6 : 9,
        strip: upright ? clamp((width + 8) / 112, 2, 6) : clamp((height + 12) / 116, 2, 7),
        side: upright ? 6 : 2 * clamp((height + 12) / 132, 1, 4),
    };
}

/** How many columns make `count` tiles of 16:10 the largest. */
export function columnsFor(count: number, width: number, height: number): number {
    let best = 1;
    let largest = 0;
    for (let columns = 1; columns <= count; columns += 1) {
        const rows = Math.ceil(count / columns);
        const size = Math.min(width / columns, ((height / rows) * 16) / 10);
        if (size > largest * 1.01) {
            largest = size;
            best = columns;
        }
    }
    return best;
}

/** One page of the tiles, with our own picture at its end. */
function pageOf(
    tiles: readonly TileId[],
    room: number,
    page: number,
    self: boolean,
): Paged & { readonly tiles: readonly TileId[] } {
    const each = Math.max(1, self ? room - 1 : room);
    const pages = Math.max(1, Math.ceil(tiles.length / each));
    const now = Math.min(page, pages - 1);
    // The last page is full too: nobody's picture grows because it is the last.
    const from = pages === 1 ? 0 : Math.min(now * each, tiles.length - each);
    const shown = tiles.slice(from, from + each);
    return { tiles: self ? [...shown, ME] : shown, page: now, pages };
}

function inOrder(people: People, order: readonly string[]): readonly Person[] {
    const by = new Map(people.others.map((person) => [person.participant.id, person]));
    return order.flatMap((id) => by.get(id) ?? []);
}

export function arrange(people: People, some: Arrangement): Layout {
    const { view, pinned, room, page, self } = some;
    if (people.others.length === 0) return { kind: 'alone' };
    const others = inOrder(people, some.order);
    const cameras = others.map(({ participant }): TileId => ({
        who: participant.id,
        what: 'camera',
    }));
    const screens = others
        .filter(({ participant }) => participant.media.screen)
        .map(({ participant }): TileId => ({ who: participant.id, what: 'screen' }));
    const all = [...screens, ...cameras];

    const chosen = pinned === null ? undefined : [...all, ME].find((tile) => same(tile, pinned));
    // What somebody shares is what all look at, unless the person chose otherwise.
    const lead = chosen ?? screens[0];
    const [first] = cameras;
    if (view === 'grid' || (view === 'auto' && lead === undefined)) {
        if (view === 'auto' && first !== undefined && cameras.length === 1) {
            return { kind: 'pair', other: first };
        }
        return { kind: 'grid', ...pageOf(all, room.grid, page, self) };
    }
    const main = lead ?? first ?? ME;
    const rest = all.filter((tile) => !same(tile, main));
    const withMe = self && main.who !== 'me';
    if (view === 'speaker' && lead === undefined && cameras.length === 1) {
        return { kind: 'pair', other: main };
    }
    if (view === 'side') {
        const { tiles, ...paged } = pageOf(rest, room.side, page, withMe);
        return { kind: 'side', main, beside: tiles, ...paged };
    }
    const { tiles, ...paged } = pageOf(rest, room.strip, page, withMe);
    return { kind: 'spotlight', main, strip: tiles, ...paged };
}

/** The tiles of a layout. */
export function tilesOf(layout: Layout): readonly TileId[] {
    switch (layout.kind) {
        case 'alone':
            return [];
        case 'pair':
            return [layout.other];
        case 'grid':
            return layout.tiles;
        case 'spotlight':
            return [layout.main, ...layout.strip];
        case 'side':
            return [layout.main, ...layout.beside];
    }
}

/** The stream of a tile, if there is a picture in it now. */
export function streamOf(
    tile: TileId,
    person: Person | undefined,
    /** Needed for one's own tiles only. */
    own: OwnMedia | null,
): MediaStream | null {
    if (tile.who === 'me') {
        if (!own) return null;
        if (tile.what === 'screen') return own.screen_stream;
        return own.camera.kind === 'on' ? own.camera_stream : null;
    }
    if (!person) return null;
    if (tile.what === 'screen') return person.screen;
    return person.participant.media.video ? person.camera : null;
}
