// SPDX-License-Identifier: Apache-2.0

import { expect, it } from 'vitest';
import { Store } from './store';

it('tells its subscribers of changes, and only of changes', () => {
    const store = new Store(1);
    const seen: number[] = [];
    const stop = store.subscribe(() => seen.push(store.getSnapshot()));
    store.set(2);
    store.set(2);
    store.update((value) => value + 1);
    stop();
    store.set(9);
    expect(seen).toEqual([2, 3]);
});

it('lets a subscriber end its subscription while it is told', () => {
    const store = new Store(0);
    let calls = 0;
    const stop = store.subscribe(() => {
        calls += 1;
        stop();
    });
    store.subscribe(() => {
        calls += 1;
    });
    store.set(1);
    store.set(2);
    expect(calls).toBe(3);
});
