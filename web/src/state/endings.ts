// SPDX-License-Identifier: Apache-2.0

import { CLOSE, type ClosedCode } from '../protocol/messages';
import type { SignalEnd } from '../protocol/signal-types';
import type { Ending } from './views';

const BY_CODE: Readonly<Record<ClosedCode, Ending['kind']>> = {
    ended: 'meeting-ended',
    expired: 'meeting-ended',
    removed: 'removed',
    blocked: 'removed',
    denied: 'denied',
    revoked: 'revoked',
    'signed-out': 'signed-out',
    replaced: 'replaced',
    left: 'left',
};

const BY_CLOSE: Readonly<Record<number, Ending['kind']>> = {
    [CLOSE.left]: 'meeting-ended',
    [CLOSE.removed]: 'removed',
    [CLOSE.replaced]: 'replaced',
    [CLOSE.over]: 'meeting-ended',
};

/** What the end of the signalling connection means to a person who was in the call. */
export function endingOf(end: SignalEnd): Ending {
    switch (end.why) {
        case 'left':
            return { kind: 'left' };
        case 'closed':
            return { kind: BY_CODE[end.closed.code] };
        case 'code':
            return { kind: BY_CLOSE[end.code] ?? 'lost' };
        case 'refused':
            return { kind: end.refused.code === 'signed-out' ? 'signed-out' : 'lost' };
        case 'unreachable':
            return { kind: 'lost' };
    }
}
