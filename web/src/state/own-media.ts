// SPDX-License-Identifier: Apache-2.0

// What we send: microphone, camera, screen; muting and push-to-talk.

import {
    canChooseSpeaker,
    canShareScreen,
    listDevices,
    openBoth,
    openDevice,
    openScreen,
    watchDevices,
} from '../media/devices';
import type { Device, Slot } from '../media/types';
import type { MediaKind, MediaState } from '../protocol/messages';
import { CaptureSource } from './capture-source';
import { Store } from './store';
import type { Devices, DevicesModel, OwnMedia, SettingsModel, SourceState } from './views';

export interface OwnMediaEvents {
    /** What goes to the others in this slot from now on. */
    track(slot: Slot, track: MediaStreamTrack | null): void;
    /** What the others should be told about it. */
    state(state: MediaState): void;
    /** The device went away; `label` names the one that took its place. */
    lost(device: 'microphone' | 'camera', label: string | null): void;
    screenEnded(): void;
    /** The browser or the system didn't let it be shared. */
    screenFailed(): void;
}

function streamOf(track: MediaStreamTrack | null): MediaStream | null {
    return track === null ? null : new MediaStream([track]);
}

export class OwnMediaModel implements DevicesModel {
    readonly own: Store<OwnMedia>;
    readonly devices: Store<Devices>;
    /** Set while a call listens. */
    events: OwnMediaEvents | null = null;
    private readonly microphone: CaptureSource;
    private readonly camera: CaptureSource;
    private screen: SourceState = { kind: 'off' };
    /** The browser's dialogue can't be taken back: what is chosen in it may not be wanted any more. */
    private screenWanted = false;
    private screenTracks: { video: MediaStreamTrack; audio: MediaStreamTrack | null } | null = null;
    private muted = false;
    private held = false;
    private list: readonly Device[] = [];
    private readonly sent = new Map<Slot, MediaStreamTrack | null>();
    private readonly streams = new Map<MediaStreamTrack, MediaStream>();
    private told = '';

    constructor(private readonly settings: SettingsModel) {
        this.microphone = this.source('microphone');
        this.camera = this.source('camera');
        this.own = new Store(this.ownView());
        this.devices = new Store(this.devicesView());
        watchDevices(() => void this.refresh(true));
        settings.settings.subscribe(() => this.changed());
    }

    /** Opens microphone and camera as they were before a reload, else as the settings want them. */
    async start(
        before: { readonly muted: boolean; readonly camera: boolean } | null,
    ): Promise<void> {
        const { microphone, camera, start_muted, start_camera_off } =
            this.settings.settings.getSnapshot();
        if (this.microphone.isWanted || this.camera.isWanted) {
            return;
        }
        this.muted = before?.muted ?? start_muted;
        if (!(before?.camera ?? !start_camera_off)) {
            this.microphone.choose(microphone);
            this.microphone.want(true);
            this.camera.choose(camera);
        } else {
            const both = openBoth(microphone, camera);
            await Promise.all([
                this.microphone.adopt(
                    microphone,
                    both.then((opened) => opened.microphone),
                ),
                this.camera.adopt(
                    camera,
                    both.then((opened) => opened.camera),
                ),
            ]);
        }
        await this.refresh(false);
    }

    /** Lets go of everything: no light stays on. */
    stop(): void {
        this.microphone.want(false);
        this.camera.want(false);
        this.shareScreen(false);
        this.held = false;
        this.changed();
    }

    get isMuted(): boolean {
        return this.muted;
    }

    get wantsCamera(): boolean {
        return this.camera.isWanted;
    }

    /** What the others hear of us: nothing while we are muted. */
    get heardTrack(): MediaStreamTrack | null {
        return this.isAudible() ? this.microphone.track : null;
    }

    /** All slots anew, for a session that begins. */
    resend(): void {
        this.sent.clear();
        this.told = '';
        this.changed();
    }

    setMuted(muted: boolean): void {
        this.muted = muted;
        if (!muted && !this.microphone.isWanted) {
            this.microphone.want(true);
        }
        this.microphone.retry();
        this.changed();
    }

    setCamera(on: boolean): void {
        this.camera.want(on);
        this.camera.retry();
    }

    talk(held: boolean): void {
        this.held = held;
        this.changed();
    }

    /** Somebody who may has switched this off. */
    silence(kind: MediaKind): void {
        switch (kind) {
            case 'audio':
                this.held = false;
                this.setMuted(true);
                return;
            case 'video':
                this.setCamera(false);
                return;
            case 'screen':
                this.shareScreen(false);
        }
    }

    shareScreen(on: boolean): void {
        this.screenWanted = on;
        if (on && this.screenTracks === null && this.screen.kind !== 'starting') {
            void this.startScreen();
        } else if (!on && this.screenTracks !== null) {
            this.endScreen();
        }
    }

    chooseMicrophone(id: string): void {
        this.settings.change({ microphone: id });
        this.microphone.choose(id);
    }

    chooseCamera(id: string): void {
        this.settings.change({ camera: id });
        this.camera.choose(id);
    }

    chooseSpeaker(id: string | null): void {
        this.settings.change({ speaker: id });
    }

    private source(kind: 'microphone' | 'camera'): CaptureSource {
        return new CaptureSource({
            open: (id) => openDevice(kind, id),
            changed: () => this.changed(),
            lost: (replaced) => {
                this.events?.lost(kind, replaced?.label ?? null);
                void this.refresh(false);
            },
        });
    }

    private async startScreen(): Promise<void> {
        this.screen = { kind: 'starting' };
        this.changed();
        const shared = await openScreen();
        if (shared.kind === 'screen') {
            this.takeScreen(shared.video, shared.audio);
        } else if (shared.kind === 'problem') {
            this.screen = { kind: 'problem', problem: shared.problem };
            this.events?.screenFailed();
        } else {
            this.screen = { kind: 'off' };
        }
        this.changed();
    }

    private takeScreen(video: MediaStreamTrack, audio: MediaStreamTrack | null): void {
        this.screenTracks = { video, audio };
        this.screen = { kind: 'on' };
        if (!this.screenWanted) {
            this.endScreen();
            return;
        }
        video.onended = () => {
            this.endScreen();
            this.events?.screenEnded();
        };
    }

    private endScreen(): void {
        const { video, audio } = this.screenTracks ?? {};
        this.screenTracks = null;
        this.screen = { kind: 'off' };
        if (video !== undefined) {
            video.onended = null;
            video.stop();
        }
        audio?.stop();
        this.changed();
    }

    private async refresh(plugged: boolean): Promise<void> {
        this.list = await listDevices().catch(() => []);
        if (plugged) {
            this.microphone.retry();
            this.camera.retry();
        }
        this.changed();
    }

    private isAudible(): boolean {
        const { push_to_talk } = this.settings.settings.getSnapshot();
        return !this.muted && (!push_to_talk || this.held);
    }

    /** Brings tracks, views and what others know in line with the state. */
    private changed(): void {
        const audible = this.isAudible();
        const microphone = this.microphone.track;
        if (microphone !== null) {
            microphone.enabled = audible;
        }
        this.send('microphone', microphone);
        this.send('camera', this.camera.track);
        this.send('screen', this.screenTracks?.video ?? null);
        this.send('screen-sound', this.screenTracks?.audio ?? null);
        this.own.set(this.ownView());
        this.devices.set(this.devicesView());
        const state: MediaState = {
            audio: microphone !== null && audible,
            video: this.camera.track !== null,
            screen: this.screenTracks !== null,
        };
        const words = JSON.stringify(state);
        if (words !== this.told && this.events !== null) {
            this.told = words;
            this.events.state(state);
        }
    }

    private send(slot: Slot, track: MediaStreamTrack | null): void {
        if (this.events !== null && (this.sent.get(slot) ?? null) !== track) {
            this.sent.set(slot, track);
            this.events.track(slot, track);
        }
    }

    /** The same stream for the same track, so that a video element isn't made to start again. */
    private stream(track: MediaStreamTrack | null): MediaStream | null {
        if (track === null) {
            return null;
        }
        const known = this.streams.get(track) ?? streamOf(track);
        for (const old of this.streams.keys()) {
            if (old.readyState === 'ended') {
                this.streams.delete(old);
            }
        }
        if (known !== null) {
            this.streams.set(track, known);
        }
        return known;
    }

    private ownView(): OwnMedia {
        return {
            microphone: this.microphone.state,
            muted: this.muted,
            camera: this.camera.state,
            screen: this.screen,
            screen_has_sound: (this.screenTracks?.audio ?? null) !== null,
            camera_stream: this.stream(this.camera.track),
            screen_stream: this.stream(this.screenTracks?.video ?? null),
            push_to_talk: {
                enabled: this.settings.settings.getSnapshot().push_to_talk,
                held: this.held,
            },
            can_share_screen: canShareScreen(),
        };
    }

    private devicesView(): Devices {
        const of = (kind: Device['kind']): readonly Device[] =>
            this.list.filter((device) => device.kind === kind);
        return {
            microphones: of('microphone'),
            cameras: of('camera'),
            speakers: of('speaker'),
            microphone: this.microphone.device,
            camera: this.camera.device,
            speaker: this.settings.settings.getSnapshot().speaker,
            can_choose_speaker: canChooseSpeaker(),
        };
    }
}
