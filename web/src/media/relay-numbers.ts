// SPDX-License-Identifier: Apache-2.0

// What the statistics of the connection to the relay say of each of those who are seen and heard through it.

import { readStats, type Mids } from './peer-stats';
import { QualityMeter } from './quality';
import type { RelayLink } from './relay-link';
import { securityFacts } from './security-facts';
import type { SlotBoard } from './slot-board';
import type { PeerId, Picture, Quality, SecurityFacts } from './types';

/** One reading of the statistics serves all who ask within this time. */
const FRESH_MS = 100;

/** A connection, and which of its slots shows what. */
export interface Line {
    readonly link: RelayLink;
    board: SlotBoard;
}

interface Meter {
    /** Another slot counts from another beginning. */
    readonly key: string;
    readonly meter: QualityMeter;
}

interface Reading {
    readonly link: RelayLink;
    readonly at_ms: number;
    readonly report: Promise<ReadonlyMap<string, unknown>>;
}

export class RelayNumbers {
    private readonly meters = new Map<PeerId, Meter>();
    private reading: Reading | null = null;

    forget(peer: PeerId): void {
        this.meters.delete(peer);
    }

    /** Whether a frame of this picture has been decoded. */
    async flows({ link, board }: Line, peer: PeerId, picture: Picture): Promise<boolean> {
        const mid = board.find(peer, picture)?.mid ?? null;
        if (mid === null) {
            return false;
        }
        const mids: Mids = { sending: [], receiving: [null, mid] };
        const sample = readStats(await this.report(link), mids, 0);
        return (sample.receiving.camera?.frames ?? 0) > 0;
    }

    /** Null of somebody of whom nothing comes now. */
    async quality({ link, board }: Line, peer: PeerId): Promise<Quality | null> {
        const receiving = [
            board.voice(peer, 'microphone'),
            board.find(peer, 'camera')?.mid ?? null,
            board.find(peer, 'screen')?.mid ?? null,
            board.voice(peer, 'screen-sound'),
        ];
        if (link.since_ms === null || receiving.every((mid) => mid === null)) {
            this.forget(peer);
            return null;
        }
        const mids: Mids = { sending: link.sendingMids(), receiving };
        const sample = readStats(await this.report(link), mids, performance.now());
        const key = `${link.session} ${receiving.join()}`;
        const known = this.meters.get(peer);
        const meter = known?.key === key ? known.meter : new QualityMeter();
        this.meters.set(peer, { key, meter });
        return { ...meter.take(sample, link.state === 'connected'), path: null };
    }

    async security({ link }: Line): Promise<SecurityFacts | null> {
        if (link.since_ms === null) {
            return null;
        }
        const sample = readStats(await link.stats(), { sending: [], receiving: [] }, 0);
        return securityFacts(sample, link.localSdp, link.remoteSdp, link.since_ms);
    }

    private report(link: RelayLink): Promise<ReadonlyMap<string, unknown>> {
        const at_ms = performance.now();
        if (this.reading?.link !== link || at_ms - this.reading.at_ms > FRESH_MS) {
            this.reading = { link, at_ms, report: link.stats() };
        }
        return this.reading.report;
    }
}
