// SPDX-License-Identifier: Apache-2.0

// Our place in a meeting, kept for the case that the page is loaded anew by mistake. In this tab only, and only for as long
// as the server would honour it.

import { isBoolean, isNumber, isString, object } from '../protocol/guards';
import type { KeyValue } from './settings-model';

const KEY = 'conclave.place';
/** The server keeps a place for 30 s; an older note is worth nothing. */
const WORTH_MS = 60_000;

export interface Place {
    /** The link or meeting that it belongs to. */
    readonly entry: string;
    readonly token: string;
    readonly name: string;
    readonly hide_address: boolean;
    readonly muted: boolean;
    readonly camera: boolean;
    /** When we were there last, in milliseconds since 1970. */
    readonly at_ms: number;
}

const isPlace = object({
    entry: isString,
    token: isString,
    name: isString,
    hide_address: isBoolean,
    muted: isBoolean,
    camera: isBoolean,
    at_ms: isNumber,
});

export function keepPlace(storage: KeyValue, place: Place): void {
    try {
        storage.setItem(KEY, JSON.stringify(place));
    } catch {
        // Nothing is kept here; a reload then means joining again.
    }
}

export function forgetPlace(storage: KeyValue): void {
    try {
        storage.removeItem(KEY);
    } catch {
        // As above.
    }
}

export function recallPlace(storage: KeyValue, entry: string, now_ms: number): Place | null {
    try {
        const place: unknown = JSON.parse(storage.getItem(KEY) ?? 'null');
        return isPlace(place) && place.entry === entry && now_ms - place.at_ms < WORTH_MS
            ? place
            : null;
    } catch {
        return null;
    }
}
