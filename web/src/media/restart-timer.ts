// SPDX-License-Identifier: Apache-2.0

// Decides when a connection that is down is tried again: soon after it was lost, then less and less often.

import type { PeerState } from './types';

/** A first connection should be up by then. */
const PATIENCE_MS = 8000;
/** Short breaks heal by themselves. */
const BREAK_MS = 2000;
/** The polite side waits longer, so that usually only one of the two restarts. */
const POLITE_EXTRA_MS = 1500;
const LONGEST_MS = 15_000;
/** Restarts in vain until the connection is given up for a new one. */
const MOST_RESTARTS = 3;

export interface RestartTimerOptions {
    readonly restart: () => void;
    readonly stuck: () => void;
}

export class RestartTimer {
    private handle: ReturnType<typeof setTimeout> | null = null;
    private tries = 0;
    private extra_ms = 0;

    constructor(private readonly options: RestartTimerOptions) {}

    start(polite: boolean): void {
        this.extra_ms = polite ? POLITE_EXTRA_MS : 0;
        this.arm(PATIENCE_MS);
    }

    follow(state: PeerState): void {
        switch (state) {
            case 'connected':
                this.tries = 0;
                this.stop();
                return;
            case 'closed':
                this.stop();
                return;
            case 'disconnected':
                this.arm(BREAK_MS);
                return;
            case 'failed':
                this.arm(this.tries === 0 ? 0 : this.backoff());
                return;
            case 'connecting':
                if (this.handle === null) {
                    this.arm(PATIENCE_MS);
                }
                return;
        }
    }

    stop(): void {
        if (this.handle !== null) {
            clearTimeout(this.handle);
            this.handle = null;
        }
    }

    private backoff(): number {
        return Math.min(LONGEST_MS, 1000 * 2 ** this.tries);
    }

    private arm(delay_ms: number): void {
        this.stop();
        this.handle = setTimeout(() => {
            this.handle = null;
            this.tries += 1;
            this.arm(PATIENCE_MS + this.backoff());
            if (this.tries > MOST_RESTARTS) {
                this.tries = 0;
                this.options.stuck();
            } else {
                this.options.restart();
            }
        }, delay_ms + this.extra_ms);
    }
}
