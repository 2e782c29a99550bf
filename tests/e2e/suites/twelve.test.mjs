// SPDX-License-Identifier: Apache-2.0

// Twelve people see and hear one another through the server, by what their browsers' statistics say.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Twelve } from '../lib/twelve.mjs';

/** So many speak at once; the server passes on five voices. */
const VOICES = 4;

/** By key: a click waits for the page to have drawn itself, and there is much to draw. */
const toggleMicrophones = (people) => Promise.all(people.map((person) => person.page.press('m')));

describe('twelve people', () => {
    const twelve = new Twelve();

    before(() => twelve.gather());
    after(() => twelve.close());

    it('see one another, Firefox among them', async () => {
        for (const person of twelve.all) {
            await person.waitForRelay(5, { voices: 0, ms: 90_000 });
        }
    });

    it('hear one another, four at a time', async () => {
        const { all } = twelve;
        for (let first = 0; first < all.length; first += VOICES) {
            const speakers = all.slice(first, first + VOICES);
            await toggleMicrophones(speakers);
            await Promise.all(
                all.map((person) =>
                    person.waitToHear(speakers.filter((other) => other !== person).map(({ name }) => name)),
                ),
            );
            await toggleMicrophones(speakers);
        }
    });

    it('met no error that the page did not expect', () => {
        assert.deepEqual(twelve.people.flatMap((person) => person.page.failures()), []);
        assert.deepEqual(twelve.flo.page.errors, []);
    });
});
