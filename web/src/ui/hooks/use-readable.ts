// SPDX-License-Identifier: Apache-2.0
import type { Readable } from '../../state/store';
import { useSelected } from './use-selected';

const all = <T>(value: T): T => value;

/** The current value of a model's part; the component is drawn again when it changes. */
export function useReadable<T>(readable: Readable<T>): T {
    return useSelected(readable, all<T>);
}
