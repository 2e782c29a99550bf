// SPDX-License-Identifier: Apache-2.0

// How loud everybody is, and who speaks.

import { LevelMeter, toBar } from '../media/level-meter';
import { SpeechDetector } from '../media/speech';
import type { Clock, Timer } from '../protocol/clock';
import { Store, type Readable } from './store';

/** Asking the browser costs the page's own thread some time, for each whom it hears. */
const INTERVAL_MS = 100;

export class SpeechMonitor {
    readonly speaking = new Store<ReadonlySet<string>>(new Set());
    private readonly levels = new Map<string, Store<number>>();
    private readonly detectors = new Map<string, SpeechDetector>();
    private meter: LevelMeter | null = null;
    private followed: MediaStreamTrack | null = null;
    private timer: Timer | null = null;

    /** `sources`: whose loudness (linear) is measured, besides our own microphone, and how. */
    constructor(
        private readonly clock: Clock,
        private readonly microphone: () => MediaStreamTrack | null,
        private readonly sources: () => ReadonlyMap<string, () => number>,
    ) {}

    level(person: string): Readable<number> {
        let store = this.levels.get(person);
        if (store === undefined) {
            store = new Store(0);
            this.levels.set(person, store);
        }
        return store;
    }

    start(): void {
        this.meter ??= new LevelMeter();
        this.timer ??= this.clock.after(INTERVAL_MS, () => this.tick());
    }

    stop(): void {
        this.timer?.cancel();
        this.timer = null;
        this.meter?.close();
        this.meter = null;
        this.followed = null;
        this.detectors.clear();
        this.speaking.set(new Set());
    }

    private tick(): void {
        this.timer = this.clock.after(INTERVAL_MS, () => this.tick());
        const track = this.microphone();
        if (track !== this.followed) {
            this.followed = track;
            this.meter?.follow(track);
        }
        const speaking = new Set<string>();
        this.take('me', this.meter?.read() ?? 0, speaking);
        for (const [person, read] of this.sources()) {
            this.take(person, read(), speaking);
        }
        const before = this.speaking.getSnapshot();
        if (speaking.size !== before.size || [...speaking].some((person) => !before.has(person))) {
            this.speaking.set(speaking);
        }
    }

    private take(person: string, loud: number, speaking: Set<string>): void {
        let detector = this.detectors.get(person);
        if (detector === undefined) {
            detector = new SpeechDetector();
            this.detectors.set(person, detector);
        }
        if (detector.take(loud, this.clock.now())) {
            speaking.add(person);
        }
        // Two decimals are more than a bar can show, and spare most of the redrawing in silence.
        this.levels.get(person)?.set(Math.round(toBar(loud) * 100) / 100);
    }
}
