// SPDX-License-Identifier: Apache-2.0

import { beforeEach, describe, expect, it } from 'vitest';
import type { MediaState } from '../protocol/messages';
import { OwnMediaModel } from './own-media';
import { LocalSettings } from './settings-model';
import {
    installFakeBrowser,
    MemoryStorage,
    settle,
    type FakeDevices,
} from './testing/fake-browser';

let devices: FakeDevices;
let settings: LocalSettings;
let model: OwnMediaModel;

/** What a call hears. */
function listen() {
    const heard = {
        states: [] as MediaState[],
        sent: new Map<string, MediaStreamTrack | null>(),
        lost: [] as (string | null)[],
        screenEnded: 0,
        screenFailed: 0,
    };
    model.events = {
        track: (slot, track) => heard.sent.set(slot, track),
        state: (state) => heard.states.push(state),
        lost: (device, label) => heard.lost.push(device, label),
        screenEnded: () => {
            heard.screenEnded += 1;
        },
        screenFailed: () => {
            heard.screenFailed += 1;
        },
    };
    model.resend();
    return heard;
}

beforeEach(() => {
    devices = installFakeBrowser();
    settings = new LocalSettings(new MemoryStorage());
    model = new OwnMediaModel(settings);
});

describe('starting', () => {
    it('opens both with one question, and lists what there is', async () => {
        await model.start(null);
        expect(devices.asked).toBe(1);
        expect(model.own.getSnapshot()).toMatchObject({
            microphone: { kind: 'on' },
            camera: { kind: 'on' },
            muted: false,
        });
        expect(model.devices.getSnapshot()).toMatchObject({
            microphone: 'mic-1',
            camera: 'cam-1',
            microphones: [{ label: 'Microphone 1' }, { label: 'Microphone 2' }],
        });
    });

    it('leaves the camera dark when the settings say so', async () => {
        settings.change({ start_camera_off: true, start_muted: true });
        await model.start(null);
        await settle();
        expect(devices.opened.map((track) => track.kind)).toEqual(['audio']);
        expect(devices.opened[0]?.enabled).toBe(false);
    });

    it('comes back after a reload as it was', async () => {
        await model.start({ muted: true, camera: false });
        await settle();
        expect(model.own.getSnapshot()).toMatchObject({ muted: true, camera: { kind: 'off' } });
    });

    it.each([
        ['NotAllowedError', 'denied'],
        ['NotReadableError', 'busy'],
        ['NotFoundError', 'missing'],
    ])('goes on with the microphone when the camera fails with %s', async (error, problem) => {
        devices.errors.set('video', error);
        await model.start(null);
        expect(model.own.getSnapshot()).toMatchObject({
            microphone: { kind: 'on' },
            camera: { kind: 'problem', problem },
        });
    });

    it('takes another microphone when the chosen one is gone', async () => {
        settings.change({ microphone: 'gone' });
        await model.start(null);
        expect(model.devices.getSnapshot().microphone).toBe('mic-1');
    });
});

describe('in a call', () => {
    beforeEach(() => model.start(null));

    it('mutes by silencing the track, and switches the camera off by letting go of it', async () => {
        const heard = listen();
        model.setMuted(true);
        model.setCamera(false);
        await settle();
        expect(heard.sent.get('microphone')?.enabled).toBe(false);
        expect(heard.sent.get('camera')).toBeNull();
        expect(devices.live().map((track) => track.kind)).toEqual(['audio']);
        expect(heard.states.at(-1)).toEqual({ audio: false, video: false, screen: false });
    });

    it('ends as asked last, whatever was asked in between', async () => {
        model.setCamera(false);
        model.setCamera(true);
        model.setCamera(false);
        model.setCamera(true);
        await settle();
        expect(model.own.getSnapshot().camera.kind).toBe('on');
        expect(devices.live().filter((track) => track.kind === 'video')).toHaveLength(1);
        model.setCamera(true);
        model.setCamera(false);
        await settle();
        expect(devices.live().filter((track) => track.kind === 'video')).toHaveLength(0);
    });

    it('talks only while the key is down', () => {
        const heard = listen();
        settings.change({ push_to_talk: true });
        expect(heard.states.at(-1)?.audio).toBe(false);
        model.talk(true);
        expect(heard.states.at(-1)?.audio).toBe(true);
        model.talk(false);
        expect(heard.sent.get('microphone')?.enabled).toBe(false);
    });

    it('changes the microphone without losing the call', async () => {
        const heard = listen();
        model.chooseMicrophone('mic-2');
        await settle();
        expect(model.devices.getSnapshot().microphone).toBe('mic-2');
        expect(heard.sent.get('microphone')?.label).toBe('Microphone 2');
        expect(devices.live().filter((track) => track.kind === 'audio')).toHaveLength(1);
        expect(settings.settings.getSnapshot().microphone).toBe('mic-2');
    });

    it('falls back when a device is pulled out', async () => {
        const heard = listen();
        devices.pull('mic-1');
        await settle();
        expect(heard.lost).toEqual(['microphone', 'Microphone 2']);
        expect(heard.sent.get('microphone')?.label).toBe('Microphone 2');
    });

    it('stays muted over a change of device', async () => {
        const heard = listen();
        model.setMuted(true);
        devices.pull('mic-1');
        await settle();
        expect(heard.sent.get('microphone')).toMatchObject({
            label: 'Microphone 2',
            enabled: false,
        });
    });

    it('says what is missing, and takes it up when it is plugged in again', async () => {
        const heard = listen();
        devices.pull('cam-1');
        await settle();
        expect(heard.lost).toEqual(['camera', null]);
        expect(model.own.getSnapshot().camera).toEqual({ kind: 'problem', problem: 'missing' });
        devices.plug({ deviceId: 'cam-2', kind: 'videoinput', label: 'Camera 2' });
        await settle();
        expect(model.own.getSnapshot().camera.kind).toBe('on');
        expect(heard.states.at(-1)?.video).toBe(true);
    });

    it('shares the screen until the browser ends it', async () => {
        const heard = listen();
        model.shareScreen(true);
        await settle();
        expect(heard.states.at(-1)?.screen).toBe(true);
        const screen = devices.live().find((track) => track.deviceId === 'screen');
        expect(screen?.contentHint).toBe('detail');
        screen?.onended?.();
        expect(heard.screenEnded).toBe(1);
        expect(heard.sent.get('screen')).toBeNull();
        expect(model.own.getSnapshot().screen.kind).toBe('off');
    });

    it('tells when the screen cannot be shared, but not when the person thinks better of it', async () => {
        const heard = listen();
        for (const error of ['NotAllowedError', 'NotReadableError']) {
            devices.errors.set('screen', error);
            model.shareScreen(true);
            await settle();
        }
        expect(heard.screenFailed).toBe(1);
        expect(model.own.getSnapshot().screen).toEqual({ kind: 'problem', problem: 'busy' });
    });

    it('captures no screen that is chosen after the call', async () => {
        const heard = listen();
        let choose = (): void => undefined;
        devices.choosing = new Promise((done) => (choose = done));
        model.shareScreen(true);
        await settle();
        model.stop();
        choose();
        await settle();
        expect(devices.opened.some((track) => track.deviceId === 'screen')).toBe(true);
        expect(devices.live()).toEqual([]);
        expect(heard.states.some(({ screen }) => screen)).toBe(false);
        expect(model.own.getSnapshot().screen.kind).toBe('off');
    });

    it.each(['audio', 'video', 'screen'] as const)('is silenced: %s', async (kind) => {
        const heard = listen();
        model.shareScreen(true);
        await settle();
        model.silence(kind);
        await settle();
        expect(heard.states.at(-1)).toEqual({
            audio: true,
            video: true,
            screen: true,
            [kind]: false,
        });
    });

    it('lets go of everything at the end', async () => {
        model.shareScreen(true);
        await settle();
        model.stop();
        await settle();
        expect(devices.live()).toEqual([]);
    });
});
