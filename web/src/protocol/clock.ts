// SPDX-License-Identifier: Apache-2.0

// Time as a parameter, so that whole sessions run in a test in virtual time.

export interface Timer {
    cancel(): void;
}

export interface Clock {
    /** Milliseconds since some fixed point. */
    now(): number;
    after(delay_ms: number, run: () => void): Timer;
}
