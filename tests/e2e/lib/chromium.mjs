// SPDX-License-Identifier: Apache-2.0

// Chromium through playwright-core: one browser, a context of its own for each person.

import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { Page } from './page.mjs';
import { Person } from './person.mjs';

const PROBE = readFileSync(new URL('./probe.js', import.meta.url), 'utf8');
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * How often the camera films: as often as pages ask for (probe.js), by default. Where it films more, the browser leaves out
 * some frames, and now and then all of them from then on.
 */
export const filming = (fps) => `--use-fake-device-for-media-stream=fps=${fps}`;

const ARGS = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    filming(10),
    '--use-fake-ui-for-media-stream',
    // Pages that aren't in front must not be slowed down: all of them are in a call.
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
];

const escape = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What all tests use of a page in Chromium. */
class ChromiumPage extends Page {
    constructor(context, page) {
        super(page);
        this.context = context;
        page.on('console', (message) => {
            if (message.type() === 'error') {
                this.errors.push(message.text());
            }
        });
    }

    /** Errors that nothing in a test is meant to cause. */
    failures() {
        // What a request was answered with, or that it wasn't answered, is for the page to deal with.
        // Nor does a browser take a service worker from a server whose certificate it doesn't trust.
        const expected =
            /Failed to load resource|net::ERR_|^An SSL certificate error occurred when fetching the script\.$/;
        return this.errors.filter((error) => !expected.test(error));
    }

    by(role, name) {
        return this.page.getByRole(role, { name, exact: true }).first();
    }

    click(role, name) {
        return this.by(role, name).click({ timeout: 30_000 });
    }

    clickStarting(role, start) {
        const name = new RegExp(`^${escape(start)}`);
        return this.page.getByRole(role, { name }).first().click({ timeout: 30_000 });
    }

    /** Flips a switch, as the space bar does; its name may go on with an explanation. */
    async toggle(start) {
        const name = new RegExp(`^${escape(start)}`);
        await this.page.getByRole('switch', { name }).first().focus();
        await this.page.keyboard.press('Space');
    }

    sees(role, name) {
        return this.by(role, name).isVisible();
    }

    fill(label, value) {
        return this.page.getByLabel(label, { exact: true }).first().fill(value);
    }

    type(words) {
        return this.page.keyboard.type(words);
    }

    /** Signs in: the cookie of a session, as `NAME=VALUE`. */
    async giveCookie(base, cookie) {
        const [name, ...value] = cookie.split('=');
        const at = { url: base, secure: true, httpOnly: true, sameSite: 'Strict' };
        await this.context.addCookies([{ name, value: value.join('='), ...at }]);
    }

    /** The cookie of this name, as `NAME=VALUE`. */
    async cookie(name) {
        const found = (await this.context.cookies()).find((each) => each.name === name);
        return `${name}=${found?.value}`;
    }

    /** Hands files to the file chooser that `open` brings up. */
    async chooseFiles(open, files) {
        const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), open()]);
        await chooser.setFiles(files);
    }

    /** The path of what `start` makes the browser download, and the name it suggests. */
    async download(start) {
        const [download] = await Promise.all([this.page.waitForEvent('download'), start()]);
        return { path: await download.path(), name: download.suggestedFilename() };
    }

    size(width, height) {
        return this.page.setViewportSize({ width, height });
    }

    theme(scheme) {
        return this.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    }

    offline(offline) {
        return this.context.setOffline(offline);
    }

    /** Runs in every document from now on, after the probe. */
    addInitScript(source) {
        return this.context.addInitScript(source);
    }

    /** Runs once, in the document that is shown. */
    addScript(source) {
        return this.page.evaluate(source);
    }

    close() {
        return this.context.close();
    }
}

export class Chromium {
    static async launch(args = []) {
        const chrome = new Chromium();
        chrome.browser = await chromium.launch({
            executablePath: EXECUTABLE,
            args: [...ARGS, ...args],
            // Debian's wrapper and playwright's defaults disagree about the old headless mode.
            ignoreDefaultArgs: ['--headless=old'],
        });
        return chrome;
    }

    /** Somebody with a browser profile of their own. */
    async person(name, options = {}) {
        const context = await this.browser.newContext({
            ignoreHTTPSErrors: true,
            acceptDownloads: true,
            locale: 'en-US',
            viewport: { width: 1280, height: 800 },
            ...options,
        });
        await context.addInitScript(PROBE);
        return new Person(name, new ChromiumPage(context, await context.newPage()));
    }

    close() {
        return this.browser.close();
    }
}
