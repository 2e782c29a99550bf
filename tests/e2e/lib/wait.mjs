// SPDX-License-Identifier: Apache-2.0

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Asks `probe` until its answer is truthy, and returns that. An exception counts as a no (a page may be between two
 * documents); the last one is told when time runs out.
 */
export async function until(what, probe, { ms = 15_000, every = 50 } = {}) {
    const end = Date.now() + ms;
    let last;
    for (;;) {
        try {
            last = await probe();
            if (last) {
                return last;
            }
        } catch (error) {
            last = error;
        }
        if (Date.now() >= end) {
            const detail = last instanceof Error ? last.message : JSON.stringify(last);
            throw new Error(`waited ${ms} ms in vain for: ${what} (last: ${detail})`);
        }
        await sleep(every);
    }
}
