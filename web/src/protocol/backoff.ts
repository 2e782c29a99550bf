// SPDX-License-Identifier: Apache-2.0

import { CLOSE } from './messages';

const FIRST_STEP_MS = 250;
const LONGEST_MS = 4000;

/**
 * How long to wait before attempt number `attempt` (0 is the first), after a connection that ended with `code`. The first
 * try is at once; later ones wait a random part of a doubling time, so that clients don't come back in step.
 */
export function reconnectDelay(attempt: number, code: number, random: number): number {
    if (code === CLOSE.tooMany) {
        return 10_000 + random * 1000;
    }
    if (attempt === 0) {
        return code === CLOSE.goingAway ? 1000 + random * 2000 : 0;
    }
    const ceiling = Math.min(LONGEST_MS, FIRST_STEP_MS * 2 ** attempt);
    return ceiling / 2 + (random * ceiling) / 2;
}
