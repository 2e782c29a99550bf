// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { follow, NOBODY, type Order } from './order';

const here = ['a', 'b', 'c', 'd', 'e', 'f'];
const seen = (head: number, ...visible: string[]) => ({ head, visible: new Set(visible) });
const first = (order: Order, count: number) => order.ids.slice(0, count).join('');

describe('the order of the tiles', () => {
    it('is that of coming, and closes up behind those who leave', () => {
        let order = follow(NOBODY, here.slice(0, 3), null, seen(3));
        expect(order.ids).toEqual(['a', 'b', 'c']);
        order = follow(order, ['a', 'c', 'd'], null, seen(3));
        expect(order.ids).toEqual(['a', 'c', 'd']);
    });

    it('stays the same object while nothing changes', () => {
        const order = follow(NOBODY, here, 'a', seen(3, 'a', 'b', 'c'));
        expect(follow(order, here, 'a', seen(3, 'a', 'b', 'c'))).toBe(order);
        expect(follow(order, here, null, seen(3, 'a', 'b', 'c'))).toBe(order);
    });

    it('moves nobody for a speaker who can be seen', () => {
        const order = follow(NOBODY, here, null, seen(3));
        expect(follow(order, here, 'b', seen(3, 'a', 'b', 'c')).ids).toEqual(here);
        // Seen on another page.
        expect(follow(order, here, 'e', seen(3, 'd', 'e', 'f')).ids).toEqual(here);
    });

    it('lets a speaker change places with whoever has been silent for longest', () => {
        const visible = seen(3, 'a', 'b', 'c');
        let order = follow(NOBODY, here, 'c', visible);
        order = follow(order, here, 'a', visible);
        order = follow(order, here, 'e', visible);
        expect(order.ids).toEqual(['a', 'e', 'c', 'd', 'b', 'f']);
        order = follow(order, here, 'f', seen(3, 'a', 'e', 'c'));
        expect(first(order, 3)).toBe('aef');
    });

    it('gives the lead to the speaker and the speaker’s place to who led', () => {
        let order = follow(NOBODY, here, 'c', seen(1, 'a', 'b', 'c'));
        expect(order.ids).toEqual(['c', 'b', 'a', 'd', 'e', 'f']);
        order = follow(order, here, 'e', seen(1, 'a', 'b', 'c'));
        expect(order.ids).toEqual(['e', 'b', 'a', 'd', 'c', 'f']);
    });

    it('ignores a speaker who has left', () => {
        expect(follow(NOBODY, ['a', 'b'], 'z', seen(1)).ids).toEqual(['a', 'b']);
    });
});
