// SPDX-License-Identifier: Apache-2.0

// The client's end of the signalling connection: joining, numbering and acknowledging, coming back after a loss.
//
//   idle ──warm──► idle (a socket is open, nothing has been said)
//   idle ──join / resume──► connecting ──welcome──► joined ◄──welcome── reconnecting
//                               │                     │ socket lost            │
//                               │                     └────────────────────────┤
//                               └────────────refused, final close, too late────┴──► closed
//
// Knows no browser: the WebSocket constructor, the clock and chance come from outside.

import { reconnectDelay } from './backoff';
import type { Timer } from './clock';
import {
    CLOSE,
    mayResume,
    PROTOCOL_VERSION,
    SUBPROTOCOL,
    type Command,
    type Hello,
    type ServerEvent,
    type Welcome,
} from './messages';
import { Outbox } from './outbox';
import { parseFrame } from './parse';
import type {
    SignalEnd,
    SignalEnvironment,
    SignalHandlers,
    SignalState,
    SocketLike,
    WayIn,
} from './signal-types';

/** The server keeps a place this long after it lost the connection. */
const RESUME_WINDOW_MS = 30_000;
/** A receiver with nothing to say acknowledges within 250 ms; we leave some of it for the way. */
const ACK_AFTER_MS = 150;
/** A command that nothing has answered for so long means that the connection is dead, whatever the socket says. */
const SILENCE_MS = 6000;
/** A socket that has not opened, or not brought a welcome, by then is given up. */
const OPENING_MS = 8000;

/** One socket and what it has come to; once replaced, whatever it still says is ignored. */
interface Line {
    readonly socket: SocketLike;
    open: boolean;
    greeted: boolean;
}

export class SignalClient {
    private readonly outbox = new Outbox();
    private current: SignalState = { kind: 'idle' };
    private line: Line | null = null;
    private wayIn: WayIn | null = null;
    private token: string | null = null;
    /** Highest number received in order; null before the first welcome, when there is nothing to resume from. */
    private received: number | null = null;
    private acknowledged = 0;
    private lost_at_ms = 0;
    private attempt = 0;
    private ackTimer: Timer | null = null;
    private silenceTimer: Timer | null = null;
    private retryTimer: Timer | null = null;
    private openingTimer: Timer | null = null;

    constructor(
        private readonly environment: SignalEnvironment,
        private readonly handlers: SignalHandlers,
    ) {}

    get state(): SignalState {
        return this.current;
    }

    /** Opens the socket ahead of `enter`, and says nothing on it. The server closes it again after 10 s; warm up again then. */
    warm(): void {
        if (this.current.kind === 'idle' && this.line === null) {
            this.openLine();
        }
    }

    /** Goes in. Called once; a client that is closed stays closed. */
    enter(wayIn: WayIn): void {
        if (this.current.kind !== 'idle') {
            throw new Error('this client has already been used');
        }
        this.wayIn = wayIn;
        this.lost_at_ms = this.environment.clock.now();
        this.setState({ kind: 'connecting' });
        if (this.line === null) {
            this.openLine();
        } else if (this.line.open) {
            this.greet(this.line);
        }
        this.watchOpening();
    }

    /** Queues a command; it goes out now or after the reconnection. Returns false when it cannot be kept. */
    send(command: Command): boolean {
        if (this.current.kind !== 'joined' && this.current.kind !== 'reconnecting') {
            return false;
        }
        const numbered = this.outbox.add(command);
        if (numbered === null) {
            return false;
        }
        if (this.current.kind === 'joined') {
            this.transmit(numbered.seq, command);
        }
        return true;
    }

    /** Says goodbye if there is anyone to say it to, and is closed from then on. */
    leave(): void {
        if (this.current.kind === 'closed') {
            return;
        }
        this.send({ type: 'leave' });
        this.finish({ why: 'left' }, CLOSE.left);
    }

    /** The browser says that the network is gone: the socket is dead even if it doesn't know yet. */
    networkLost(): void {
        if (this.current.kind === 'joined') {
            this.dropLine(CLOSE.goingAway);
            this.lose(0);
        }
    }

    /** The browser says that the network is back, or another: try now instead of at the next attempt. */
    networkBack(): void {
        if (this.current.kind === 'reconnecting' && this.line === null) {
            this.attempt = 0;
            this.retry(0);
        }
    }

    // ---- the line

    private openLine(): void {
        const { Socket, url } = this.environment;
        const line: Line = { socket: new Socket(url, SUBPROTOCOL), open: false, greeted: false };
        this.line = line;
        line.socket.addEventListener('open', () => {
            line.open = true;
            if (this.line === line && this.wayIn !== null) {
                this.greet(line);
            }
        });
        line.socket.addEventListener('message', (event) => {
            if (this.line === line && typeof event.data === 'string') {
                this.receive(event.data);
            }
        });
        line.socket.addEventListener('close', (event) => {
            if (this.line === line) {
                this.line = null;
                this.lose(event.code);
            }
        });
    }

    private dropLine(code: number): void {
        const line = this.line;
        this.line = null;
        // A page may only close with 1000 or with 3000 and up; the code matters to nobody when the network is gone.
        line?.socket.close(code >= 3000 ? code : 1000);
    }

    private greet(line: Line): void {
        if (line.greeted || this.wayIn === null) {
            return;
        }
        line.greeted = true;
        line.socket.send(JSON.stringify(this.hello(this.wayIn)));
    }

    private hello(wayIn: WayIn): Hello {
        const head = { type: 'hello', version: PROTOCOL_VERSION } as const;
        if (this.token !== null && this.received !== null) {
            return { ...head, resume: this.token, ack: this.received };
        }
        return { ...head, ...wayIn };
    }

    private transmit(seq: number, command: Command): void {
        this.line?.socket.send(JSON.stringify({ ...command, seq, ack: this.takeAck() }));
        this.silenceTimer ??= this.environment.clock.after(SILENCE_MS, () => {
            this.silenceTimer = null;
            this.dropLine(CLOSE.goingAway);
            this.lose(0);
        });
    }

    // ---- what comes in

    private receive(text: string): void {
        this.silenceTimer?.cancel();
        this.silenceTimer = null;
        const incoming = parseFrame(text);
        switch (incoming.kind) {
            case 'broken':
                return;
            case 'ack':
                this.outbox.acknowledge(incoming.ack);
                return;
            case 'welcome':
                this.welcomed(incoming.welcome);
                return;
            case 'refused':
                this.finish({ why: 'refused', refused: incoming.refused }, CLOSE.left);
                return;
            case 'event':
                this.sequenced(incoming.seq, incoming.ack, incoming.event);
                return;
        }
    }

    private welcomed(welcome: Welcome): void {
        this.openingTimer?.cancel();
        this.openingTimer = null;
        this.token = welcome.resume;
        this.attempt = 0;
        if (welcome.mode === 'full') {
            this.outbox.acknowledge(welcome.ack);
        } else {
            this.received = 0;
            this.acknowledged = 0;
            this.outbox.renumber();
        }
        this.setState({ kind: 'joined' });
        for (const { seq, command } of this.outbox.unacknowledged()) {
            this.transmit(seq, command);
        }
        this.handlers.welcome(welcome);
    }

    private sequenced(seq: number, ack: number | null, event: ServerEvent | null): void {
        if (this.received === null) {
            return;
        }
        if (seq > this.received + 1) {
            this.dropLine(CLOSE.gap);
            this.lose(CLOSE.gap);
            return;
        }
        if (seq === this.received + 1) {
            this.received = seq;
            if (event !== null) {
                this.deliver(event);
            }
        }
        if (ack !== null) {
            this.outbox.acknowledge(ack);
        }
        this.ackTimer ??= this.environment.clock.after(ACK_AFTER_MS, () => this.sendAck());
    }

    private deliver(event: ServerEvent): void {
        if (event.type === 'error') {
            this.handlers.refusedCommand(event, this.outbox.find(event.in_reply_to));
        } else {
            this.handlers.event(event);
            if (event.type === 'closed') {
                this.finish({ why: 'closed', closed: event }, CLOSE.left);
            }
        }
    }

    private sendAck(): void {
        this.ackTimer = null;
        if (this.current.kind === 'joined' && (this.received ?? 0) > this.acknowledged) {
            this.line?.socket.send(JSON.stringify({ type: 'ack', ack: this.takeAck() }));
        }
    }

    private takeAck(): number {
        this.ackTimer?.cancel();
        this.ackTimer = null;
        this.acknowledged = this.received ?? 0;
        return this.acknowledged;
    }

    // ---- losing the line and coming back

    private lose(code: number): void {
        const { kind } = this.current;
        if (kind === 'closed' || kind === 'idle') {
            return;
        }
        this.stopTimers();
        if (code !== 0 && !mayResume(code)) {
            // Warmed up and overtaken by the server's patience, just as the person pressed the button: nothing was said yet.
            if (code !== CLOSE.noHello) {
                this.finish({ why: 'code', code }, CLOSE.left);
                return;
            }
        }
        const { clock, random } = this.environment;
        if (kind === 'joined') {
            this.lost_at_ms = clock.now();
            this.attempt = 0;
        }
        const delay_ms = reconnectDelay(this.attempt, code, random());
        const late = clock.now() + delay_ms > this.lost_at_ms + RESUME_WINDOW_MS;
        if (late && !this.handlers.worthWaiting()) {
            this.finish({ why: 'unreachable' }, CLOSE.left);
            return;
        }
        if (this.received !== null) {
            this.setState({
                kind: 'reconnecting',
                since_ms: this.lost_at_ms,
                attempt: this.attempt,
            });
        }
        this.attempt += 1;
        this.retry(delay_ms);
    }

    private retry(delay_ms: number): void {
        this.retryTimer?.cancel();
        this.retryTimer = this.environment.clock.after(delay_ms, () => {
            this.retryTimer = null;
            this.openLine();
            this.watchOpening();
        });
    }

    private watchOpening(): void {
        this.openingTimer?.cancel();
        this.openingTimer = this.environment.clock.after(OPENING_MS, () => {
            this.openingTimer = null;
            this.dropLine(CLOSE.goingAway);
            this.lose(0);
        });
    }

    private finish(end: SignalEnd, code: number): void {
        this.stopTimers();
        this.setState({ kind: 'closed', end });
        this.dropLine(code);
    }

    private stopTimers(): void {
        this.ackTimer?.cancel();
        this.silenceTimer?.cancel();
        this.retryTimer?.cancel();
        this.openingTimer?.cancel();
        this.ackTimer = this.silenceTimer = this.retryTimer = this.openingTimer = null;
    }

    private setState(state: SignalState): void {
        this.current = state;
        this.handlers.state(state);
    }
}
