// SPDX-License-Identifier: Apache-2.0

// Cameras, microphones, loudspeakers and screens of this computer.

import type { Device, DeviceKind, DeviceProblem } from './types';

export type Opened =
    | { readonly kind: 'track'; readonly track: MediaStreamTrack }
    | { readonly kind: 'problem'; readonly problem: DeviceProblem };

export type SharedScreen =
    | {
          readonly kind: 'screen';
          readonly video: MediaStreamTrack;
          readonly audio: MediaStreamTrack | null;
      }
    /** The person closed the browser's own dialogue. */
    | { readonly kind: 'dismissed' }
    | { readonly kind: 'problem'; readonly problem: DeviceProblem };

const CAMERA: MediaTrackConstraints = {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30 },
};
const MICROPHONE: MediaTrackConstraints = {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
};

const KIND_OF: Readonly<Record<string, DeviceKind>> = {
    audioinput: 'microphone',
    videoinput: 'camera',
    audiooutput: 'speaker',
};

function mediaDevices(): MediaDevices | null {
    // Undefined outside of a secure context, whatever the type says.
    return (navigator.mediaDevices as MediaDevices | undefined) ?? null;
}

export function toProblem(error: unknown): DeviceProblem {
    const name = error instanceof Error || error instanceof DOMException ? error.name : '';
    switch (name) {
        case 'NotAllowedError':
        case 'SecurityError':
            return 'denied';
        case 'NotReadableError':
        case 'AbortError':
            return 'busy';
        case 'NotFoundError':
        case 'OverconstrainedError':
            return 'missing';
        case 'NotSupportedError':
        case 'TypeError':
            return 'unsupported';
        default:
            return 'failed';
    }
}

function unavailable(): DeviceProblem {
    return globalThis.isSecureContext ? 'unsupported' : 'insecure';
}

export async function listDevices(): Promise<readonly Device[]> {
    const found = await mediaDevices()?.enumerateDevices();
    return (found ?? []).flatMap((info) => {
        const kind = KIND_OF[info.kind];
        // Before the person has granted anything, browsers list one nameless device of each kind.
        return kind === undefined || info.deviceId === ''
            ? []
            : [{ id: info.deviceId, kind, label: info.label }];
    });
}

/** Calls back after a device came or went. Returns what ends it. */
export function watchDevices(changed: () => void): () => void {
    const devices = mediaDevices();
    devices?.addEventListener('devicechange', changed);
    return () => devices?.removeEventListener('devicechange', changed);
}

async function capture(constraints: MediaStreamConstraints): Promise<MediaStream> {
    const devices = mediaDevices();
    if (devices === null) {
        throw new DOMException('no media devices here', 'NotSupportedError');
    }
    return devices.getUserMedia(constraints);
}

function constraintsFor(kind: 'microphone' | 'camera', id: string | null): MediaStreamConstraints {
    const base = kind === 'camera' ? CAMERA : MICROPHONE;
    const chosen = id === null ? base : { ...base, deviceId: { exact: id } };
    return kind === 'camera' ? { video: chosen } : { audio: chosen };
}

/**
 * Opens the device that was chosen, or another of its kind when that one is gone or in use. The person is asked for leave by
 * the browser when it hasn't been given.
 */
export async function openDevice(
    kind: 'microphone' | 'camera',
    id: string | null,
): Promise<Opened> {
    if (mediaDevices() === null) {
        return { kind: 'problem', problem: unavailable() };
    }
    let problem: DeviceProblem = 'failed';
    for (const choice of id === null ? [null] : [id, null]) {
        try {
            const [track] = (await capture(constraintsFor(kind, choice))).getTracks();
            if (track !== undefined) {
                return { kind: 'track', track };
            }
            problem = 'missing';
        } catch (error) {
            problem = toProblem(error);
            if (problem === 'denied') {
                break;
            }
        }
    }
    return { kind: 'problem', problem };
}

/** Both at once, so that the browser asks one question instead of two. */
export async function openBoth(
    microphone: string | null,
    camera: string | null,
): Promise<{ readonly microphone: Opened; readonly camera: Opened }> {
    try {
        const stream = await capture({
            ...constraintsFor('microphone', microphone),
            ...constraintsFor('camera', camera),
        });
        const [audio] = stream.getAudioTracks();
        const [video] = stream.getVideoTracks();
        if (audio !== undefined && video !== undefined) {
            return {
                microphone: { kind: 'track', track: audio },
                camera: { kind: 'track', track: video },
            };
        }
        for (const track of stream.getTracks()) {
            track.stop();
        }
    } catch {
        // One of the two is missing, busy or refused: find out which.
    }
    return {
        microphone: await openDevice('microphone', microphone),
        camera: await openDevice('camera', camera),
    };
}

export function canShareScreen(): boolean {
    const devices = mediaDevices();
    return devices !== null && 'getDisplayMedia' in devices;
}

/** Lets the person choose a screen, window or tab, with its sound where the browser can give it. */
export async function openScreen(): Promise<SharedScreen> {
    const devices = mediaDevices();
    if (devices === null || !canShareScreen()) {
        return { kind: 'problem', problem: unavailable() };
    }
    try {
        const stream = await devices.getDisplayMedia({
            video: { frameRate: { ideal: 15, max: 30 } },
            audio: true,
        });
        const [video] = stream.getVideoTracks();
        const [audio] = stream.getAudioTracks();
        if (video === undefined) {
            audio?.stop();
            return { kind: 'problem', problem: 'failed' };
        }
        // Text matters more than movement.
        video.contentHint = 'detail';
        return { kind: 'screen', video, audio: audio ?? null };
    } catch (error) {
        // The browser says the same when the person closes the dialogue and when the system forbids it.
        return toProblem(error) === 'denied'
            ? { kind: 'dismissed' }
            : { kind: 'problem', problem: toProblem(error) };
    }
}

export function canChooseSpeaker(): boolean {
    return 'setSinkId' in HTMLMediaElement.prototype;
}
