// SPDX-License-Identifier: Apache-2.0

import type { SocketLike } from '../signal-types';

type Listener = (event: never) => void;

/** The browser's half of a WebSocket, its far end in the hands of the test. */
export class FakeSocket implements SocketLike {
    static all: FakeSocket[] = [];

    readonly sent: Record<string, unknown>[] = [];
    closedWith: number | null = null;
    private readonly listeners: { type: string; listener: Listener }[] = [];

    constructor(
        readonly url: string,
        readonly protocol: string,
    ) {
        FakeSocket.all.push(this);
    }

    static last(): FakeSocket {
        const socket = FakeSocket.all.at(-1);
        if (socket === undefined) {
            throw new Error('no socket was opened');
        }
        return socket;
    }

    addEventListener(type: string, listener: Listener): void {
        this.listeners.push({ type, listener });
    }

    send(data: string): void {
        this.sent.push(JSON.parse(data) as Record<string, unknown>);
    }

    close(code = 1000): void {
        this.closedWith = code;
    }

    // the far end

    open(): void {
        this.emit('open', {});
    }

    deliver(message: unknown): void {
        this.emit('message', {
            data: typeof message === 'string' ? message : JSON.stringify(message),
        });
    }

    drop(code = 1006): void {
        this.emit('close', { code });
    }

    lastSent(): Record<string, unknown> | undefined {
        return this.sent.at(-1);
    }

    private emit(type: string, event: unknown): void {
        for (const entry of this.listeners) {
            if (entry.type === type) {
                entry.listener(event as never);
            }
        }
    }
}
