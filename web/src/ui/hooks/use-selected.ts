// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';
import type { Readable } from '../../state/store';

/**
 * What is of interest of a model's part; the component is drawn again when that changes, and not with the rest.
 * `select` returns a plain value, or an object that is in there already: a new one each time would never be the same.
 */
export function useSelected<T, U>(readable: Readable<T>, select: (value: T) => U): U {
    return useSyncExternalStore(readable.subscribe, () => select(readable.getSnapshot()));
}
