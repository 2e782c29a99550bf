// SPDX-License-Identifier: Apache-2.0

// Chromium and Firefox in one call.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon, ownAddresses } from '../lib/daemon.mjs';
import { firefoxPerson } from '../lib/firefox.mjs';
import { until } from '../lib/wait.mjs';

let daemon;
let chrome;
let ana;
let flo;

before(async () => {
    daemon = await Daemon.start({ addresses: ownAddresses() });
    chrome = await Chromium.launch();
    ana = await chrome.person('Ana');
    flo = await firefoxPerson('Flo');
});

after(async () => {
    await flo?.page.close();
    await chrome?.close();
    await daemon?.stop();
});

describe('Chromium and Firefox', () => {
    it('see and hear each other, whoever comes first', async () => {
        for (const [first, second] of [
            [ana, flo],
            [flo, ana],
        ]) {
            const { host_url, guest_url } = await daemon.instant();
            await first.join(host_url);
            await second.join(guest_url);
            await Promise.all([ana.waitForMedia(), flo.waitForMedia()]);
        }
    });

    it('chat both ways', async () => {
        await ana.say('from Chromium');
        await flo.waitForMessage('from Chromium');
        await flo.say('from Firefox');
        await ana.waitForMessage('from Firefox');
    });

    it('see a shared screen', async () => {
        await ana.click('button', 'call:screen.start');
        await until('frames of the screen', async () => (await flo.media()).screen.decoded > 3);
        await ana.click('button', 'call:screen.stop');
    });

    it('get their place back after a reload in Firefox', async () => {
        await flo.page.reload();
        await flo.waitInCall();
        await Promise.all([ana.waitForMedia(), flo.waitForMedia()]);
        assert.deepEqual(flo.page.errors, []);
    });

    it('see and hear each other through the server, when a third comes', async () => {
        const { host_url, guest_url } = await daemon.instant();
        const bo = await chrome.person('Bo');
        await ana.join(host_url);
        for (const person of [bo, flo]) {
            await person.join(guest_url);
        }
        await Promise.all([ana, bo, flo].map((person) => person.waitForRelay(2, { voices: 2 })));
        assert.deepEqual(flo.page.errors, []);
    });
});
