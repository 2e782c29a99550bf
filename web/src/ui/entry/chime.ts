// SPDX-License-Identifier: Apache-2.0

/** Three soft tones, one above the other: hertz and seconds. */
const TONES = [
    { pitch_hz: 523.25, at_s: 0 },
    { pitch_hz: 659.25, at_s: 0.16 },
    { pitch_hz: 783.99, at_s: 0.32 },
];
const LENGTH_S = 0.7;
const LOUDNESS = 0.22;

/** Plays a short chime on the loudspeaker (null: the system's own choice). Resolves when it is over. */
export async function playChime(speaker: string | null): Promise<void> {
    const context = new AudioContext();
    const element = new Audio();
    try {
        // Through an element, because that is what every browser lets choose its loudspeaker.
        const outlet = context.createMediaStreamDestination();
        for (const { pitch_hz, at_s } of TONES) {
            const start = context.currentTime + at_s;
            const tone = new OscillatorNode(context, { frequency: pitch_hz });
            const volume = new GainNode(context, { gain: 0 });
            volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
            volume.gain.exponentialRampToValueAtTime(0.001, start + LENGTH_S);
            tone.connect(volume).connect(outlet);
            tone.start(start);
            tone.stop(start + LENGTH_S);
        }
        element.srcObject = outlet.stream;
        if (speaker !== null && 'setSinkId' in element) await element.setSinkId(speaker);
        await element.play();
        await new Promise((done) => setTimeout(done, 1000 * (0.4 + LENGTH_S)));
    } catch {
        // No loudspeaker, or it is gone: the silence says so.
    } finally {
        element.srcObject = null;
        await context.close();
    }
}
