// SPDX-License-Identifier: Apache-2.0

// The models that the interface stands on, without a server, cameras or other people.

import { DEFAULT_SETTINGS } from '../src/state/settings-model';
import { Store } from '../src/state/store';
import type { AppModel, CallModel, Devices, Session, Settings } from '../src/state/views';
import { fakeServer, user, type FakeServer } from './fake-server';

export interface FakeApp extends AppModel {
    readonly server: FakeServer;
    readonly settingsStore: Store<Settings>;
    readonly sessionStore: Store<Session>;
    readonly devicesStore: Store<Devices>;
    /** What `openCall` gives. */
    call: CallModel | null;
}

const device = <Kind extends string>(kind: Kind, id: string, label: string) => ({
    kind,
    id,
    label,
});

const defaultDevices: Devices = {
    microphones: [
        device('microphone', 'mic1', 'Desk microphone'),
        device('microphone', 'mic2', 'Headset'),
    ],
    cameras: [device('camera', 'cam1', 'Built-in camera'), device('camera', 'cam2', 'HD webcam')],
    speakers: [
        device('speaker', 'spk1', 'Built-in speakers'),
        device('speaker', 'spk2', 'Headset'),
    ],
    microphone: 'mic1',
    camera: 'cam1',
    speaker: null,
    can_choose_speaker: true,
};

export function fakeApp(some: { signedIn?: boolean; settings?: Partial<Settings> } = {}): FakeApp {
    const server = fakeServer();
    const settingsStore = new Store<Settings>({ ...DEFAULT_SETTINGS, ...some.settings });
    const sessionStore = new Store<Session>(
        some.signedIn === true ? { kind: 'signed-in', user } : { kind: 'signed-out' },
    );
    const devicesStore = new Store<Devices>(defaultDevices);
    const app: FakeApp = {
        server,
        settingsStore,
        sessionStore,
        devicesStore,
        call: null,
        api: server.api,
        session: {
            session: sessionStore,
            refresh: async () => undefined,
            signIn: async (email, password) => {
                sessionStore.set({
                    kind: 'signed-in',
                    user: await server.api.signIn({ email, password }),
                });
            },
            setUp: async (setup) => {
                sessionStore.set({ kind: 'signed-in', user: await server.api.setUp(setup) });
            },
            signOut: async () => sessionStore.set({ kind: 'signed-out' }),
        },
        settings: {
            settings: settingsStore,
            change: (change) => settingsStore.update((now) => ({ ...now, ...change })),
        },
        devices: {
            devices: devicesStore,
            chooseMicrophone: (microphone) =>
                devicesStore.update((now) => ({ ...now, microphone })),
            chooseCamera: (camera) => devicesStore.update((now) => ({ ...now, camera })),
            chooseSpeaker: (speaker) => devicesStore.update((now) => ({ ...now, speaker })),
        },
        openCall: () => {
            if (!app.call) throw new Error('this fake has no call');
            return app.call;
        },
    };
    return app;
}
