// SPDX-License-Identifier: Apache-2.0

// Twelve people through the server, where it takes a machine that draws twelve pages in time.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { checkGaps, longestGap, NAMES, now } from '../lib/relayed.mjs';
import { text } from '../lib/texts.mjs';
import { FPS, Twelve } from '../lib/twelve.mjs';
import { sleep, until } from '../lib/wait.mjs';

/** Who was served by a process that died is back after so long. */
const MOST_AWAY_MS = 2000;

describe('a crowd of twelve', () => {
    const twelve = new Twelve();

    before(() => twelve.gather());
    after(() => twelve.close());

    it('see everybody by turning pages, and are sent no more than a page', async () => {
        const [ana] = twelve.people;
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
        const { all, people, daemon } = twelve;
        for (const person of all) {
            await person.waitForRelay(5, { voices: 0, ms: 90_000 });
        }
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
});
