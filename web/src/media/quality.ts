// SPDX-License-Identifier: Apache-2.0

// From two samples of a connection to what a person may be told about it.

import { totals, type PeerSample, type StreamSample } from './peer-stats';
import type { AudioNumbers, Grade, Quality, Slot, VideoNumbers } from './types';
import { SLOTS } from './types';

/** The share of an old value that stays with each sample, so that the grade doesn't flicker. */
const MEMORY = 0.5;

function rate(now: number, before: number, seconds: number): number {
    return seconds <= 0 ? 0 : Math.max(0, now - before) / seconds;
}

function bitrate(now: StreamSample, before: StreamSample | undefined, seconds: number): number {
    return Math.round(rate(now.bytes, before?.bytes ?? now.bytes, seconds) * 8);
}

function audioNumbers(
    now: StreamSample | undefined,
    before: StreamSample | undefined,
    seconds: number,
): AudioNumbers | null {
    return now === undefined
        ? null
        : { codec: now.codec, bitrate_bps: bitrate(now, before, seconds) };
}

function videoNumbers(
    now: StreamSample | undefined,
    before: StreamSample | undefined,
    seconds: number,
): VideoNumbers | null {
    if (now === undefined || now.width === 0) {
        return null;
    }
    return {
        codec: now.codec,
        width: now.width,
        height: now.height,
        fps: Math.round(rate(now.frames, before?.frames ?? now.frames, seconds)),
        bitrate_bps: bitrate(now, before, seconds),
    };
}

/** The worst loss of any section, in either direction, between two samples. */
function lossBetween(before: PeerSample, now: PeerSample): number {
    let worst = 0;
    for (const slot of SLOTS) {
        for (const way of ['sending', 'receiving'] as const) {
            const a = before[way][slot];
            const b = now[way][slot];
            if (a === undefined || b === undefined) {
                continue;
            }
            const lost = Math.max(0, b.lost - a.lost);
            // What we send counts the lost ones too, what we receive doesn't.
            const all = Math.max(0, b.packets - a.packets) + (way === 'receiving' ? lost : 0);
            // A handful of packets says nothing.
            if (all >= 10) {
                worst = Math.max(worst, Math.min(1, lost / all));
            }
        }
    }
    return worst;
}

export function gradeOf(rtt_ms: number, loss: number, jitter_ms: number): Grade {
    if (loss < 0.02 && rtt_ms < 250 && jitter_ms < 40) {
        return 4;
    }
    if (loss < 0.05 && rtt_ms < 450 && jitter_ms < 80) {
        return 3;
    }
    return loss < 0.12 && rtt_ms < 900 ? 2 : 1;
}

function jitterOf(sample: PeerSample): number | null {
    const all = (['microphone', 'camera'] satisfies Slot[]).flatMap(
        (slot) => sample.receiving[slot]?.jitter_ms ?? [],
    );
    return all.length === 0 ? null : Math.max(...all);
}

/** Follows one connection from sample to sample. */
export class QualityMeter {
    private before: PeerSample | null = null;
    private loss = 0;
    private rtt_ms: number | null = null;

    take(now: PeerSample, connected: boolean): Quality {
        const before = this.before ?? now;
        this.before = now;
        const seconds = (now.at_ms - before.at_ms) / 1000;
        this.loss = this.loss * MEMORY + lossBetween(before, now) * (1 - MEMORY);
        if (now.rtt_ms !== null) {
            this.rtt_ms =
                this.rtt_ms === null
                    ? now.rtt_ms
                    : this.rtt_ms * MEMORY + now.rtt_ms * (1 - MEMORY);
        }
        const jitter_ms = jitterOf(now);
        const audio = (way: 'sending' | 'receiving'): AudioNumbers | null =>
            audioNumbers(now[way].microphone, before[way].microphone, seconds);
        const video = (way: 'sending' | 'receiving', slot: Slot): VideoNumbers | null =>
            videoNumbers(now[way][slot], before[way][slot], seconds);
        return {
            grade: connected ? gradeOf(this.rtt_ms ?? 0, this.loss, jitter_ms ?? 0) : 1,
            rtt_ms: this.rtt_ms,
            loss: this.loss,
            jitter_ms,
            path: now.path,
            sending: { audio: audio('sending'), video: video('sending', 'camera') },
            receiving: {
                audio: audio('receiving'),
                video: video('receiving', 'camera'),
                screen: video('receiving', 'screen'),
            },
            totals: {
                audio: totals(now, ['microphone', 'screen-sound']),
                video: totals(now, ['camera', 'screen']),
            },
        };
    }
}
