// SPDX-License-Identifier: Apache-2.0

// What the signalling client is given, and what it tells.

import type { Clock } from './clock';
import type { Command, Refused, ServerEvent, ServerEventOf, Welcome } from './messages';

export type WayIn =
    | { readonly link: string; readonly name?: string; readonly hide_address?: boolean }
    | { readonly meeting: string; readonly hide_address?: boolean }
    | { readonly resume: string };

/** Why the connection is over for good. */
export type SignalEnd =
    | { readonly why: 'left' }
    | { readonly why: 'refused'; readonly refused: Refused }
    | { readonly why: 'closed'; readonly closed: ServerEventOf<'closed'> }
    | { readonly why: 'code'; readonly code: number }
    | { readonly why: 'unreachable' };

export type SignalState =
    | { readonly kind: 'idle' }
    | { readonly kind: 'connecting' }
    | { readonly kind: 'joined' }
    | { readonly kind: 'reconnecting'; readonly since_ms: number; readonly attempt: number }
    | { readonly kind: 'closed'; readonly end: SignalEnd };

export interface SignalHandlers {
    state(state: SignalState): void;
    welcome(welcome: Welcome): void;
    event(event: ServerEvent): void;
    /**
     * Asked when the time is over for which the server keeps a place: true tries on, because people are still talking over
     * connections that need no server.
     */
    worthWaiting(): boolean;
    /** A command was turned down; `command` is null when it was too long ago to say which. */
    refusedCommand(error: ServerEventOf<'error'>, command: Command | null): void;
}

/** As much of a WebSocket as is used here; the browser's own fits. */
export interface SocketLike {
    addEventListener(type: 'open', listener: () => void): void;
    addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
    addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
    send(data: string): void;
    close(code?: number): void;
}

export interface SignalEnvironment {
    readonly url: string;
    readonly Socket: new (url: string, protocol: string) => SocketLike;
    readonly clock: Clock;
    /** In [0, 1). */
    readonly random: () => number;
}
