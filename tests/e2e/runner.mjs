// SPDX-License-Identifier: Apache-2.0

// Runs the suites one after the other: a call is made of several browsers already, and timing matters in it. Names given on
// the command line choose among them; without, all run but those that two cores aren't enough for.

import { readdirSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./suites/', import.meta.url));
const LARGE = ['crowd', 'twelve'];
const chosen = process.argv.slice(2);
const isChosen = (name) => (chosen.length === 0 ? !LARGE.includes(name) : chosen.includes(name));
const files = readdirSync(folder)
    .filter((name) => name.endsWith('.test.mjs'))
    .filter((name) => isChosen(name.replace('.test.mjs', '')))
    .sort()
    .map((name) => folder + name);

if (files.length === 0) {
    console.error(`no suite is called ${chosen.join(' or ')}`);
    process.exit(2);
}

let passed = 0;
let failed = 0;
const isTest = ({ details }) => details?.type !== 'suite';
const stream = run({ files, concurrency: 1 });
stream.on('test:pass', (event) => {
    passed += isTest(event) && !event.skip ? 1 : 0;
});
stream.on('test:fail', (event) => {
    failed += isTest(event) ? 1 : 0;
});
const report = stream.compose(new spec());
report.pipe(process.stdout);
report.on('end', () => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
