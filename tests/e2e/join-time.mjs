// SPDX-License-Identifier: Apache-2.0

// How long from the click on "join" to the first decoded frame of the other side: `bench/run join`. Both in Chromium on this
// machine, with the picture that the page asks of the camera. Prints one line of JSON.

import { Chromium, filming } from './lib/chromium.mjs';
import { Daemon } from './lib/daemon.mjs';
import { STOPWATCH, summary, timedJoin } from './lib/stopwatch.mjs';

const RUNS = Number(process.argv[2] ?? 30);

const daemon = await Daemon.start();
// As often as Chromium's camera does by itself.
const chrome = await Chromium.launch([filming(20)]);
try {
    const times = [];
    for (let run = 0; run < RUNS; run++) {
        // A meeting and a host of its own: the place of who just went is kept for a while.
        const { host_url, guest_url } = await daemon.instant();
        const host = await chrome.person('Host');
        await host.page.addInitScript(STOPWATCH);
        await host.join(host_url);
        times.push(await timedJoin(chrome, guest_url));
        await host.page.close();
        console.error(`run ${run + 1}: ${Math.round(times.at(-1))} ms`);
    }
    console.log(JSON.stringify(summary(times)));
} finally {
    await chrome.close();
    await daemon.stop();
}
