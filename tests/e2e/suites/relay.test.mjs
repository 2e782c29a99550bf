// SPDX-License-Identifier: Apache-2.0

// Calls through the real coturn, with credentials that the daemon made.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { text } from '../lib/texts.mjs';
import { Turn } from '../lib/turn.mjs';

let turn;
let chrome;

before(async () => {
    turn = await Turn.start();
    chrome = await Chromium.launch();
});

after(async () => {
    await chrome?.close();
    await turn?.stop();
});

/** Types of the candidates that a person told the server, such as `host`. */
async function candidateTypes(person) {
    const found = (await person.sent()).matchAll(/candidate:\S+ \d \w+ \d+ \S+ \d+ typ (\w+)/g);
    return new Set([...found].map((match) => match[1]));
}

describe('hide my address', () => {
    let daemon;
    let ana;
    let bo;

    before(async () => {
        daemon = await Daemon.start(turn.configuration());
        const { host_url, guest_url } = await daemon.instant();
        ana = await chrome.person('Ana');
        bo = await chrome.person('Bo');
        await ana.join(host_url, { hide: true });
        await bo.join(guest_url);
    });

    after(async () => {
        await ana?.page.close();
        await bo?.page.close();
        await daemon?.stop();
    });

    it('sends everything through the relay, and tells nobody another address', async () => {
        await Promise.all([ana.waitForMedia(), bo.waitForMedia()]);
        assert.deepEqual([...(await candidateTypes(ana))], ['relay']);
        assert.ok((await candidateTypes(bo)).has('host'));
        assert.ok(!/raddr (?!0\.0\.0\.0)/.test(await ana.sent()), 'nor the address behind it');
    });

    it('says so', async () => {
        const badge = text('call:protection.open', { state: text('call:protection.badge.direct') });
        await ana.page.click('button', badge);
        await ana.waitForWords(text('call:protection.relayed'));
    });

    it('still hides it after a reload', async () => {
        await ana.page.press('Escape');
        await ana.page.reload();
        await ana.waitInCall();
        await ana.waitForMedia();
        assert.deepEqual([...(await candidateTypes(ana))], ['relay']);
    });
});

describe('a server that relays everything', () => {
    it('lets nobody send another candidate', async () => {
        const { settings, files } = turn.configuration();
        const daemon = await Daemon.start({ settings: `${settings}  policy: relay\n`, files });
        try {
            const { host_url, guest_url } = await daemon.instant();
            const cy = await chrome.person('Cy');
            const di = await chrome.person('Di');
            await cy.join(host_url);
            await di.join(guest_url);
            await Promise.all([cy.waitForMedia(), di.waitForMedia()]);
            for (const person of [cy, di]) {
                assert.deepEqual([...(await candidateTypes(person))], ['relay']);
            }
            await cy.page.close();
            await di.page.close();
        } finally {
            await daemon.stop();
        }
    });
});
