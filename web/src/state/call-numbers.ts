// SPDX-License-Identifier: Apache-2.0

// Every few seconds: how the connections are doing, for the person and for the call data record.

import type { CallMedia, Way } from '../media/switched-session';
import type { PeerId } from '../media/types';
import type { Clock, Timer } from '../protocol/clock';
import type { Command } from '../protocol/messages';
import type { PeopleModel } from './people-model';

const SAMPLE_EVERY_MS = 2000;
/** Every so many samples the numbers go to the server too. */
const REPORT_EVERY = 5;

export interface NumbersParts {
    readonly clock: Clock;
    readonly people: PeopleModel;
    readonly send: (command: Command) => void;
    /** Called with each sample. */
    readonly ticked: () => void;
}

export class CallNumbers {
    private timer: Timer;
    private samples = 0;
    private stopped = false;

    constructor(
        private readonly session: CallMedia,
        private readonly parts: NumbersParts,
        private readonly way: () => Way,
    ) {
        this.timer = parts.clock.after(SAMPLE_EVERY_MS, () => this.tick());
    }

    stop(): void {
        this.stopped = true;
        this.timer.cancel();
    }

    private tick(): void {
        this.timer = this.parts.clock.after(SAMPLE_EVERY_MS, () => this.tick());
        this.samples += 1;
        const report = this.samples % REPORT_EVERY === 0;
        for (const { participant } of this.parts.people.others()) {
            void this.sample(participant.id, report);
        }
        if (this.way() === 'relayed') {
            void this.readServerFacts(report);
        }
        this.parts.ticked();
    }

    private async sample(peer: PeerId, report: boolean): Promise<void> {
        const { people, send } = this.parts;
        const quality = await this.session.quality(peer).catch(() => null);
        if (quality === null || this.stopped || people.find(peer) === undefined) {
            return;
        }
        people.setQuality(peer, quality);
        // Of what goes through it the server has numbers of its own.
        if (report && this.way() === 'direct') {
            const { audio, video } = quality.totals;
            send({ type: 'stats', peer, audio, video });
        }
    }

    /** The connection may be another than the last time, with other keys. */
    private async readServerFacts(again: boolean): Promise<void> {
        const { people } = this.parts;
        if (again || people.protection.getSnapshot().server === null) {
            const facts = await this.session.security('').catch(() => null);
            if (facts !== null && !this.stopped) {
                people.setServerFacts(facts);
            }
        }
    }
}
