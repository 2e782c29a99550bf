// SPDX-License-Identifier: Apache-2.0

// A page in every guise: both themes, on a wide screen and on a phone. axe finds nothing serious, nothing is wider than the
// screen, and a picture of each is left in build/screens/.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep } from './wait.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENS = fileURLToPath(new URL('../../../build/screens/', import.meta.url));
const SIZES = [
    [1440, 900],
    [390, 844],
];

/** Runs in the page: what axe finds that matters, in words. */
async function audit() {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}

/** Looks at the page that `person` has in front of them; afterwards it is light, and of the size `back`. */
export async function look(person, name, back = SIZES[0]) {
    mkdirSync(SCREENS, { recursive: true });
    await person.page.addScript(AXE);
    const problems = [];
    for (const theme of ['light', 'dark']) {
        await person.page.theme(theme);
        for (const [width, height] of SIZES) {
            await person.page.size(width, height);
            await sleep(250);
            const guise = `${name}-${theme}-${width}`;
            await person.page.screenshot(join(SCREENS, `${guise}.png`));
            const found = await person.eval(audit);
            problems.push(...found.map((each) => `${guise}: ${each}`));
            const wide = await person.eval(() => document.documentElement.scrollWidth);
            if (wide > width) {
                problems.push(`${guise}: ${wide} pixels wide`);
            }
        }
    }
    await person.page.theme('light');
    await person.page.size(...back);
    assert.deepEqual(problems, []);
}
