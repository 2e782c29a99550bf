// SPDX-License-Identifier: Apache-2.0
import { useSyncExternalStore } from 'react';
import type { Readable } from '../../state/store';

/** The current value of a model's part; the component is drawn again when it changes. */
export function useReadable<T>(readable: Readable<T>): T {
    return useSyncExternalStore(
        (listener) => readable.subscribe(listener),
        () => readable.getSnapshot(),
    );
}
