// SPDX-License-Identifier: Apache-2.0

// Firefox through puppeteer-core and WebDriver BiDi: a browser for each person.

import { readFileSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import { Page } from './page.mjs';
import { Person } from './person.mjs';
import { until } from './wait.mjs';

const PROBE = readFileSync(new URL('./probe.js', import.meta.url), 'utf8');
const EXECUTABLE = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** Runs in the page: what can be seen of a role and a name, as far as the tests need it. */
function find(role, name, exact) {
    const selectors = {
        button: 'button, [role="button"]',
        textbox: 'textarea, input:not([type]), input[type="text"]',
        heading: 'h1, h2, h3',
    };
    const nameOf = (element) =>
        element.getAttribute('aria-label') ??
        [...(element.labels ?? [])].map((label) => label.textContent).join(' ') ??
        '';
    const candidates = document.querySelectorAll(selectors[role] ?? `[role="${role}"]`);
    return (
        [...candidates].find((element) => {
            const called = (nameOf(element) || element.textContent).trim();
            const fits = exact ? called === name : called.startsWith(name);
            return fits && element.getClientRects().length > 0;
        }) ?? null
    );
}

/** The same face as the page in chromium.mjs, as far as the tests in Firefox need it. */
class FirefoxPage extends Page {
    constructor(browser, page) {
        super(page);
        this.browser = browser;
    }

    async by(role, name, exact = true) {
        const handle = await this.page.evaluateHandle(find, role, name, exact);
        return handle.asElement();
    }

    async click(role, name, exact = true) {
        const element = await until(`a ${role} “${name}”`, () => this.by(role, name, exact));
        await element.click();
    }

    clickStarting(role, start) {
        return this.click(role, start, false);
    }

    async sees(role, name) {
        return (await this.by(role, name)) !== null;
    }

    async fill(label, value) {
        await this.click('textbox', label);
        await this.page.keyboard.type(value);
    }

    close() {
        return this.browser.close();
    }
}

export async function firefoxPerson(name) {
    const browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath: EXECUTABLE,
        headless: true,
        acceptInsecureCerts: true,
        extraPrefsFirefox: {
            'media.navigator.streams.fake': true,
            'media.navigator.permission.disabled': true,
            'media.autoplay.default': 0,
            'intl.accept_languages': 'en-US',
            // Nothing beyond this machine is asked for anything.
            'app.update.enabled': false,
            'network.captive-portal-service.enabled': false,
            'network.connectivity-service.enabled': false,
        },
    });
    const page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 800 });
    await page.evaluateOnNewDocument(PROBE);
    return new Person(name, new FirefoxPage(browser, page));
}
