// SPDX-License-Identifier: Apache-2.0

/** Above this (linear, about -38 dB) it is speech … */
const START = 0.0125;
/** … until it has been below this for a while, so that the gaps between words don't flicker. */
const STOP = 0.006;
const HANG_MS = 600;

/** Decides from loudness whether somebody speaks. */
export class SpeechDetector {
    private speaking = false;
    private last_loud_ms = Number.NEGATIVE_INFINITY;

    take(loud: number, now_ms: number): boolean {
        if (loud >= (this.speaking ? STOP : START)) {
            this.last_loud_ms = now_ms;
            this.speaking = true;
        } else if (now_ms - this.last_loud_ms > HANG_MS) {
            this.speaking = false;
        }
        return this.speaking;
    }
}
