// SPDX-License-Identifier: Apache-2.0
// Draws the PNG icons from public/favicon.svg. Needs Chromium; run by hand when the icon changes: node scripts/icons.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const chromium = process.env.CHROMIUM ?? 'chromium';
const folder = fileURLToPath(new URL('../public', import.meta.url));
const svg = readFileSync(join(folder, 'favicon.svg'), 'utf8');
const square = svg.replace(' rx="9"', '');
// What a system cuts off at the edges must hold nothing: the door stands smaller on a full ground.
const maskable = square.replace(
    '<path',
    '<path transform="translate(16 16) scale(.72) translate(-16 -16)"',
);

const icons = [
    { name: 'icon-192.png', size: 192, source: svg },
    { name: 'icon-512.png', size: 512, source: svg },
    { name: 'icon-maskable-512.png', size: 512, source: maskable },
    { name: 'apple-touch-icon.png', size: 180, source: square },
];

const scratch = mkdtempSync(join(tmpdir(), 'icons-'));
try {
    for (const { name, size, source } of icons) {
        const page = join(scratch, 'page.html');
        const sized = source.replace('<svg', `<svg width="${size}" height="${size}"`);
        writeFileSync(page, `<style>body{margin:0}svg{display:block}</style>${sized}`);
        execFileSync(chromium, [
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--hide-scrollbars',
            '--default-background-color=00000000',
            `--user-data-dir=${join(scratch, 'profile')}`,
            `--window-size=${size},${size}`,
            `--screenshot=${join(folder, name)}`,
            pathToFileURL(page).href,
        ]);
    }
} finally {
    rmSync(scratch, { recursive: true, force: true });
}
