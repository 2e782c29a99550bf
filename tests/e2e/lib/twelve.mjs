// SPDX-License-Identifier: Apache-2.0

// Twelve people in one meeting through the server: eleven pages of Chromium, and Firefox.

import { Chromium, filming } from './chromium.mjs';
import { Daemon, ownAddresses } from './daemon.mjs';
import { firefoxPerson } from './firefox.mjs';
import { MUTED, NAMES, newcomer, small } from './relayed.mjs';

/** Enough to see that a picture moves. */
export const FPS = 2;

export class Twelve {
    daemon = null;
    browsers = [];
    /** Those in Chromium; the first is the host. */
    people = [];
    flo = null;

    get all() {
        return [...this.people, this.flo];
    }

    /** Everybody is in when this returns, muted. */
    async gather() {
        this.daemon = await Daemon.start({ addresses: ownAddresses() });
        // Mixing what twelve pages play, for nobody to hear, would take half a core, and so would pictures that nobody
        // asked for. And where more pages share a camera than it has buffers, slow ones keep it from filming.
        const flags = ['--mute-audio', filming(FPS)];
        this.browsers = await Promise.all([1, 2, 3].map(() => Chromium.launch(flags)));
        const { host_url, guest_url } = await this.daemon.instant();
        for (const [i, name] of NAMES.entries()) {
            const browser = this.browsers[i % this.browsers.length];
            const person = await newcomer(browser, name, { frameRate: FPS, unseen: i > 0, muted: true });
            await person.join(i === 0 ? host_url : guest_url, { ms: 60_000 });
            this.people.push(person);
        }
        this.flo = await firefoxPerson('Flo');
        await this.flo.page.page.evaluateOnNewDocument(small(FPS) + MUTED);
        await this.flo.join(guest_url, { ms: 60_000 });
    }

    async close() {
        await this.flo?.page.close();
        await Promise.all(this.browsers.map((browser) => browser.close()));
        await this.daemon?.stop();
    }
}
