// SPDX-License-Identifier: Apache-2.0

// A person at a browser: finds things by what they are called, as somebody with a screen reader would, and reads off what
// really flows.

import { text } from './texts.mjs';
import { sleep, until } from './wait.mjs';

/** The energy (totalAudioEnergy of the statistics) below which nothing was to be heard. */
const SILENCE = 1e-6;

/** The slots (by mid) that were not silent between two readings of `relay`. */
function heardSince(before, now) {
    return Object.keys(now.voices).filter((mid) => now.voices[mid] > (before.voices[mid] ?? 0) + SILENCE);
}

export class Person {
    /** `page`: the driver, see chromium.mjs and firefox.mjs. */
    constructor(name, page) {
        this.name = name;
        this.page = page;
    }

    eval(script, ...args) {
        return this.page.eval(script, ...args);
    }

    async open(url) {
        await this.page.goto(url);
    }

    click(role, key, values) {
        return this.page.click(role, text(key, values));
    }

    /** Whether something of this role and name is to be seen. */
    sees(role, key, values) {
        return this.page.sees(role, text(key, values));
    }

    waitFor(role, key, values, options) {
        const name = text(key, values);
        return until(`${this.name} sees ${role} “${name}”`, () => this.page.sees(role, name), options);
    }

    /** All that is written on the page. */
    words() {
        return this.eval(() => document.body.innerText);
    }

    waitForWords(words, options) {
        return until(
            `${this.name} reads “${words}”`,
            async () => (await this.words()).includes(words),
            options,
        );
    }

    // ---- into a call

    /** From a link to the device check. */
    async arrive(url, { ms } = {}) {
        await this.open(url);
        await this.waitFor('button', 'entry:join', {}, { ms });
    }

    async pressJoin({ hide = false } = {}) {
        if (await this.page.sees('textbox', text('entry:name'))) {
            await this.page.fill(text('entry:name'), this.name);
        }
        if (hide) {
            await this.page.toggle(text('entry:hide.label'));
        }
        await this.click('button', 'entry:join');
    }

    async waitInCall({ ms } = {}) {
        await this.waitFor('toolbar', 'call:controls', {}, { ms });
    }

    async join(url, options) {
        await this.arrive(url, options);
        await this.pressJoin(options);
        await this.waitInCall(options);
    }

    // ---- in a call

    /** Opens people, chat or files beside the stage, wherever it is not open yet. */
    async openPanel(panel) {
        const heading = text(`call:panel.${panel}`);
        if (!(await this.page.sees('heading', heading))) {
            // Its name says more when something waits there.
            await this.page.clickStarting('button', heading);
            await until(`the panel ${heading}`, () => this.page.sees('heading', heading));
        }
    }

    async closePanel() {
        await this.page.press('Escape');
    }

    /** Writes to everyone, or to one. */
    async say(words, to) {
        await this.openPanel('chat');
        await this.page.clickStarting('button', to ?? text('call:chat.everyone'));
        const label = to === undefined ? text('call:chat.to-all') : text('call:chat.to-one', { name: to });
        await this.page.fill(label, words);
        await this.page.press('Enter');
    }

    /** Reads what is written in the thread with everyone, or with one. */
    async waitForMessage(words, from) {
        await this.openPanel('chat');
        await until(`${this.name} reads “${words}”`, async () => {
            await this.page.clickStarting('button', from ?? text('call:chat.everyone'));
            return (await this.words()).includes(words);
        });
    }

    /** `files`: as the file chooser of the page takes them. */
    async offerFiles(files) {
        await this.openPanel('files');
        await this.page.chooseFiles(() => this.click('button', 'call:files.choose'), files);
    }

    /** Takes a file that was offered, and waits until it is here whole; gives its bytes' path. */
    async takeFile(name, { ms = 90_000 } = {}) {
        await this.openPanel('files');
        await this.waitFor('button', 'call:files.accept-named', { name });
        await this.click('button', 'call:files.accept-named', { name });
        await this.waitFor('button', 'call:files.save-named', { name }, { ms });
        return this.page.download(() => this.click('button', 'call:files.save-named', { name }));
    }

    async leave() {
        await this.click('button', 'call:leave.call');
        // Those who run the meeting are asked what they mean.
        if (!(await this.page.sees('heading', text('entry:ended.left.title')))) {
            if (await this.sees('menuitem', 'call:leave.call')) {
                await this.click('menuitem', 'call:leave.call');
            }
        }
        await this.waitFor('heading', 'entry:ended.left.title');
    }

    // ---- what flows

    media() {
        return this.eval(() => window.__probe.media());
    }

    /** Waits until sound and picture of `others` people come in and ours go out. */
    async waitForMedia(others = 1) {
        await until(
            `${this.name} is connected to ${others}`,
            async () => (await this.media()).connections === others,
            { ms: 30_000 },
        );
        const before = await this.media();
        return until(
            `sound and picture flow at ${this.name}`,
            async () => {
                const now = await this.media();
                const flows =
                    now.camera.decoded > before.camera.decoded + 5 * others &&
                    now.audio.energy > before.audio.energy &&
                    now.audio.received > before.audio.received + 20 * others &&
                    now.camera.encoded > before.camera.encoded;
                return flows ? now : Promise.reject(new Error(JSON.stringify({ before, now })));
            },
            { ms: 20_000, every: 250 },
        );
    }

    /** The pictures of others that are moving, by what they are called on the page. */
    moving(ms = 700) {
        return this.eval(async (ms) => {
            const frames = () =>
                new Map(
                    [...document.querySelectorAll('video')].map((video) => [
                        video,
                        video.getVideoPlaybackQuality().totalVideoFrames,
                    ]),
                );
            const before = frames();
            await new Promise((done) => setTimeout(done, ms));
            return [...frames()]
                .filter(([video, count]) => count > (before.get(video) ?? Infinity))
                .map(([video]) => video.ariaLabel);
        }, ms);
    }

    /**
     * Waits until the call goes through the server, with at least `pictures` of the others moving and `voices` of theirs
     * that are not silent.
     */
    async waitForRelay(pictures, { voices = 1, ms = 40_000 } = {}) {
        await until(`${this.name} is connected to the relay`, async () => (await this.relay()).up, { ms });
        return until(
            `${this.name} sees ${pictures} and hears ${voices}`,
            async () => {
                const before = await this.relay();
                await sleep(1200);
                const now = await this.relay();
                const seen = Object.keys(now.pictures).filter(
                    (mid) => now.pictures[mid].decoded > (before.pictures[mid]?.decoded ?? 0),
                );
                const heard = heardSince(before, now);
                return seen.length >= pictures && heard.length >= voices
                    ? now
                    : Promise.reject(new Error(JSON.stringify({ seen, heard })));
            },
            { ms },
        );
    }

    /** Waits until each of these was heard through the server. */
    waitToHear(names, { ms = 60_000 } = {}) {
        return until(
            `${this.name} hears ${names.join()}`,
            async () => {
                const heard = await this.eval((silence) => window.__probe.heard(silence), SILENCE);
                return names.every((name) => heard.includes(name)) || Promise.reject(new Error(heard.join()));
            },
            { ms, every: 2000 },
        );
    }

    relay() {
        return this.eval(() => window.__probe.relay());
    }

    /** How much more of it there was after `ms`. */
    async flow(pick, ms = 1000) {
        const before = pick(await this.media());
        await sleep(ms);
        return pick(await this.media()) - before;
    }

    /** Waits until nothing is heard any more: what was on its way when the other was muted is played first. */
    waitForSilence() {
        return until(`${this.name} hears nothing`, async () => {
            const heard = await this.flow((now) => now.audio.energy, 1500);
            return heard < SILENCE || Promise.reject(new Error(`an energy of ${heard}`));
        });
    }

    /** Everything the page has sent to the server. */
    sent() {
        return this.eval(() => window.__probe.sent.join('\n'));
    }
}
