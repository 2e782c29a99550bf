// SPDX-License-Identifier: Apache-2.0

// Who gets in: lobby, lock, removal, links that are too early, unknown, revoked.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { text } from '../lib/texts.mjs';
import { sleep, until } from '../lib/wait.mjs';

let daemon;
let chrome;
let cookie;
let room;

before(async () => {
    daemon = await Daemon.start();
    chrome = await Chromium.launch();
    cookie = await daemon.administrator();
    room = await daemon.createMeeting(cookie, {
        kind: 'room',
        title: 'The quiet room',
        lobby: true,
        topology: 'mesh',
    });
});

after(async () => {
    await chrome?.close();
    await daemon?.stop();
});

const link = (options) => daemon.createLink(cookie, room.id, options);

describe('the lobby', () => {
    let hana;
    let gil;

    before(async () => {
        hana = await chrome.person('Hana');
        gil = await chrome.person('Gil');
        await hana.page.giveCookie(daemon.base, cookie);
        await hana.join(`${daemon.base}/call/${room.id}`);
    });

    after(async () => {
        await hana.page.close();
        await gil.page.close();
    });

    it('tells a guest nothing and connects to nobody until they are let in', async () => {
        await gil.open((await link({ role: 'guest', shared: true })).url);
        await gil.waitFor('button', 'entry:knock');
        await gil.page.fill(text('entry:name'), 'Gil');
        await gil.click('button', 'entry:knock');
        await gil.waitFor('heading', 'entry:lobby.title');
        await hana.openPanel('people');
        await hana.waitFor('button', 'call:people.admit-named', { name: 'Gil' });
        await sleep(500);
        // Hana has an offer in hand for whoever comes in next; nobody has been told of it.
        assert.equal(await gil.eval(() => window.__probe.peers.length), 0);
        for (const person of [hana, gil]) {
            const met = await person.eval(
                () => window.__probe.peers.filter(({ remoteDescription }) => remoteDescription !== null).length,
            );
            assert.equal(met, 0);
            assert.ok(!(await person.sent()).includes('candidate'));
        }
        const received = await gil.eval(() => window.__probe.received.join('\n'));
        assert.ok(received.includes('"welcome"'));
        assert.ok(!/Ada|Admin|"participants"/.test(received), 'nobody’s name comes over');
    });

    it('opens', async () => {
        await hana.click('button', 'call:people.admit-named', { name: 'Gil' });
        await gil.waitInCall();
        await Promise.all([hana.waitForMedia(), gil.waitForMedia()]);
    });

    it('turns away', async () => {
        const ned = await chrome.person('Ned');
        await ned.open((await link({ role: 'guest', label: 'Ned' })).url);
        await ned.waitFor('button', 'entry:knock');
        await ned.click('button', 'entry:knock');
        await hana.waitFor('button', 'call:people.deny-named', { name: 'Ned' });
        await hana.click('button', 'call:people.deny-named', { name: 'Ned' });
        await ned.waitFor('heading', 'entry:ended.denied.title');
        await ned.page.close();
    });

    it('is closed with the lock', async () => {
        await hana.openPanel('people');
        await hana.page.toggle(text('call:doors.lock'));
        const lou = await chrome.person('Lou');
        await lou.open((await link({ role: 'guest', label: 'Lou' })).url);
        await lou.waitFor('button', 'entry:knock');
        await lou.click('button', 'entry:knock');
        await lou.waitForWords(text('entry:problem.locked.title'));
        await hana.page.toggle(text('call:doors.lock'));
        await until('she may wait', async () => {
            if (await lou.sees('button', 'entry:knock')) {
                await lou.click('button', 'entry:knock');
            }
            return lou.sees('heading', 'entry:lobby.title');
        });
        await lou.click('button', 'entry:lobby.leave');
        await until('he is not waiting any more', async () => {
            return !(await hana.sees('button', 'call:people.admit-named', { name: 'Lou' }));
        });
        await lou.page.close();
    });

    it('does not help who is muted by the host to go on talking', async () => {
        await hana.openPanel('people');
        await hana.click('button', 'call:tile.actions', { name: 'Gil' });
        await hana.click('menuitem', 'call:person.mute');
        await gil.waitFor('button', 'call:mic.unmute');
        await hana.waitForSilence();
    });

    it('shows the door to who is removed, within a second', async () => {
        await hana.openPanel('people');
        await hana.click('button', 'call:tile.actions', { name: 'Gil' });
        await hana.click('menuitem', 'call:person.remove');
        await gil.waitFor('heading', 'entry:ended.removed.title', {}, { ms: 3000 });
        assert.deepEqual(
            await gil.eval(() => window.__probe.peers.map((peer) => peer.connectionState)),
            ['closed'],
        );
    });
});

describe('a link', () => {
    it('that was revoked leads nowhere, and its holder is out within a second', async () => {
        const made = await link({ role: 'moderator', label: 'Rae' });
        const rae = await chrome.person('Rae');
        await rae.arrive(made.url);
        await rae.click('button', 'entry:join');
        await rae.waitInCall();
        const began = Date.now();
        await daemon.api('DELETE', `/meetings/${room.id}/links/${made.id}`, { cookie });
        await rae.waitFor('heading', 'entry:ended.revoked.title');
        assert.ok(Date.now() - began < 2500, 'at once');
        await rae.open('about:blank');
        await rae.open(made.url);
        await rae.waitFor('heading', 'entry:closed.unknown.title');
        await rae.page.close();
    });

    it('that nobody made shows the same page as one that was revoked', async () => {
        const una = await chrome.person('Una');
        await una.open(`${daemon.base}/j#AAAAAAAAAAAAAAAAAAAAAAAAAAA`);
        await una.waitFor('heading', 'entry:closed.unknown.title');
        await una.page.close();
    });

    it('to a meeting of tomorrow says when it opens', async () => {
        const starts_at = new Date(Date.now() + 86_400_000).toISOString();
        const meeting = await daemon.createMeeting(cookie, { kind: 'scheduled', title: 'Tomorrow', starts_at });
        const { url } = await daemon.createLink(cookie, meeting.id, { role: 'guest', label: 'Tom' });
        const tom = await chrome.person('Tom');
        await tom.open(url);
        await tom.waitForWords(text('entry:early.stay'));
        assert.ok((await tom.words()).includes('Tomorrow'));
        assert.equal(await tom.eval(() => window.__probe.tracks.length), 0, 'no camera is opened');
        await tom.page.close();
    });

    it('to a meeting that has ended says so', async () => {
        const { meeting, host_url, guest_url } = await daemon.instant();
        const eve = await chrome.person('Eve');
        await eve.join(host_url);
        await eve.click('button', 'call:leave.call');
        await eve.click('menuitem', 'call:leave.end');
        await eve.click('button', 'call:leave.end-confirm');
        await eve.waitFor('heading', 'entry:ended.meeting-ended.title');
        const late = await chrome.person('Late');
        await late.open(guest_url);
        await late.waitFor('heading', 'entry:closed.ended.title');
        assert.ok(meeting.id);
        await eve.page.close();
        await late.page.close();
    });

    it('to a full meeting says that it is full', async () => {
        const small = await Daemon.start({ settings: 'meetings:\n  capacity: 2\n' });
        const { host_url, guest_url } = await small.instant();
        const people = await Promise.all(['One', 'Two', 'Three'].map((name) => chrome.person(name)));
        await people[0].join(host_url);
        await people[1].join(guest_url);
        await people[2].arrive(guest_url);
        await people[2].pressJoin();
        await people[2].waitForWords(text('entry:problem.full.title'));
        await Promise.all(people.map((person) => person.page.close()));
        await small.stop();
    });
});
