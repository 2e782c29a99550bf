// SPDX-License-Identifier: Apache-2.0

// From the click on "join" to the first decoded frame in a meeting of ten through the server: `bench/run relayed-join`. The one
// who is timed is Chromium; the nine who are in are `conclave load`, with real connections and a real film (VP8, encoded here
// by Chromium), which begins anew with a key frame when the server asks for one, as a camera's encoder does.

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium, filming } from './lib/chromium.mjs';
import { Daemon } from './lib/daemon.mjs';
import { summary, timedJoin } from './lib/stopwatch.mjs';
import { sleep } from './lib/wait.mjs';

const RUNS = Number(process.argv[2] ?? 20);
const OTHERS = 9;
const FILM = { width: 320, height: 180, rate: 25, frames: 125, bitrate: 300_000 };

/** Runs in a page: the frames of a moving picture in VP8, base64; the first one alone is a key frame. */
async function encode({ width, height, rate, frames, bitrate }) {
    const chunks = [];
    const encoder = new VideoEncoder({
        output: (chunk) => {
            const bytes = new Uint8Array(chunk.byteLength);
            chunk.copyTo(bytes);
            chunks.push(btoa(String.fromCharCode(...bytes)));
        },
        error: (error) => {
            throw error;
        },
    });
    encoder.configure({ codec: 'vp8', width, height, bitrate, framerate: rate, latencyMode: 'realtime' });
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    for (let i = 0; i < frames; i++) {
        context.fillStyle = `hsl(${i * 3} 60% 50%)`;
        context.fillRect(0, 0, width, height);
        context.fillStyle = 'white';
        context.fillRect((i * 5) % width, 40, 60, 60);
        const frame = new VideoFrame(canvas, { timestamp: (i * 1e6) / rate });
        encoder.encode(frame, { keyFrame: i === 0 });
        frame.close();
    }
    await encoder.flush();
    return chunks;
}

/** The file format is in src/load/film.h. */
function ivf(frames, { width, height, rate }) {
    const head = Buffer.alloc(32);
    head.write('DKIF', 0);
    head.writeUInt16LE(32, 6);
    head.write('VP80', 8);
    head.writeUInt16LE(width, 12);
    head.writeUInt16LE(height, 14);
    head.writeUInt32LE(rate, 16);
    head.writeUInt32LE(1, 20);
    head.writeUInt32LE(frames.length, 24);
    const parts = [head];
    frames.forEach((frame, index) => {
        const prefix = Buffer.alloc(12);
        prefix.writeUInt32LE(frame.length, 0);
        prefix.writeUInt32LE(index, 4);
        parts.push(prefix, frame);
    });
    return Buffer.concat(parts);
}

const daemon = await Daemon.start();
// As often as Chromium's camera does by itself.
const chrome = await Chromium.launch([filming(20)]);
const folder = await mkdtemp(join(tmpdir(), 'film-'));
let load;
try {
    const { host_url, guest_url } = await daemon.instant();
    const studio = await chrome.person('Studio');
    await studio.arrive(guest_url);
    const frames = await studio.page.page.evaluate(encode, FILM);
    await studio.page.close();
    const film = join(folder, 'film.ivf');
    await writeFile(
        film,
        ivf(
            frames.map((frame) => Buffer.from(frame, 'base64')),
            FILM,
        ),
    );
    const options = ['--publishers', OTHERS, '--subscribers', 0, '--meeting', '--film', film, '--seconds', 3600];
    const links = ['--link', guest_url, '--host-link', host_url, '--insecure'];
    load = spawn(process.env.CONCLAVE, ['load', ...links, ...options.map(String)], { stdio: 'inherit' });
    await sleep(5000);
    const times = [];
    for (let run = 0; run < RUNS; run++) {
        times.push(await timedJoin(chrome, guest_url));
        console.error(`run ${run + 1}: ${Math.round(times.at(-1))} ms`);
    }
    console.log(JSON.stringify({ ...summary(times), others: OTHERS }));
} finally {
    load?.kill();
    await chrome.close();
    await daemon.stop();
    await rm(folder, { recursive: true });
}
