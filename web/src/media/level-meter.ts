// SPDX-License-Identifier: Apache-2.0

// How loud a track of our own is. What others send is measured by the browser's receiver already.

/** Root mean square of samples in -1 … 1. */
export function loudness(samples: Float32Array): number {
    let sum = 0;
    for (const sample of samples) {
        sum += sample * sample;
    }
    return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

/** From a loudness (linear) to the length of a bar (0 to 1): -60 dB is nothing, 0 dB is all. */
export function toBar(loud: number): number {
    if (loud <= 0) {
        return 0;
    }
    return Math.min(1, Math.max(0, 1 + Math.log10(loud) / 3));
}

export class LevelMeter {
    /** Nobody hears it: it may work in large pieces, seldom. */
    private readonly context = new AudioContext({ latencyHint: 'playback' });
    private readonly analyser = this.context.createAnalyser();
    private readonly samples: Float32Array<ArrayBuffer>;
    private source: MediaStreamAudioSourceNode | null = null;

    constructor() {
        this.analyser.fftSize = 1024;
        this.samples = new Float32Array(this.analyser.fftSize);
        this.follow(null);
    }

    /** The track to listen to from now on; without one it rests. */
    follow(track: MediaStreamTrack | null): void {
        this.source?.disconnect();
        this.source = null;
        if (track === null) {
            this.context.suspend().catch(() => undefined);
        } else {
            this.source = this.context.createMediaStreamSource(new MediaStream([track]));
            this.source.connect(this.analyser);
        }
    }

    /** Linear, 0 to 1. */
    read(): number {
        if (this.source === null) {
            return 0;
        }
        if (this.context.state === 'suspended') {
            // Browsers hold it back until the person has touched the page.
            this.context.resume().catch(() => undefined);
        }
        this.analyser.getFloatTimeDomainData(this.samples);
        return loudness(this.samples);
    }

    close(): void {
        this.follow(null);
        this.context.close().catch(() => undefined);
    }
}
