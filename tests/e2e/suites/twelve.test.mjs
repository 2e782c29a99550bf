// SPDX-License-Identifier: Apache-2.0

// Twelve people in one meeting through the server.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon, ownAddresses } from '../lib/daemon.mjs';
import { firefoxPerson } from '../lib/firefox.mjs';
import { checkGaps, longestGap, MUTED, NAMES, newcomer, now, small } from '../lib/relayed.mjs';
import { text } from '../lib/texts.mjs';
import { sleep, until } from '../lib/wait.mjs';

/** Enough to see that a picture moves. */
const FPS = 2;
/** So many speak at once; the server passes on five voices. */
const VOICES = 4;
/** Who was served by a process that died is back after so long. */
const MOST_AWAY_MS = 2000;

describe('twelve people', () => {
    let daemon;
    let browsers;
    let people;
    let flo;

    before(async () => {
        daemon = await Daemon.start({ addresses: ownAddresses() });
        // Mixing what twelve pages play, for nobody to hear, would take half a core, and so would pictures that nobody
        // asked for. And where more pages share a camera than it has buffers, slow ones keep it from filming.
        const flags = ['--mute-audio', `--use-fake-device-for-media-stream=fps=${FPS}`];
        browsers = await Promise.all([1, 2, 3].map(() => Chromium.launch(flags)));
        people = [];
        const { host_url, guest_url } = await daemon.instant();
        for (const name of NAMES) {
            const browser = browsers[people.length % browsers.length];
            const unseen = people.length > 0;
            const person = await newcomer(browser, name, { frameRate: FPS, unseen, muted: true });
            await person.join(people.length === 0 ? host_url : guest_url, { ms: 60_000 });
            people.push(person);
        }
        flo = await firefoxPerson('Flo');
        await flo.page.page.evaluateOnNewDocument(small(FPS) + MUTED);
        await flo.join(guest_url, { ms: 60_000 });
    });

    after(async () => {
        await flo?.page.close();
        await Promise.all((browsers ?? []).map((browser) => browser.close()));
        await daemon?.stop();
    });

    it('see one another, Firefox among them', async () => {
        for (const person of [...people, flo]) {
            await person.waitForRelay(5, { voices: 0, ms: 90_000 });
        }
    });

    it('hear one another, four at a time', async () => {
        const all = [...people, flo];
        for (let first = 0; first < all.length; first += VOICES) {
            const speakers = all.slice(first, first + VOICES);
            await Promise.all(speakers.map((person) => person.click('button', 'call:mic.unmute')));
            await Promise.all(
                all.map((person) =>
                    person.waitToHear(speakers.filter((other) => other !== person).map(({ name }) => name)),
                ),
            );
            await Promise.all(speakers.map((person) => person.click('button', 'call:mic.mute')));
        }
    });

    it('see everybody by turning pages, and are sent no more than a page', async () => {
        const [ana] = people;
        const seen = new Set();
        for (let page = 0; page < 3 && seen.size < 11; page += 1) {
            const names = await until('most of a page moves', async () => {
                const moving = (await ana.moving()).filter((name) => name !== text('call:tile.me'));
                return moving.length >= 5 && moving;
            });
            names.forEach((name) => seen.add(name));
            if (await ana.sees('button', 'call:pages.next')) {
                await ana.page.press('PageDown');
            }
        }
        assert.deepEqual([...seen].sort(), [...NAMES.slice(1), 'Flo'].sort());
    });

    it('are back in picture and sound within two seconds when a worker is killed', async () => {
        const all = [...people, flo];
        await Promise.all(all.map((person) => person.eval(() => window.__probe.follow())));
        const peers = await Promise.all(people.map((person) => person.eval(() => window.__probe.peers.length)));
        await sleep(1500);
        const from = await Promise.all(people.map(now));
        process.kill(daemon.workers()[0], 'SIGKILL');
        await sleep(6000);
        const to = await Promise.all(people.map(now));
        const after = await Promise.all(people.map((person) => person.eval(() => window.__probe.peers.length)));
        const gaps = await Promise.all(
            people.map(async (person, i) => {
                const others = (await person.moving()).filter((name) => name !== text('call:tile.me'));
                assert.ok(others.length >= 4, `${person.name} sees ${others.join()}`);
                const each = await Promise.all(
                    others.map((name) => longestGap(person, name, from[i], to[i])),
                );
                return each.reduce((worst, gap) => (gap[0] > worst[0] ? gap : worst));
            }),
        );
        const hit = after.map((count, i) => count > peers[i]);
        assert.ok(hit.some(Boolean), 'the worker had somebody');
        checkGaps(gaps, { most_ms: MOST_AWAY_MS, frameRate: FPS });
        for (const person of all) {
            await person.waitForRelay(4, { voices: 0 });
        }
    });

    it('met no error that the page did not expect', () => {
        assert.deepEqual(people.flatMap((person) => person.page.failures()), []);
        assert.deepEqual(flo.page.errors, []);
    });
});
