// SPDX-License-Identifier: Apache-2.0

// Who is shown where: from what there is to see to an arrangement, without any drawing.

import type { OwnMedia, People, Person } from '../../state/views';

export type Shown = 'camera' | 'screen';

/** One rectangle on the stage; `who` is a participant's id, or 'me'. */
export interface TileId {
    readonly who: string;
    readonly what: Shown;
}

export type Layout =
    /** Nobody else is here. */
    | { readonly kind: 'alone' }
    /** The other fills the stage, we are a small picture in its corner. */
    | { readonly kind: 'pair'; readonly other: TileId }
    | { readonly kind: 'grid'; readonly tiles: readonly TileId[] }
    /** One is large, the others stand in a row beside it. */
    | { readonly kind: 'spotlight'; readonly main: TileId; readonly strip: readonly TileId[] };

const ME: TileId = { who: 'me', what: 'camera' };

export const tileKey = (tile: TileId): string => `${tile.who} ${tile.what}`;

const same = (a: TileId, b: TileId) => a.who === b.who && a.what === b.what;

const shares = (person: Person) => person.participant.media.screen && person.screen !== null;

export function arrange(people: People, pinned: TileId | null): Layout {
    const { others } = people;
    if (others.length === 0) return { kind: 'alone' };
    const cameras = others.map(({ participant }): TileId => ({
        who: participant.id,
        what: 'camera',
    }));
    const screens = others
        .filter(shares)
        .map(({ participant }): TileId => ({ who: participant.id, what: 'screen' }));
    const all = [...screens, ...cameras, ME];

    // What somebody shares is what all look at, unless the person chose otherwise.
    const main = (pinned && all.find((tile) => same(tile, pinned))) ?? screens[0];
    if (main) return { kind: 'spotlight', main, strip: all.filter((tile) => tile !== main) };
    const [other] = cameras;
    if (other && cameras.length === 1) return { kind: 'pair', other };
    return { kind: 'grid', tiles: [...cameras, ME] };
}

/** The stream of a tile, if there is a picture in it now. */
export function streamOf(
    tile: TileId,
    person: Person | undefined,
    own: OwnMedia,
): MediaStream | null {
    if (tile.who === 'me') {
        if (tile.what === 'screen') return own.screen_stream;
        return own.camera.kind === 'on' ? own.camera_stream : null;
    }
    if (!person) return null;
    if (tile.what === 'screen') return person.screen;
    return person.participant.media.video ? person.camera : null;
}
