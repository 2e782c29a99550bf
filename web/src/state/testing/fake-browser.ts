// SPDX-License-Identifier: Apache-2.0

// What jsdom lacks of a browser's media: devices that a test plugs in and pulls out, tracks that end.

import { vi } from 'vitest';

export class FakeTrack {
    static last_id = 0;
    readonly id = `track-${++FakeTrack.last_id}`;
    enabled = true;
    readyState: 'live' | 'ended' = 'live';
    contentHint = '';
    onended: (() => void) | null = null;

    constructor(
        readonly kind: 'audio' | 'video',
        readonly deviceId: string,
        readonly label: string,
    ) {}

    getSettings(): { deviceId: string } {
        return { deviceId: this.deviceId };
    }

    stop(): void {
        this.readyState = 'ended';
    }
}

export class FakeStream {
    constructor(private readonly tracks: FakeTrack[] = []) {}

    getTracks(): FakeTrack[] {
        return this.tracks;
    }

    getAudioTracks(): FakeTrack[] {
        return this.tracks.filter((track) => track.kind === 'audio');
    }

    getVideoTracks(): FakeTrack[] {
        return this.tracks.filter((track) => track.kind === 'video');
    }
}

interface FakeDevice {
    readonly deviceId: string;
    readonly kind: 'audioinput' | 'videoinput' | 'audiooutput';
    readonly label: string;
}

type Wanted = { readonly deviceId?: { readonly exact: string } } | undefined;

export class FakeDevices {
    readonly list: FakeDevice[] = [
        { deviceId: 'mic-1', kind: 'audioinput', label: 'Microphone 1' },
        { deviceId: 'mic-2', kind: 'audioinput', label: 'Microphone 2' },
        { deviceId: 'cam-1', kind: 'videoinput', label: 'Camera 1' },
    ];
    readonly opened: FakeTrack[] = [];
    /** The error that asking for a device of this kind leads to. */
    readonly errors = new Map<'audio' | 'video' | 'screen', string>();
    asked = 0;
    private readonly listeners = new Set<() => void>();

    enumerateDevices(): Promise<FakeDevice[]> {
        return Promise.resolve([...this.list]);
    }

    getUserMedia(wanted: { audio?: Wanted; video?: Wanted }): Promise<FakeStream> {
        this.asked += 1;
        const tracks: FakeTrack[] = [];
        for (const kind of ['audio', 'video'] as const) {
            if (wanted[kind] !== undefined) {
                const error = this.errors.get(kind);
                const device = this.find(kind, wanted[kind]);
                if (error !== undefined || device === undefined) {
                    return Promise.reject(new DOMException('', error ?? 'NotFoundError'));
                }
                tracks.push(new FakeTrack(kind, device.deviceId, device.label));
            }
        }
        this.opened.push(...tracks);
        return Promise.resolve(new FakeStream(tracks));
    }

    /** The person looks through the dialogue for as long as this takes. */
    choosing: Promise<void> = Promise.resolve();

    async getDisplayMedia(): Promise<FakeStream> {
        await this.choosing;
        const error = this.errors.get('screen');
        if (error !== undefined) {
            throw new DOMException('', error);
        }
        const track = new FakeTrack('video', 'screen', 'Screen');
        this.opened.push(track);
        return new FakeStream([track]);
    }

    addEventListener(_type: string, listener: () => void): void {
        this.listeners.add(listener);
    }

    removeEventListener(_type: string, listener: () => void): void {
        this.listeners.delete(listener);
    }

    // what the test does

    live(): FakeTrack[] {
        return this.opened.filter((track) => track.readyState === 'live');
    }

    pull(deviceId: string): void {
        this.list.splice(
            this.list.findIndex((device) => device.deviceId === deviceId),
            1,
        );
        for (const track of this.live()) {
            if (track.deviceId === deviceId) {
                track.stop();
                track.onended?.();
            }
        }
        this.changed();
    }

    plug(device: FakeDevice): void {
        this.list.push(device);
        this.changed();
    }

    private changed(): void {
        for (const listener of this.listeners) {
            listener();
        }
    }

    private find(kind: 'audio' | 'video', wanted: Wanted): FakeDevice | undefined {
        const id = wanted?.deviceId?.exact;
        return this.list.find(
            (device) =>
                device.kind === `${kind}input` && (id === undefined || device.deviceId === id),
        );
    }
}

class FakeAudioContext {
    state = 'running';

    createAnalyser(): object {
        return { fftSize: 0, getFloatTimeDomainData: () => undefined };
    }

    createMediaStreamSource(): object {
        return { connect: () => undefined, disconnect: () => undefined };
    }

    resume(): Promise<void> {
        return Promise.resolve();
    }

    suspend(): Promise<void> {
        return Promise.resolve();
    }

    close(): Promise<void> {
        return Promise.resolve();
    }
}

/** Asked only for what its elements can do. */
function HTMLElementStandIn(): void {}

export function installFakeBrowser(): FakeDevices {
    const devices = new FakeDevices();
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('MediaStream', FakeStream);
    vi.stubGlobal('AudioContext', FakeAudioContext);
    vi.stubGlobal('HTMLMediaElement', HTMLElementStandIn);
    vi.stubGlobal('navigator', { mediaDevices: devices, storage: undefined, locks: undefined });
    return devices;
}

/** Lets everything that was begun, and that waits for nothing but itself, come to its end. */
export async function settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
        await Promise.resolve();
    }
    await new Promise((done) => setTimeout(done, 0));
}

export class MemoryStorage {
    readonly values = new Map<string, string>();

    getItem(key: string): string | null {
        return this.values.get(key) ?? null;
    }

    setItem(key: string, value: string): void {
        this.values.set(key, value);
    }

    removeItem(key: string): void {
        this.values.delete(key);
    }
}
