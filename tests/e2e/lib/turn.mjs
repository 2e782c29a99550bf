// SPDX-License-Identifier: Apache-2.0

// The real coturn on loopback, sharing a secret with the daemon as the TURN REST scheme has it.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.mjs';

const EXECUTABLE = process.env.TURNSERVER ?? '/usr/bin/turnserver';

async function freeUdpPort() {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    return port;
}

/** A binding request is answered: the server is there. */
async function answers(port) {
    const socket = createSocket('udp4');
    const request = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);
    try {
        socket.send(request, port, '127.0.0.1');
        return await new Promise((resolve) => {
            socket.once('message', () => resolve(true));
            socket.once('error', () => resolve(false));
            setTimeout(() => resolve(false), 200);
        });
    } finally {
        socket.close();
    }
}

export class Turn {
    static async start() {
        const turn = new Turn();
        turn.folder = mkdtempSync(join(tmpdir(), 'conclave-turn-'));
        turn.port = await freeUdpPort();
        turn.secret = randomBytes(16).toString('hex');
        const relays = 30_000 + Math.floor(Math.random() * 20_000);
        writeFileSync(
            join(turn.folder, 'turn.conf'),
            [
                'realm=e2e.test',
                'use-auth-secret',
                `static-auth-secret=${turn.secret}`,
                'listening-ip=127.0.0.1',
                'relay-ip=127.0.0.1',
                `listening-port=${turn.port}`,
                `min-port=${relays}`,
                `max-port=${relays + 200}`,
                'fingerprint',
                'no-cli',
                'no-tls',
                'no-dtls',
                // Both clients, and so both relayed addresses, are on this machine.
                'allow-loopback-peers',
                'verbose',
                `log-file=${join(turn.folder, 'log')}`,
                'simple-log',
                `pidfile=${join(turn.folder, 'pid')}`,
                `userdb=${join(turn.folder, 'db')}`,
                '',
            ].join('\n'),
        );
        turn.child = spawn(EXECUTABLE, ['-c', join(turn.folder, 'turn.conf')], { stdio: 'ignore' });
        await until('coturn answers', () => answers(turn.port));
        return turn;
    }

    /** Lines of conclave.yaml, and the file with the secret that they name. */
    configuration() {
        return {
            settings: `ice:\n  turn_urls: ["turn:127.0.0.1:${this.port}?transport=udp"]\n  turn_secret_file: "@FOLDER@/turn-secret"\n`,
            files: { 'turn-secret': `${this.secret}\n` },
        };
    }

    async stop() {
        const gone = once(this.child, 'exit');
        this.child.kill('SIGTERM');
        await gone;
        rmSync(this.folder, { recursive: true, force: true });
    }
}
