// SPDX-License-Identifier: Apache-2.0
import { callScenes } from './call-scenes';
import { fakeApp, type FakeApp } from './fake-app';

export interface Scene {
    readonly app: FakeApp;
    readonly path: string;
}

export const scenes: Readonly<Record<string, () => Scene>> = {
    landing: () => ({ app: fakeApp(), path: '/' }),
    setup: () => ({ app: fakeApp(), path: '/setup#token' }),
    meetings: () => ({ app: fakeApp({ signedIn: true }), path: '/' }),
    meeting: () => ({ app: fakeApp({ signedIn: true }), path: '/meetings/m1' }),
    account: () => ({ app: fakeApp({ signedIn: true }), path: '/account' }),
    ...callScenes,
    'not-found': () => ({ app: fakeApp(), path: '/nothing' }),
};
