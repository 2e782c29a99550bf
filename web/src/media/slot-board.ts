// SPDX-License-Identifier: Apache-2.0

// Which video slot shows which picture. We say what we want in which slot; the server says what it feeds. A picture is shown
// only where both agree, so nobody's name ever stands under somebody else's face.

import type { FedSlot, WantedSlot } from './relay-types';
import type { PeerId, Picture, Wanted } from './types';

export interface Place {
    readonly mid: string;
    readonly state: FedSlot['state'];
}

const keyOf = (peer: PeerId, picture: Picture): string => `${peer} ${picture}`;

export class SlotBoard {
    private readonly places = new Map<string, string>();
    private fed: ReadonlyMap<string, FedSlot> = new Map();

    constructor(private readonly mids: readonly string[]) {}

    get size(): number {
        return this.mids.length;
    }

    /** What to ask for. A picture keeps its slot for as long as it is wanted; where there are too few, the stage goes first. */
    assign(wanted: readonly Wanted[]): readonly WantedSlot[] {
        const chosen = [...wanted]
            .sort((a, b) => Number(b.stage) - Number(a.stage))
            .slice(0, this.mids.length);
        const keys = new Set(chosen.map(({ peer, picture }) => keyOf(peer, picture)));
        for (const key of this.places.keys()) {
            if (!keys.has(key)) {
                this.places.delete(key);
            }
        }
        const taken = new Set(this.places.values());
        const free = this.mids.filter((mid) => !taken.has(mid));
        return chosen.flatMap(({ peer, picture, width, height, stage }) => {
            const key = keyOf(peer, picture);
            const mid = this.places.get(key) ?? free.shift();
            if (mid === undefined) {
                return [];
            }
            this.places.set(key, mid);
            return { mid, participant: peer, source: picture, width, height, stage };
        });
    }

    feed(slots: readonly FedSlot[]): void {
        this.fed = new Map(slots.map((slot) => [slot.mid, slot]));
    }

    /** Where a picture can be seen; null while it can't. */
    find(peer: PeerId, picture: Picture): Place | null {
        const mid = this.places.get(keyOf(peer, picture));
        const slot = mid === undefined ? undefined : this.fed.get(mid);
        if (slot === undefined || slot.participant !== peer || slot.source !== picture) {
            return null;
        }
        return slot.state === 'off' ? null : { mid: slot.mid, state: slot.state };
    }

    /** The audio slot that somebody is heard in now. */
    voice(peer: PeerId, source: 'microphone' | 'screen-sound'): string | null {
        for (const slot of this.fed.values()) {
            if (slot.participant === peer && slot.source === source && slot.state !== 'off') {
                return slot.mid;
            }
        }
        return null;
    }

    speakers(): readonly PeerId[] {
        return [...this.fed.values()].flatMap(({ participant, source, state }) =>
            participant !== null && source === 'microphone' && state !== 'off' ? participant : [],
        );
    }
}
