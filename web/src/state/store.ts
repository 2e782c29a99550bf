// SPDX-License-Identifier: Apache-2.0

/** Something to look at, and to be told of when it changes; fits React's useSyncExternalStore. */
export interface Readable<T> {
    readonly getSnapshot: () => T;
    /** Returns what ends the subscription. */
    readonly subscribe: (listener: () => void) => () => void;
}

export class Store<T> implements Readable<T> {
    private readonly listeners = new Set<() => void>();

    constructor(private value: T) {}

    // Bound, so that they may be handed to useSyncExternalStore as they are.
    readonly getSnapshot = (): T => this.value;

    readonly subscribe = (listener: () => void): (() => void) => {
        this.listeners.add(listener);
        return () => {
            this.listeners.delete(listener);
        };
    };

    set(value: T): void {
        if (Object.is(value, this.value)) {
            return;
        }
        this.value = value;
        for (const listener of [...this.listeners]) {
            listener();
        }
    }

    update(change: (value: T) => T): void {
        this.set(change(this.value));
    }
}
