// SPDX-License-Identifier: Apache-2.0
// Last step of the build: the service worker with its list of files, then a .br and a .gz beside every file that is
// worth compressing.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const compressible = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest', '.txt']);
const smallest = 256; // bytes; below this the headers cost more than is saved

function* filesUnder(folder) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) yield* filesUnder(path);
        else yield path;
    }
}

function writeServiceWorker() {
    const shell = [...filesUnder(join(dist, 'assets'))].map((path) => `/${relative(dist, path)}`);
    const files = ['/', ...shell.sort()];
    const hash = createHash('sha256');
    // The names of the assets hold hashes of their content already.
    hash.update(JSON.stringify(files)).update(readFileSync(join(dist, 'index.html')));
    const template = readFileSync(new URL('service-worker.js', import.meta.url), 'utf8');
    const worker = template
        .replace('@VERSION@', hash.digest('hex').slice(0, 12))
        .replace('/* @FILES@ */ []', JSON.stringify(files));
    writeFileSync(join(dist, 'sw.js'), worker);
}

function compress(path) {
    const bytes = readFileSync(path);
    if (!compressible.has(extname(path)) || bytes.length < smallest) return;
    const brotli = brotliCompressSync(bytes, {
        params: {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
    });
    const gzip = gzipSync(bytes, { level: 9 });
    if (brotli.length < bytes.length) writeFileSync(`${path}.br`, brotli);
    if (gzip.length < bytes.length) writeFileSync(`${path}.gz`, gzip);
}

writeServiceWorker();
for (const path of [...filesUnder(dist)]) compress(path);
