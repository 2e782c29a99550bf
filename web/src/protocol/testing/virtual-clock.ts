// SPDX-License-Identifier: Apache-2.0

import type { Clock, Timer } from '../clock';

interface Entry {
    readonly due: number;
    readonly order: number;
    readonly run: () => void;
}

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
    private time = 0;
    private order = 0;
    private entries: Entry[] = [];

    now(): number {
        return this.time;
    }

    after(delay_ms: number, run: () => void): Timer {
        const entry: Entry = { due: this.time + delay_ms, order: this.order++, run };
        this.entries.push(entry);
        return {
            cancel: () => {
                this.entries = this.entries.filter((other) => other !== entry);
            },
        };
    }

    advance(delay_ms: number): void {
        const end = this.time + delay_ms;
        for (;;) {
            const [next] = this.entries
                .filter((entry) => entry.due <= end)
                .sort((a, b) => a.due - b.due || a.order - b.order);
            if (next === undefined) {
                break;
            }
            this.entries = this.entries.filter((entry) => entry !== next);
            this.time = next.due;
            next.run();
        }
        this.time = end;
    }
}
