// SPDX-License-Identifier: Apache-2.0

// Four people, each connected to each.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Chromium, filming } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { text } from '../lib/texts.mjs';
import { sleep, until } from '../lib/wait.mjs';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

let daemon;
let chrome;
let people;

before(async () => {
    daemon = await Daemon.start();
    chrome = await Chromium.launch([filming(5)]);
    const cookie = await daemon.administrator();
    const room = await daemon.createMeeting(cookie, { kind: 'room', title: 'Mesh', topology: 'mesh' });
    people = [];
    for (const [name, role] of [
        ['Ana', 'moderator'],
        ['Bo', 'guest'],
        ['Cy', 'guest'],
        ['Di', 'guest'],
    ]) {
        // Twelve pictures are encoded and decoded at once, on whatever machine this runs.
        const person = await chrome.person(name);
        await person.page.addInitScript('window.__probe.camera = { width: 160, height: 90, frameRate: 5 }');
        const { url } = await daemon.createLink(cookie, room.id, { role, label: name });
        await person.join(url);
        people.push(person);
    }
});

after(async () => {
    await chrome?.close();
    await daemon?.stop();
});

describe('four people', () => {
    it('all see and hear all', async () => {
        for (const person of people) {
            await person.waitForMedia(3);
        }
    });

    it('say something to one of them, and the others do not get it', async () => {
        const [ana, bo, cy, di] = people;
        await bo.say('only for Cy', 'Cy');
        await cy.waitForMessage('only for Cy', 'Bo');
        await bo.say('for everyone');
        for (const person of [ana, di]) {
            await person.waitForMessage('for everyone');
            assert.ok(!(await person.words()).includes('only for Cy'));
        }
    });

    it('get a file each for themselves', async () => {
        const [ana, bo, cy, di] = people;
        const file = { name: 'agenda.txt', mimeType: 'text/plain', buffer: randomBytes(300_000) };
        await ana.offerFiles(file);
        const [first, second] = await Promise.all([bo.takeFile(file.name), cy.takeFile(file.name)]);
        for (const { path } of [first, second]) {
            assert.equal(sha256(readFileSync(path)), sha256(file.buffer));
        }
        await di.openPanel('files');
        await di.click('button', 'call:files.decline-named', { name: file.name });
        await ana.waitForWords(text('call:files.state.declined'));
    });

    it('go on when one leaves and comes back', async () => {
        const [ana, bo, cy, di] = people;
        await di.leave();
        await until('three are left', async () => (await ana.media()).connections === 2);
        await di.click('button', 'entry:ended.again');
        await di.waitFor('button', 'entry:join');
        await di.click('button', 'entry:join');
        await di.waitInCall();
        for (const person of [ana, bo, cy, di]) {
            await person.waitForMedia(3);
        }
        await di.openPanel('chat');
        await sleep(300);
        assert.ok(!(await di.words()).includes('for everyone'), 'who comes later sees nothing said before');
    });
});
