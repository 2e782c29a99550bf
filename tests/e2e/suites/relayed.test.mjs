// SPDX-License-Identifier: Apache-2.0

// The change of a call's way: to the server when a third comes, and back.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { look } from '../lib/look.mjs';
import { badge, checkGaps, longestGap, NAMES, newcomer, now, WINDOW } from '../lib/relayed.mjs';
import { text } from '../lib/texts.mjs';
import { sleep, until } from '../lib/wait.mjs';

/** A worker that hangs is killed after that much silence, and its people are back two seconds later, as ever. */
const MOST_HUNG_MS = 3500 + 2000;

describe('two people and a third', () => {
    let daemon;
    let chrome;
    let ana;
    let bo;
    let cy;

    before(async () => {
        daemon = await Daemon.start();
        chrome = await Chromium.launch();
        [ana, bo, cy] = await Promise.all(NAMES.slice(0, 3).map((name) => newcomer(chrome, name)));
        const { host_url, guest_url } = await daemon.instant();
        await ana.join(host_url);
        await bo.join(guest_url);
        await Promise.all([ana.waitForMedia(), bo.waitForMedia()]);
        await cy.arrive(guest_url);
    });

    after(async () => {
        await chrome?.close();
        await daemon?.stop();
    });

    it('change to the server without a gap when the third comes', async () => {
        await until('frames are shown', async () => (await ana.moving()).includes('Bo'));
        await Promise.all([ana, bo].map((person) => person.eval(() => window.__probe.follow())));
        await sleep(500);
        const from = await Promise.all([now(ana), now(bo)]);
        await cy.pressJoin();
        await cy.waitInCall();
        await Promise.all([ana, bo, cy].map((person) => person.waitForRelay(2)));
        // Until the direct connections are gone as well.
        await sleep(5000);
        const to = await Promise.all([now(ana), now(bo)]);
        const gaps = [
            await longestGap(ana, 'Bo', from[0], to[0]),
            await longestGap(bo, 'Ana', from[1], to[1]),
        ];
        checkGaps(gaps);
    });

    it('say so on the badge, and let go of the direct connections', async () => {
        for (const person of [ana, bo, cy]) {
            await until('the badge', () => person.page.sees('button', badge('relayed')));
        }
        for (const person of [ana, bo]) {
            await until('one connection each', async () => (await person.media()).connections === 1);
        }
    });

    it('are shown in a grid, or who speaks large, as everybody can use it', async () => {
        for (const view of ['grid', 'speaker']) {
            await ana.click('button', 'call:view.open');
            await ana.click('menuitemradio', `call:view.${view}`);
            await ana.page.press('Escape');
            await look(ana, `relayed-${view}`, WINDOW);
        }
        await ana.openPanel('people');
        await look(ana, 'relayed-people', WINDOW);
        await ana.closePanel();
        await ana.click('button', 'call:view.open');
        await ana.click('menuitemradio', 'call:view.auto');
        await ana.page.press('Escape');
    });

    it('chat through the server, to all and to one', async () => {
        await ana.say('to you all');
        await bo.waitForMessage('to you all');
        await cy.waitForMessage('to you all');
        await cy.say('only to you', 'Ana');
        await ana.waitForMessage('only to you', 'Cy');
        await sleep(300);
        assert.ok(!(await bo.words()).includes('only to you'));
        for (const person of [ana, bo, cy]) {
            await person.closePanel();
        }
    });

    it('see a shared screen', async () => {
        await bo.click('button', 'call:screen.start');
        await until('the screen moves', async () =>
            (await ana.moving()).includes(text('call:tile.screen', { name: 'Bo' })),
        );
        await bo.click('button', 'call:screen.stop');
        await until('it is gone', async () => {
            return !(await ana.page.sees('group', text('call:tile.screen', { name: 'Bo' })));
        });
    });

    it('are told what nobody looks at, and encode it no more', async () => {
        for (const person of [ana, bo]) {
            await person.openPanel('people');
        }
        await cy.click('button', 'call:camera.stop');
        await until('her picture is gone', async () => !(await ana.moving()).includes('Cy'));
        await cy.click('button', 'call:camera.start');
        await until('her picture is back', async () => (await ana.moving()).includes('Cy'));
        for (const person of [ana, bo]) {
            await person.closePanel();
        }
    });

    it('go back to a direct call without a gap when two are left', async () => {
        const from = await Promise.all([now(ana), now(bo)]);
        await cy.leave();
        for (const person of [ana, bo]) {
            await until('a direct call', () => person.page.sees('button', badge('direct')), { ms: 40_000 });
        }
        const to = await Promise.all([now(ana), now(bo)]);
        const gaps = [
            await longestGap(ana, 'Bo', from[0], to[0]),
            await longestGap(bo, 'Ana', from[1], to[1]),
        ];
        checkGaps(gaps);
        await Promise.all([ana.waitForMedia(), bo.waitForMedia()]);
    });

    it('take the way through the server when the host asks for it', async () => {
        await ana.openPanel('people');
        await ana.page.toggle(text('call:doors.relay'));
        await Promise.all([ana.waitForRelay(1), bo.waitForRelay(1)]);
        await until('the badge', () => bo.page.sees('button', badge('relayed')));
    });

    it('are back in picture when what serves them hangs', async () => {
        await until('frames are shown', async () => (await ana.moving()).includes('Bo'));
        const from = await Promise.all([now(ana), now(bo)]);
        const hung = daemon.workers();
        hung.forEach((pid) => process.kill(pid, 'SIGSTOP'));
        await sleep(MOST_HUNG_MS + 3000);
        const to = await Promise.all([now(ana), now(bo)]);
        const gaps = [
            await longestGap(ana, 'Bo', from[0], to[0]),
            await longestGap(bo, 'Ana', from[1], to[1]),
        ];
        assert.ok(hung.length > 0 && hung.every((pid) => !daemon.workers().includes(pid)));
        checkGaps(gaps, { most_ms: MOST_HUNG_MS });
        await Promise.all([ana.waitForRelay(1), bo.waitForRelay(1)]);
        await until('the badge', () => bo.page.sees('button', badge('relayed')));
    });

    it('met no error that the page did not expect', () => {
        assert.deepEqual([ana, bo, cy].flatMap((person) => person.page.failures()), []);
    });
});
