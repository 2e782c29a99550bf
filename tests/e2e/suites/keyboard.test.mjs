// SPDX-License-Identifier: Apache-2.0

// A whole call without a mouse.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { text } from '../lib/texts.mjs';
import { until } from '../lib/wait.mjs';

let daemon;
let chrome;
let kay;

before(async () => {
    daemon = await Daemon.start();
    chrome = await Chromium.launch();
    kay = await chrome.person('Kay');
});

after(async () => {
    await chrome?.close();
    await daemon?.stop();
});

/** The name of what has the focus, as far as it shows one. */
const focus = () =>
    kay.eval(() => {
        const element = document.activeElement;
        const label = element?.labels?.[0]?.textContent;
        return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim();
    });

async function tabTo(name) {
    for (let presses = 0; presses < 60; presses++) {
        if ((await focus()).startsWith(name)) {
            return;
        }
        await kay.page.press('Tab');
    }
    assert.fail(`Tab never reaches ${name}`);
}

describe('with the keyboard alone', () => {
    it('one gets in', async () => {
        await kay.arrive((await daemon.instant()).host_url);
        await tabTo(text('entry:name'));
        await kay.page.type('Kay');
        await kay.page.press('Enter');
        await kay.waitInCall();
    });

    it('one mutes and unmutes', async () => {
        await kay.page.press('m');
        await kay.waitFor('button', 'call:mic.unmute');
        await kay.page.press('m');
        await kay.waitFor('button', 'call:mic.mute');
    });

    it('one opens the chat, writes, and comes back to where one was', async () => {
        await tabTo(text('call:panel.chat'));
        await kay.page.press('Enter');
        await tabTo(text('call:chat.to-all'));
        await kay.page.type('m is a letter here');
        await kay.page.press('Enter');
        await kay.waitForWords('m is a letter here');
        await kay.waitFor('button', 'call:mic.mute');
        await kay.page.press('Escape');
        await until('the focus is back', async () => (await focus()).startsWith(text('call:panel.chat')));
    });

    it('one leaves', async () => {
        await tabTo(text('call:leave.call'));
        await kay.page.press('Enter');
        await kay.waitFor('menuitem', 'call:leave.call');
        await until('the item to leave has the focus', async () => {
            const item = await kay.eval(() => {
                const { activeElement } = document;
                return activeElement?.getAttribute('role') === 'menuitem' ? activeElement.textContent : '';
            });
            const there = item.startsWith(text('call:leave.call'));
            if (!there) {
                await kay.page.press('ArrowDown');
            }
            return there;
        });
        await kay.page.press('Enter');
        await kay.waitFor('heading', 'entry:ended.left.title');
    });
});
