// SPDX-License-Identifier: Apache-2.0

// The real daemon, on a random port, with a data folder of its own.

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'node:https';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const CONCLAVED =
    process.env.CONCLAVED ?? join(root, 'build/release/src/app/conclaved');
export const WEB = process.env.CONCLAVE_WEB ?? join(root, 'web/dist');

/** A port that is free for TCP and for UDP. */
async function freePort() {
    for (;;) {
        const server = createServer().listen(0, '127.0.0.1');
        await once(server, 'listening');
        const { port } = server.address();
        const udp = createSocket('udp4');
        const free = await new Promise((answer) => {
            udp.once('error', () => answer(false));
            udp.bind(port, '127.0.0.1', () => answer(true));
        });
        udp.close();
        server.close();
        await once(server, 'close');
        if (free) {
            return port;
        }
    }
}

/** The first of a few ports that nobody has now, below those that the kernel gives to connections. */
async function freePorts(count = 4) {
    for (;;) {
        const first = 10000 + Math.floor(Math.random() * 20000);
        const sockets = Array.from({ length: count }, () => createSocket('udp4'));
        const free = await Promise.all(
            sockets.map(
                (udp, index) =>
                    new Promise((answer) => {
                        udp.once('error', () => answer(false));
                        udp.bind(first + index, () => answer(true));
                    }),
            ),
        );
        sockets.forEach((udp) => udp.close());
        if (free.every(Boolean)) {
            return first;
        }
    }
}

const LOOPBACK = '127.0.0.1';

/**
 * Loopback, and an address of this machine's own where it has one: Firefox looks for no way to a server on the loopback
 * interface. What goes from a machine to itself doesn't leave it either way.
 */
export function ownAddresses() {
    const all = Object.values(networkInterfaces()).flat();
    const own = all.find(({ internal, family }) => !internal && family === 'IPv4');
    return own ? [LOOPBACK, own.address] : [LOOPBACK];
}

export class Daemon {
    #child = null;
    #lines = [];

    /** `settings`: more lines of conclave.yaml, as they stand there; `addresses`: where it listens. */
    static async start({ settings = '', files = {}, addresses = [LOOPBACK] } = {}) {
        const daemon = new Daemon();
        daemon.folder = mkdtempSync(join(tmpdir(), 'conclave-e2e-'));
        // The daemon, started as root, becomes somebody else, who has to get at its data folder.
        chmodSync(daemon.folder, 0o755);
        daemon.port = await freePort();
        daemon.base = `https://localhost:${daemon.port}`;
        for (const [name, content] of Object.entries(files)) {
            writeFileSync(join(daemon.folder, name), content);
        }
        const relay = /^relay:/m.test(settings) ? '' : `relay:\n  port: ${await freePorts()}\n`;
        const config = relay + settings.replaceAll('@FOLDER@', daemon.folder);
        writeFileSync(
            join(daemon.folder, 'conclave.yaml'),
            `listen:\n  addresses: ${JSON.stringify(addresses)}\n  port: ${daemon.port}\n${config}`,
        );
        await daemon.up();
        return daemon;
    }

    get data() {
        return join(this.folder, 'data');
    }

    get pid() {
        return this.#child.pid;
    }

    async up() {
        const began = Date.now();
        this.#lines = [];
        this.#child = spawn(
            CONCLAVED,
            ['--config', join(this.folder, 'conclave.yaml'), '--data', this.data, '--web', WEB, '--announce'],
            { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
        );
        let log = '';
        const ready = new Promise((resolve, reject) => {
            this.#child.stderr.on('data', (chunk) => {
                log = (log + chunk).slice(-20_000);
            });
            this.#child.stdout.on('data', (chunk) => {
                this.#lines.push(...String(chunk).split('\n').filter(Boolean));
                if (this.#lines.some((line) => line.startsWith('Ready at'))) {
                    resolve();
                }
            });
            this.#child.once('exit', (code, signal) =>
                reject(new Error(`conclaved ended (${code ?? signal}): ${log}`)),
            );
            setTimeout(() => reject(new Error(`conclaved is not ready after 10 s: ${log}`)), 10_000).unref();
        });
        await ready;
        this.log = () => log;
        return Date.now() - began;
    }

    /** What it printed after `NAME: `, or null. */
    announced(name) {
        const line = this.#lines.find((each) => each.startsWith(`${name}: `));
        return line?.slice(name.length + 2) ?? null;
    }

    /** The processes that forward media. */
    workers() {
        return readdirSync('/proc')
            .filter((name) => /^\d+$/.test(name))
            .filter((name) => {
                try {
                    // The fifth number is the group; the name before it stands in brackets.
                    const status = readFileSync(`/proc/${name}/stat`, 'latin1');
                    const [, command, rest] = status.match(/\((.*)\) (.*)/s);
                    return command === 'conclave-media' && Number(rest.split(' ')[2]) === this.pid;
                } catch {
                    return false;
                }
            })
            .map(Number);
    }

    async #end(signal) {
        const child = this.#child;
        if (child.exitCode === null && child.signalCode === null) {
            const gone = once(child, 'exit');
            // All of its processes: the supervisor and those below it.
            process.kill(-child.pid, signal);
            await gone;
        }
    }

    async kill9() {
        await this.#end('SIGKILL');
    }

    async stop() {
        await this.#end('SIGTERM');
        rmSync(this.folder, { recursive: true, force: true });
    }

    /** REST, as a program would: `cookie` signs in. */
    api(method, path, { body, cookie } = {}) {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const headers = { host: `localhost:${this.port}`, origin: this.base };
        if (text !== undefined) {
            headers['content-type'] =
                method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
        }
        if (cookie !== undefined) {
            headers.cookie = cookie;
        }
        return new Promise((resolve, reject) => {
            const call = request(
                {
                    host: '127.0.0.1',
                    port: this.port,
                    path: `/api/v1${path}`,
                    method,
                    headers,
                    rejectUnauthorized: false,
                },
                (answer) => {
                    let received = '';
                    answer.setEncoding('utf8');
                    answer.on('data', (chunk) => {
                        received += chunk;
                    });
                    answer.on('end', () => {
                        const parsed = received === '' ? undefined : JSON.parse(received);
                        if (answer.statusCode >= 400) {
                            reject(new Error(`${method} ${path}: ${answer.statusCode} ${received}`));
                        } else {
                            resolve({ status: answer.statusCode, headers: answer.headers, body: parsed });
                        }
                    });
                },
            );
            call.once('error', reject);
            call.end(text);
        });
    }

    /** An instant meeting: `{ meeting, host_url, guest_url }`. */
    async instant() {
        return (await this.api('POST', '/instant')).body;
    }

    /** Makes the first administrator through the one-time link; returns the cookie of the session. */
    async administrator() {
        const token = this.announced('Administrator set-up').split('#')[1];
        const account = { token, name: 'Ada Admin', email: 'ada@example.org', password: ADMIN_PASSWORD };
        const { headers } = await this.api('POST', '/setup', { body: account });
        return headers['set-cookie'][0].split(';')[0];
    }

    async createMeeting(cookie, meeting) {
        return (await this.api('POST', '/meetings', { cookie, body: meeting })).body;
    }

    /** A bearer token for WHIP or WHEP, with the `url` that it is for. */
    async createToken(cookie, meeting, token) {
        return (await this.api('POST', `/meetings/${meeting}/tokens`, { cookie, body: token })).body;
    }

    /** The link, with its `url`. */
    async createLink(cookie, meeting, link) {
        return (await this.api('POST', `/meetings/${meeting}/links`, { cookie, body: link })).body;
    }
}

export const ADMIN_PASSWORD = 'correct horse battery';
