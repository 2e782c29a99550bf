// SPDX-License-Identifier: Apache-2.0

// The root of the models, wired to the browser.

import type { SlotCounts } from '../media/relay-types';
import { SwitchedSession } from '../media/switched-session';
import type { Clock } from '../protocol/clock';
import { Api } from '../protocol/rest';
import { Call } from './call-model';
import { OwnMediaModel } from './own-media';
import { AccountSession } from './session-model';
import { LocalSettings, type KeyValue } from './settings-model';
import type { AppModel } from './views';

const clock: Clock = {
    now: () => performance.now(),
    after: (delay_ms, run) => {
        const handle = setTimeout(run, delay_ms);
        return { cancel: () => clearTimeout(handle) };
    },
};

/** Not every browser knows; those that do tell when Wi-Fi is changed for mobile data, say. */
interface Connection {
    addEventListener(type: 'change', listener: () => void): void;
    removeEventListener(type: 'change', listener: () => void): void;
}

function watchNetwork(changed: (network: 'lost' | 'back' | 'other') => void): () => void {
    const { connection } = navigator as Navigator & { readonly connection?: Connection };
    const lost = (): void => changed('lost');
    const back = (): void => changed('back');
    const other = (): void => changed('other');
    addEventListener('offline', lost);
    addEventListener('online', back);
    connection?.addEventListener('change', other);
    return () => {
        removeEventListener('offline', lost);
        removeEventListener('online', back);
        connection?.removeEventListener('change', other);
    };
}

/** What holds settings where the browser lets a page keep nothing. */
function forgetful(): KeyValue {
    return { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };
}

function storage(pick: () => Storage): KeyValue {
    try {
        return pick();
    } catch {
        return forgetful();
    }
}

/** How many can be seen and heard at a time: a phone shows fewer, and would decode the rest in vain. */
function slotCounts(): SlotCounts {
    const small = Math.min(screen.width, screen.height) < 600;
    return small ? { audio: 4, video: 7 } : { audio: 5, video: 11 };
}

export function createApp(): AppModel {
    const api = new Api({
        origin: '',
        fetch: (url, init) => fetch(url, init),
        newKey: () => crypto.randomUUID(),
    });
    const settings = new LocalSettings(storage(() => localStorage));
    const devices = new OwnMediaModel(settings);
    const signalling = {
        url: `${location.origin.replace(/^http/, 'ws')}/api/v1/signal`,
        Socket: WebSocket,
        clock,
        random: Math.random,
    };
    return {
        api,
        settings,
        devices,
        session: new AccountSession(api),
        openCall: (entry) =>
            new Call(entry, devices, {
                api,
                signalling,
                clock,
                now: Date.now,
                places: storage(() => sessionStorage),
                newSession: (options, events) =>
                    new SwitchedSession({ ...options, counts: slotCounts() }, events),
                watchNetwork,
            }),
    };
}
