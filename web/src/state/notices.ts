// SPDX-License-Identifier: Apache-2.0

import { Store } from './store';
import type { Notice } from './views';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type NewNotice = WithoutId<Notice>;

const MOST = 20;

/** Things to tell the person once. */
export class Notices {
    readonly list = new Store<readonly Notice[]>([]);
    private last = 0;

    add(notice: NewNotice): void {
        const next = { ...notice, id: ++this.last } as Notice;
        this.list.update((list) => [...list, next].slice(-MOST));
    }

    dismiss(id: number): void {
        this.list.update((list) => list.filter((notice) => notice.id !== id));
    }

    clear(): void {
        this.list.set([]);
    }
}
