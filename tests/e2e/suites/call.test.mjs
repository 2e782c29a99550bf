// SPDX-License-Identifier: Apache-2.0

// Two people in Chromium: everything that a call between two consists of, and what the server keeps of it.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { text } from '../lib/texts.mjs';
import { sleep, until } from '../lib/wait.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const XSS = '<img src=x onerror=alert(1)>"\'><script>alert(2)</script>';
const SECRET_WORDS = 'the heron flies at dawn 8f31c7';
const FILE = { name: 'quarterly-plan-5d20.bin', mimeType: 'application/pdf', buffer: randomBytes(20 * 1024 * 1024) };

let daemon;
let chrome;
let meeting;
let ana;
let bo;

before(async () => {
    daemon = await Daemon.start();
    chrome = await Chromium.launch();
    meeting = await daemon.instant();
    ana = await chrome.person('Ana');
    bo = await chrome.person(`Bo ${XSS}`.slice(0, 64));
});

after(async () => {
    await chrome?.close();
    await daemon?.stop();
});

describe('two people in Chromium', () => {
    it('make no connection and send no candidate before they join', async () => {
        for (const [person, url] of [
            [ana, meeting.host_url],
            [bo, meeting.guest_url],
        ]) {
            await person.arrive(url);
            await sleep(300);
            assert.equal(await person.eval(() => window.__probe.peers.length), 0);
            assert.equal(await person.sent(), '');
        }
    });

    it('join with a click and see and hear each other', async () => {
        await ana.pressJoin();
        await ana.waitInCall();
        assert.equal(await ana.eval(() => window.__probe.peers.length), 0);
        await bo.pressJoin();
        await bo.waitInCall();
        await Promise.all([ana.waitForMedia(), bo.waitForMedia()]);
        assert.equal((await bo.media()).camera.width, 320);
    });

    it('see who is there, by name, and no name is ever taken for a script', async () => {
        await ana.openPanel('people');
        await ana.waitForWords(bo.name);
        assert.equal(await ana.eval(() => window.__probe.dialogs), 0);
    });

    it('can look up how the call is protected', async () => {
        const badge = text('call:protection.open', { state: text('call:protection.badge.direct') });
        await until('the badge', () => ana.page.sees('button', badge));
        await ana.page.click('button', badge);
        await ana.waitForWords('DTLS 1.');
        const words = await ana.words();
        const facts = await bo.eval(async () => {
            const [peer] = window.__probe.peers;
            return peer.localDescription.sdp.match(/a=fingerprint:(\S+ \S+)/)[1].toUpperCase();
        });
        assert.ok(words.toUpperCase().includes(facts), 'shows the fingerprint of the other side');
        await ana.page.press('Escape');
    });

    it('mute and unmute: silence goes over, and both see it', async () => {
        await ana.click('button', 'call:mic.mute');
        await ana.waitFor('button', 'call:mic.unmute');
        await bo.waitForSilence();
        await ana.click('button', 'call:mic.unmute');
        await until('sound again', async () => (await bo.flow((now) => now.audio.energy, 500)) > 1e-4);
    });

    it('switch the camera off: its light goes out and no frame comes over', async () => {
        const cameras = () =>
            ana.eval(() => window.__probe.tracks.filter((t) => t.kind === 'video' && t.readyState === 'live').length);
        assert.equal(await cameras(), 1);
        await ana.click('button', 'call:camera.stop');
        await ana.waitFor('button', 'call:camera.start');
        assert.equal(await cameras(), 0);
        await until('no frame comes over', async () => (await bo.flow((now) => now.camera.decoded, 1000)) <= 1);
        await ana.click('button', 'call:camera.start');
        await until('frames again', async () => (await bo.flow((now) => now.camera.decoded, 500)) > 2);
    });

    it('go on when a device is pulled out, with another or a clear word', async () => {
        await ana.eval(() => {
            const track = window.__probe.tracks.findLast((each) => each.kind === 'audio');
            track.stop();
            track.dispatchEvent(new Event('ended'));
        });
        await until('sound from another microphone', async () => {
            return (await bo.flow((now) => now.audio.energy, 700)) > 1e-4;
        });
    });

    it('share a screen and stop', async () => {
        await ana.click('button', 'call:screen.start');
        await until('frames of the screen', async () => (await bo.media()).screen.decoded > 3);
        await until('Bo sees it', () => bo.page.sees('group', text('call:tile.screen', { name: 'Ana' })));
        await ana.click('button', 'call:screen.stop');
        await until('it is gone', async () => {
            return !(await bo.page.sees('group', text('call:tile.screen', { name: 'Ana' })));
        });
    });

    it('show a picture in a small window on top of everything, and take it back', async () => {
        for (const shown of [bo.name, null]) {
            await ana.click('button', 'call:tile.actions', { name: bo.name });
            await ana.click('menuitem', 'call:picture-in-picture');
            await until(`the window shows ${shown}`, async () => {
                return (await ana.eval(() => document.pictureInPictureElement?.ariaLabel ?? null)) === shown;
            });
        }
    });

    it('chat, with links that are safe and markup that stays text', async () => {
        await ana.say(SECRET_WORDS);
        await bo.waitForMessage(SECRET_WORDS);
        await bo.say(`${XSS} javascript:alert(3)`);
        await ana.waitForMessage(XSS);
        const links = await ana.eval(() => [...document.querySelectorAll('a[href]')].map((a) => a.href));
        assert.ok(links.every((link) => link.startsWith('https://')), links.join());
        assert.equal(await ana.eval(() => window.__probe.dialogs), 0);
        assert.equal(await bo.eval(() => window.__probe.dialogs), 0);
    });

    it('send a file of 20 MB, which arrives as it was', async () => {
        await ana.offerFiles(FILE);
        const { path, name } = await bo.takeFile(FILE.name);
        assert.equal(name, FILE.name);
        assert.equal(sha256(readFileSync(path)), sha256(FILE.buffer));
    });

    it('cannot be harmed by the name of a file', async () => {
        const buffer = Buffer.from('harmless');
        await ana.offerFiles({ name: `..${XSS.replaceAll('/', '')}\u202egpj.exe`, mimeType: 'text/html', buffer });
        await bo.openPanel('files');
        const name = await until('the offer', () =>
            bo.eval(() => document.body.innerText.match(/_img src=x[^\n]*/)?.[0]),
        );
        const { name: saved } = await bo.takeFile(name);
        assert.match(saved, /^[^/\\<>\u202e]+$/);
        assert.equal(await bo.eval(() => window.__probe.dialogs), 0);
    });

    it('tell the server nothing of what they said and sent', async () => {
        for (const person of [ana, bo]) {
            const sent = await person.sent();
            assert.ok(sent.includes('"signal"'));
            assert.ok(!sent.includes('heron') && !sent.includes('quarterly'));
        }
    });

    it('can be ended for everyone by the host', async () => {
        await ana.click('button', 'call:leave.call');
        await ana.click('menuitem', 'call:leave.end');
        await ana.click('button', 'call:leave.end-confirm');
        await bo.waitFor('heading', 'entry:ended.meeting-ended.title');
        const live = () => bo.eval(() => window.__probe.tracks.filter((t) => t.readyState === 'live').length);
        await until('every light is out', async () => (await live()) === 0);
        assert.deepEqual(
            await bo.eval(() => window.__probe.peers.map((peer) => peer.connectionState)),
            ['closed'],
        );
    });

    it('left nothing on the server but that they were there', () => {
        const files = (folder) =>
            readdirSync(folder).flatMap((name) => {
                const path = join(folder, name);
                const what = statSync(path);
                return what.isDirectory() ? files(path) : what.isFile() ? [path] : [];
            });
        const all = files(daemon.data);
        assert.ok(all.length > 0);
        const traces = ['heron', 'quarterly', 'harmless', FILE.buffer.subarray(1_000_000, 1_000_024)];
        for (const path of all) {
            const bytes = readFileSync(path);
            for (const trace of traces) {
                assert.ok(!bytes.includes(trace), `${path} holds ${trace.toString()}`);
            }
        }
        assert.ok(!daemon.log().includes('Ana'), 'no name in the log');
    });

    it('met no error that the page did not expect', () => {
        assert.deepEqual([...ana.page.failures(), ...bo.page.failures()], []);
    });
});
