// SPDX-License-Identifier: Apache-2.0

// How long a join takes, for the benchmarks.

import { text } from './texts.mjs';
import { sleep, until } from './wait.mjs';

/** Put into every page: notes when the button was pressed, and when the first frame came out of a decoder. */
export const STOPWATCH = `(() => {
    const watch = { pressed: null, frame: null };
    window.__watch = watch;
    window.__probe.camera = null;
    addEventListener('click', (event) => {
        if (event.target.closest('button[type=submit]')) watch.pressed = event.timeStamp;
    }, true);
    const Peer = window.RTCPeerConnection;
    let reading = false;
    window.RTCPeerConnection = class RTCPeerConnection extends Peer {
        constructor(...options) {
            super(...options);
            this.addEventListener('track', async ({ track }) => {
                if (track.kind !== 'video' || reading) return;
                reading = true;
                const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
                const { value } = await reader.read();
                watch.frame = performance.now();
                value.close();
                await reader.cancel();
            });
        }
    };
})()`;

/** Milliseconds from the click on "join" to the first decoded frame of somebody else. */
export async function timedJoin(chrome, link) {
    const person = await chrome.person('Guest');
    try {
        await person.page.addInitScript(STOPWATCH);
        await person.arrive(link);
        await until('the picture of our own camera', () =>
            person.eval(() => document.querySelector('video')?.videoWidth > 0),
        );
        await person.page.fill(text('entry:name'), 'Guest');
        // As long as a person needs to look at themselves.
        await sleep(500);
        await person.click('button', 'entry:join');
        return await until(
            'the first frame',
            () => person.eval(() => window.__watch.frame && window.__watch.frame - window.__watch.pressed),
            { ms: 30_000, every: 100 },
        );
    } finally {
        await person.page.close();
    }
}

const rank = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
const round = (value) => Math.round(value * 10) / 10;

/** What the last line of a benchmark says of these times. */
export function summary(times) {
    const sorted = [...times].sort((a, b) => a - b);
    return { p50_ms: round(rank(sorted, 0.5)), p95_ms: round(rank(sorted, 0.95)), runs: sorted.length };
}
