// SPDX-License-Identifier: Apache-2.0

// In which order people are shown. Tiles don't jump: somebody who begins to speak and can't be seen changes places with
// whoever has been silent for longest, and nobody else moves.

export interface Order {
    readonly ids: readonly string[];
    /** Who has spoken, the last one first. */
    readonly spoke: readonly string[];
}

export const NOBODY: Order = { ids: [], spoke: [] };

export interface Seen {
    /** Those who are to be seen now. */
    readonly visible: ReadonlySet<string>;
    /** How many at the head of the order are on the first page; 1 where one leads. */
    readonly head: number;
}

const MOST_REMEMBERED = 50;

function swap(ids: readonly string[], a: number, b: number): readonly string[] {
    const next = [...ids];
    const [left, right] = [ids[a], ids[b]];
    if (left !== undefined && right !== undefined) {
        next[a] = right;
        next[b] = left;
    }
    return next;
}

/** The place at the head that is given up first. */
function silentPlace(ids: readonly string[], spoke: readonly string[], head: number): number {
    let place = 0;
    let longest = -1;
    for (let i = 0; i < Math.min(head, ids.length); i += 1) {
        const at = spoke.indexOf(ids[i] ?? '');
        const silence = at === -1 ? MOST_REMEMBERED : at;
        if (silence >= longest) {
            longest = silence;
            place = i;
        }
    }
    return place;
}

/** Returns `order` itself where nothing changes. */
export function follow(
    order: Order,
    here: readonly string[],
    speaker: string | null,
    seen: Seen,
): Order {
    const there = new Set(here);
    const known = new Set(order.ids);
    const gone = order.ids.some((id) => !there.has(id));
    const fresh = here.filter((id) => !known.has(id));
    let ids =
        gone || fresh.length > 0
            ? [...order.ids.filter((id) => there.has(id)), ...fresh]
            : order.ids;
    let { spoke } = order;
    if (speaker !== null && there.has(speaker)) {
        if (spoke[0] !== speaker) {
            spoke = [speaker, ...spoke.filter((id) => id !== speaker)].slice(0, MOST_REMEMBERED);
        }
        const at = ids.indexOf(speaker);
        const leads = seen.head === 1;
        if (at >= seen.head && (leads || !seen.visible.has(speaker))) {
            ids = swap(ids, at, leads ? 0 : silentPlace(ids, spoke, seen.head));
        }
    }
    return ids === order.ids && spoke === order.spoke ? order : { ids, spoke };
}
