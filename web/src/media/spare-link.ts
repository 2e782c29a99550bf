// SPDX-License-Identifier: Apache-2.0

// A connection made before there is anybody to connect to: who comes is sent its offer at once, while it would otherwise have
// to be made first, just when the page draws the newcomer. Nobody is told of its candidates before.

import type { PeerLink } from './peer-link';

/** The page is left in peace until it stands. */
const SETTLE_MS = 1000;

export class SpareLink {
    private link: PeerLink | null = null;
    private settling: ReturnType<typeof setTimeout> | null = null;
    private wanted = false;

    constructor(private readonly make: () => PeerLink) {}

    /** Whether there shall be one from now on. */
    keep(wanted: boolean): void {
        if (wanted !== this.wanted) {
            this.wanted = wanted;
            this.renew();
        }
    }

    /** What it was made with has changed. */
    renew(): void {
        this.drop();
        if (this.wanted) {
            this.settling = setTimeout(() => {
                this.settling = null;
                this.link = this.make();
            }, SETTLE_MS);
        }
    }

    /** The one that there is, if any; what it sends may be changed. */
    get current(): PeerLink | null {
        return this.link;
    }

    /** Gives it away, or a new one; there is none any more until it is wanted anew. */
    take(): PeerLink {
        const link = this.link ?? this.make();
        this.link = null;
        this.keep(false);
        return link;
    }

    private drop(): void {
        if (this.settling !== null) {
            clearTimeout(this.settling);
            this.settling = null;
        }
        this.link?.close();
        this.link = null;
    }
}
