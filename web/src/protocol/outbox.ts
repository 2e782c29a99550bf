// SPDX-License-Identifier: Apache-2.0

// The commands that the server has not acknowledged yet, with their sequence numbers.

import type { Command } from './messages';

export interface Numbered {
    readonly seq: number;
    readonly command: Command;
}

/** Commands kept at most; the window without a connection is too short to fill this with anything that still matters. */
const MOST_PENDING = 512;
/** Sent commands remembered, so that a late `error` can say which command it was about. */
const MOST_REMEMBERED = 64;

/** Belongs to a moment that has passed once the server has forgotten the history: the client says these anew. */
function isMomentary(command: Command): boolean {
    return command.type === 'signal' || command.type === 'media' || command.type === 'stats';
}

export class Outbox {
    private pending: Numbered[] = [];
    private remembered: Numbered[] = [];
    private last = 0;

    get size(): number {
        return this.pending.length;
    }

    add(command: Command): Numbered | null {
        if (this.pending.length >= MOST_PENDING) {
            return null;
        }
        const numbered = { seq: ++this.last, command };
        this.pending.push(numbered);
        this.remembered.push(numbered);
        if (this.remembered.length > MOST_REMEMBERED) {
            this.remembered.shift();
        }
        return numbered;
    }

    acknowledge(seq: number): void {
        this.pending = this.pending.filter((numbered) => numbered.seq > seq);
    }

    find(seq: number): Command | null {
        return this.remembered.find((numbered) => numbered.seq === seq)?.command ?? null;
    }

    unacknowledged(): readonly Numbered[] {
        return this.pending;
    }

    /** Numbering begins again at 1; what still matters keeps its order. */
    renumber(): void {
        const kept = this.pending.filter((numbered) => !isMomentary(numbered.command));
        this.last = 0;
        this.remembered = [];
        this.pending = [];
        for (const { command } of kept) {
            this.add(command);
        }
    }
}
