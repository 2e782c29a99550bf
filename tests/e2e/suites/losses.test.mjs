// SPDX-License-Identifier: Apache-2.0

// What a call survives: a page loaded anew, a network that goes, a server that dies.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { text } from '../lib/texts.mjs';
import { sleep, until } from '../lib/wait.mjs';

let daemon;
let chrome;
let ana;
let bo;

before(async () => {
    daemon = await Daemon.start();
    chrome = await Chromium.launch();
    const { host_url, guest_url } = await daemon.instant();
    ana = await chrome.person('Ana');
    bo = await chrome.person('Bo');
    await ana.join(host_url);
    await bo.join(guest_url);
    await Promise.all([ana.waitForMedia(), bo.waitForMedia()]);
});

after(async () => {
    await chrome?.close();
    await daemon?.stop();
});

const connections = (person) => person.eval(() => window.__probe.peers.length);
const reconnecting = async (person) => (await person.words()).includes(text('call:reconnecting'));

/** Nobody else is in the meeting than these two, at either. */
async function stillTwo() {
    for (const person of [ana, bo]) {
        await person.openPanel('people');
        await person.waitForWords(text('call:people.here', { count: 2, most: 2 }));
    }
}

describe('a call goes on', () => {
    for (const name of ['Ana', 'Bo']) {
        it(`when the page of ${name} is loaded anew by mistake`, async () => {
            const person = name === 'Ana' ? ana : bo;
            await person.page.reload();
            await person.waitInCall();
            await Promise.all([ana.waitForMedia(), bo.waitForMedia()]);
            await stillTwo();
        });
    }

    it('with microphone and camera as they were before the reload', async () => {
        await bo.click('button', 'call:mic.mute');
        await bo.waitFor('button', 'call:mic.unmute');
        await bo.page.reload();
        await bo.waitInCall();
        await bo.waitFor('button', 'call:mic.unmute');
        await bo.click('button', 'call:mic.unmute');
        await bo.waitForMedia();
    });

    it('while the network to the server is gone, and catches up when it is back', async () => {
        const before = await connections(ana);
        await ana.page.offline(true);
        await until('Ana is told', () => reconnecting(ana));
        assert.ok((await ana.flow((now) => now.camera.decoded)) > 3, 'the picture goes on');
        await bo.click('button', 'call:hand.raise');
        await ana.page.offline(false);
        await until('Ana is back', async () => !(await reconnecting(ana)));
        await ana.openPanel('people');
        await until('she sees the hand', () => ana.page.sees('img', text('call:hand-raised')));
        await ana.waitForMedia();
        assert.equal(await connections(ana), before);
    });

    it('when the daemon is killed and started again: media never stops, places are kept', async () => {
        const before = [await connections(ana), await connections(bo)];
        await daemon.kill9();
        await until('Ana is told', () => reconnecting(ana));
        for (const person of [ana, bo]) {
            assert.ok((await person.flow((now) => now.camera.decoded)) > 3, 'the picture goes on');
        }
        await ana.say('nobody hears us now');
        await bo.waitForMessage('nobody hears us now');
        await daemon.up();
        for (const person of [ana, bo]) {
            await until('back', async () => !(await reconnecting(person)));
            assert.ok((await person.flow((now) => now.camera.decoded)) > 3);
        }
        assert.deepEqual([await connections(ana), await connections(bo)], before);
        await stillTwo();
    });

    it('when the network changes under a file, which still arrives whole', async () => {
        const buffer = Buffer.alloc(8 * 1024 * 1024, 'conclave');
        const ufrag = () =>
            ana.eval(() => window.__probe.peers.at(-1).localDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1]);
        const before = await ufrag();
        await ana.offerFiles({ name: 'long.bin', mimeType: 'application/octet-stream', buffer });
        await bo.openPanel('files');
        await bo.waitFor('button', 'call:files.accept-named', { name: 'long.bin' });
        await bo.click('button', 'call:files.accept-named', { name: 'long.bin' });
        await ana.eval(() => window.dispatchEvent(new Event('online')));
        await until('another way was looked for', async () => (await ufrag()) !== before);
        await bo.waitFor('button', 'call:files.save-named', { name: 'long.bin' }, { ms: 60_000 });
        const { path } = await bo.page.download(() =>
            bo.click('button', 'call:files.save-named', { name: 'long.bin' }),
        );
        assert.ok(readFileSync(path).equals(buffer));
    });
});
