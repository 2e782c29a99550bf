// SPDX-License-Identifier: Apache-2.0

// What the suites about calls through the server share: people with a very small camera, and the gaps in what they see.

import assert from 'node:assert/strict';
import { text } from './texts.mjs';

/** Pictures so small, and sound so raw, that a dozen people can be on one machine. */
export const small = (frameRate) => `
    window.__probe.camera = { width: 160, height: 90, frameRate: ${frameRate} };
    window.__probe.microphone = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
`;
const UNSEEN = `addEventListener('DOMContentLoaded', () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('video { visibility: hidden; }');
    document.adoptedStyleSheets.push(sheet);
});`;
/** A page that has no origin yet has no settings either. */
export const MUTED = `if (origin !== 'null') localStorage.setItem('conclave.settings', '{"start_muted":true}');`;
export const WINDOW = [800, 560];
export const NAMES = ['Ana', 'Bo', 'Cy', 'Dee', 'Eli', 'Fay', 'Gus', 'Hal', 'Ida', 'Jo', 'Kim'];

/**
 * Somebody with such a camera; `muted` from the start. `unseen`: the pictures of others come in and are decoded, but not painted, which without a
 * graphics processor is what a page costs most.
 */
export async function newcomer(chrome, name, { frameRate = 10, unseen = false, muted = false } = {}) {
    const [width, height] = WINDOW;
    const person = await chrome.person(name, { viewport: { width, height }, reducedMotion: 'reduce' });
    await person.page.addInitScript(small(frameRate));
    if (unseen) {
        await person.page.addInitScript(UNSEEN);
    }
    if (muted) {
        await person.page.addInitScript(MUTED);
    }
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

/** `frameRate`: of the cameras. */
export function checkGaps(gaps, { most_ms = MOST_GAP_MS, frameRate = 10 } = {}) {
    const words = gaps.map(([gap, own]) => `${gap} ms (own picture: ${own} ms)`).join(', ');
    console.log(`    longest gap: ${words}`);
    for (const [gap, own] of gaps) {
        assert.ok(gap < most_ms + Math.max(0, own - 1000 / frameRate), words);
    }
}

export const now = (person) => person.eval(() => performance.now());
