// SPDX-License-Identifier: Apache-2.0

// How long from the click on "join" to the first decoded frame of the other side: `bench/run join`. Both in Chromium on this
// machine, with the picture that the page asks of the camera. Prints one line of JSON.

import { Chromium } from './lib/chromium.mjs';
import { Daemon } from './lib/daemon.mjs';
import { text } from './lib/texts.mjs';
import { sleep, until } from './lib/wait.mjs';

const RUNS = Number(process.argv[2] ?? 30);

/** Put into every page: notes when the button was pressed, and when the first frame came out of a decoder. */
const STOPWATCH = `(() => {
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

async function once(chrome, link) {
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

const daemon = await Daemon.start();
const chrome = await Chromium.launch();
try {
    const times = [];
    for (let run = 0; run < RUNS; run++) {
        // A meeting and a host of its own: the place of who just went is kept for a while.
        const { host_url, guest_url } = await daemon.instant();
        const host = await chrome.person('Host');
        await host.page.addInitScript(STOPWATCH);
        await host.join(host_url);
        times.push(await once(chrome, guest_url));
        await host.page.close();
        console.error(`run ${run + 1}: ${Math.round(times.at(-1))} ms`);
    }
    times.sort((a, b) => a - b);
    const round = (value) => Math.round(value * 10) / 10;
    console.log(JSON.stringify({ p50_ms: round(rank(times, 0.5)), p95_ms: round(rank(times, 0.95)), runs: RUNS }));
} finally {
    await chrome.close();
    await daemon.stop();
}
