// SPDX-License-Identifier: Apache-2.0

// What the suites about calls through the server share: people with a very small camera, and the gaps in what they see.

import assert from 'node:assert/strict';
import { text } from './texts.mjs';

/** Pictures so small that a dozen of them can be made and shown on one machine. */
export const small = (frameRate) => `window.__probe.camera = { width: 160, height: 90, frameRate: ${frameRate} };`;
/** From one frame of such a camera to the next. */
const FRAME_MS = 100;
export const WINDOW = [800, 560];
export const NAMES = ['Ana', 'Bo', 'Cy', 'Dee', 'Eli', 'Fay', 'Gus', 'Hal', 'Ida', 'Jo', 'Kim'];

export async function newcomer(chrome, name, frameRate = 10) {
    const [width, height] = WINDOW;
    const person = await chrome.person(name, { viewport: { width, height } });
    await person.page.addInitScript(small(frameRate));
    return person;
}

export const badge = (mode) => text('call:protection.open', { state: text(`call:protection.badge.${mode}`) });

/**
 * The longest time, in ms, without a new frame of a picture between two moments; and, to tell what the machine is busy with
 * besides from what the call lacks, the same of one's own picture, which never leaves the page.
 */
export function longestGap(person, name, from, to) {
    return person.eval(
        (names, from, to) =>
            names.map((name) => {
                const times = window.__probe.frames[name] ?? [];
                const all = [from, ...times.filter((at) => at >= from && at <= to), to];
                return Math.round(Math.max(...all.slice(1).map((at, i) => at - all[i])));
            }),
        [name, text('call:tile.me')],
        from,
        to,
    );
}

/** A change of the way may cost this much of a picture. */
const MOST_GAP_MS = 300;

export function checkGaps(gaps, most_ms = MOST_GAP_MS) {
    const words = gaps.map(([gap, own]) => `${gap} ms (own picture: ${own} ms)`).join(', ');
    console.log(`    longest gap: ${words}`);
    for (const [gap, own] of gaps) {
        assert.ok(gap < most_ms + Math.max(0, own - FRAME_MS), words);
    }
}

export const now = (person) => person.eval(() => performance.now());
