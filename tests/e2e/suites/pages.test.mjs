// SPDX-License-Identifier: Apache-2.0

// Every page, in every guise (lib/look.mjs).

import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { ADMIN_PASSWORD, Daemon } from '../lib/daemon.mjs';
import { look } from '../lib/look.mjs';
import { text } from '../lib/texts.mjs';
import { sleep, until } from '../lib/wait.mjs';

let daemon;
let chrome;
let setupLink;
let cookie;
let room;

before(async () => {
    daemon = await Daemon.start();
    chrome = await Chromium.launch();
    setupLink = daemon.announced('Administrator set-up');
});

after(async () => {
    await chrome?.close();
    await daemon?.stop();
});

describe('pages for visitors', () => {
    let vi;

    before(async () => {
        vi = await chrome.person('Vi');
    });

    after(() => vi.page.close());

    const pages = [
        ['landing', () => `${daemon.base}/`, 'home:landing.title'],
        ['set-up', () => setupLink, 'home:setup.title'],
        ['set-up-gone', () => `${daemon.base}/setup#AAAAAAAAAAAAAAAAAAAAAA`, 'home:setup.gone.title'],
        ['not-found', () => `${daemon.base}/nowhere`, 'common:not-found.title'],
        ['unknown-link', () => `${daemon.base}/j#AAAAAAAAAAAAAAAAAAAAAAAAAAA`, 'entry:closed.unknown.title'],
    ];
    for (const [name, url, heading] of pages) {
        it(name, async () => {
            await vi.open('about:blank');
            await vi.open(url());
            await vi.waitFor('heading', heading);
            await look(vi, name);
        });
    }
});

describe('pages of an account', () => {
    let ada;

    before(async () => {
        ada = await chrome.person('Ada');
    });

    after(() => ada.page.close());

    it('set-up makes the first administrator and signs in', async () => {
        await ada.open(setupLink);
        await ada.waitFor('heading', 'home:setup.title');
        await ada.page.fill(text('home:name'), 'Ada Admin');
        await ada.page.fill(text('home:email'), 'ada@example.org');
        await ada.page.fill(text('home:password'), ADMIN_PASSWORD);
        await ada.click('button', 'home:setup.button');
        await ada.waitFor('tab', 'home:tabs.upcoming');
        cookie = await ada.page.cookie('__Host-conclave');
    });

    it('meetings, with nothing planned', async () => {
        await ada.waitForWords(text('home:empty.upcoming.title'));
        await look(ada, 'meetings-empty');
    });

    it('meetings', async () => {
        room = await daemon.createMeeting(cookie, {
            kind: 'room',
            title: 'The quiet room',
            lobby: true,
            topology: 'mesh',
        });
        for (const days of [1, 2, 9]) {
            const starts_at = new Date(Date.now() + days * 86_400_000).toISOString();
            const title = `Planning, part ${days}, with everyone who was there the last time`;
            await daemon.createMeeting(cookie, { kind: 'scheduled', title, starts_at });
        }
        await ada.page.reload();
        await ada.waitForWords('part 9');
        await look(ada, 'meetings');
        await ada.click('tab', 'home:tabs.rooms');
        await ada.waitForWords('The quiet room');
        await look(ada, 'rooms');
    });

    it('a new meeting', async () => {
        await ada.click('button', 'home:new.button');
        await ada.page.clickStarting('menuitem', text('home:new.scheduled.name'));
        await until('the form', () => ada.page.sees('textbox', text('home:form.title')));
        await look(ada, 'new-meeting');
        await ada.page.press('Escape');
    });

    it('one meeting', async () => {
        await daemon.createLink(cookie, room.id, { role: 'guest', label: 'Gil Guest' });
        await daemon.createLink(cookie, room.id, { role: 'moderator', shared: true });
        await ada.open(`${daemon.base}/meetings/${room.id}`);
        await ada.waitForWords('Gil Guest');
        await look(ada, 'meeting');
    });

    it('account', async () => {
        await ada.open(`${daemon.base}/account`);
        await ada.waitFor('heading', 'home:account.password.title');
        await look(ada, 'account');
    });
});

describe('pages of a call', () => {
    let hana;
    let gil;
    let link;

    before(async () => {
        hana = await chrome.person('Hana');
        gil = await chrome.person('Gil');
        await hana.page.giveCookie(daemon.base, cookie);
        link = (await daemon.createLink(cookie, room.id, { role: 'guest', shared: true })).url;
    });

    after(async () => {
        await hana.page.close();
        await gil.page.close();
    });

    it('device check', async () => {
        await gil.open(link);
        await gil.waitFor('button', 'entry:knock');
        await until('the camera', () => gil.eval(() => document.querySelector('video')?.videoWidth > 0));
        await look(gil, 'device-check');
    });

    it('lobby', async () => {
        await gil.page.fill(text('entry:name'), 'Gilbert');
        await gil.click('button', 'entry:knock');
        await gil.waitFor('heading', 'entry:lobby.title');
        await look(gil, 'lobby');
    });

    it('alone, with somebody at the door', async () => {
        await hana.join(`${daemon.base}/call/${room.id}`);
        await look(hana, 'call-alone');
    });

    it('two in a call', async () => {
        await hana.openPanel('people');
        await hana.click('button', 'call:people.admit-named', { name: 'Gilbert' });
        await Promise.all([hana.waitForMedia(), gil.waitForMedia()]);
        await look(hana, 'call-people');
        await hana.closePanel();
        await sleep(300);
        await look(hana, 'call');
    });

    it('chat', async () => {
        await gil.say('Good morning! Shall we begin? The plan is at https://example.org/plan');
        await hana.say('Good morning. One moment: I am fetching the numbers of last week.');
        await hana.waitForMessage('Good morning!');
        await look(hana, 'call-chat');
    });

    it('files', async () => {
        const files = ['minutes.pdf', 'a-rather-long-name-of-a-spreadsheet-with-numbers.xlsx'].map((name) => ({
            name,
            mimeType: 'application/octet-stream',
            buffer: Buffer.alloc(200_000, 7),
        }));
        await gil.offerFiles(files);
        await hana.takeFile('minutes.pdf');
        await look(hana, 'call-files');
        await hana.closePanel();
    });

    it('how it is protected', async () => {
        await hana.page.clickStarting('button', text('call:protection.open', { state: text('call:protection.badge.direct') }));
        await hana.waitForWords('DTLS 1.');
        await look(hana, 'call-protection');
        await hana.page.press('Escape');
    });

    it('settings', async () => {
        await hana.click('button', 'call:more');
        await look(hana, 'call-more');
        await hana.click('button', 'call:settings.title');
        await hana.waitFor('heading', 'call:settings.title');
        await look(hana, 'call-settings');
        await hana.page.press('Escape');
    });

    it('a shared screen', async () => {
        await gil.click('button', 'call:screen.start');
        await until('the screen', () => hana.page.sees('group', text('call:tile.screen', { name: 'Gilbert' })));
        await look(hana, 'call-screen');
        await gil.click('button', 'call:screen.stop');
    });

    it('the end', async () => {
        await gil.leave();
        await look(gil, 'left');
        await hana.leave();
    });

    it('a meeting with a past', async () => {
        const ada = await chrome.person('Ada');
        await ada.page.giveCookie(daemon.base, cookie);
        await ada.open(`${daemon.base}/meetings/${room.id}`);
        await ada.waitForWords('Gilbert');
        await look(ada, 'meeting-records');
        await ada.page.close();
    });
});

describe('pages about time', () => {
    it('too early', async () => {
        const starts_at = new Date(Date.now() + 86_400_000).toISOString();
        const meeting = await daemon.createMeeting(cookie, { kind: 'scheduled', title: 'Tomorrow', starts_at });
        const { url } = await daemon.createLink(cookie, meeting.id, { role: 'guest', label: 'Tom' });
        const tom = await chrome.person('Tom');
        await tom.open(url);
        await tom.waitForWords(text('entry:early.stay'));
        await look(tom, 'too-early');
        await tom.page.close();
    });

    it('over', async () => {
        const starts_at = new Date().toISOString();
        const meeting = await daemon.createMeeting(cookie, { kind: 'scheduled', title: 'Today', starts_at });
        const { url } = await daemon.createLink(cookie, meeting.id, { role: 'guest', label: 'Lea' });
        await daemon.api('POST', `/meetings/${meeting.id}/end`, { cookie });
        const lea = await chrome.person('Lea');
        await lea.open(url);
        await lea.waitFor('heading', 'entry:closed.ended.title');
        await look(lea, 'over');
        await lea.page.close();
    });
});
