// SPDX-License-Identifier: Apache-2.0

// Keeps account of the pictures that are on the page: which, and how large. The rest needn't come over the network, and a
// small one needn't come large.

import type { Picture, Wanted } from '../../media/types';

/** Sizes change in every frame while a window is drawn larger. */
const CALM_MS = 100;
/** Sizes are rounded up to this: a pixel more or less isn't worth a message. */
const STEP_PX = 16;
const MOST_PX = 8192;

interface Tile {
    readonly peer: string;
    readonly picture: Picture;
    readonly stage: boolean;
    visible: boolean;
}

const round = (size_px: number) =>
    Math.min(MOST_PX, Math.ceil((size_px * devicePixelRatio) / STEP_PX) * STEP_PX);

export class PictureWatch {
    private readonly tiles = new Map<Element, Tile>();
    private readonly sizes: ResizeObserver;
    private readonly sights: IntersectionObserver | null;
    private timer: ReturnType<typeof setTimeout> | null = null;
    private told: string | null = null;

    constructor(private readonly tell: (wanted: readonly Wanted[]) => void) {
        this.sizes = new ResizeObserver(() => this.changed());
        this.sights =
            'IntersectionObserver' in globalThis
                ? new IntersectionObserver((entries) => this.sighted(entries))
                : null;
    }

    /** Watches until what it returns is called. */
    add(element: Element, peer: string, picture: Picture, stage: boolean): () => void {
        this.tiles.set(element, { peer, picture, stage, visible: true });
        this.sizes.observe(element);
        this.sights?.observe(element);
        this.changed();
        return () => {
            this.tiles.delete(element);
            this.sizes.unobserve(element);
            this.sights?.unobserve(element);
            this.changed();
        };
    }

    /** The page was hidden or shown; begins to listen to that. Returns what ends everything. */
    start(): () => void {
        const changed = () => this.changed();
        document.addEventListener('visibilitychange', changed);
        this.changed();
        return () => {
            document.removeEventListener('visibilitychange', changed);
            if (this.timer !== null) clearTimeout(this.timer);
            this.timer = null;
        };
    }

    private sighted(entries: readonly IntersectionObserverEntry[]): void {
        for (const { target, isIntersecting } of entries) {
            const tile = this.tiles.get(target);
            if (tile) tile.visible = isIntersecting;
        }
        this.changed();
    }

    private changed(): void {
        // The first pictures are waited for.
        const delay_ms = this.told === null || this.told === '[]' ? 0 : CALM_MS;
        this.timer ??= setTimeout(() => {
            this.timer = null;
            this.report();
        }, delay_ms);
    }

    private report(): void {
        const wanted = this.wanted();
        const words = JSON.stringify(wanted);
        if (words !== this.told) {
            this.told = words;
            this.tell(wanted);
        }
    }

    private wanted(): readonly Wanted[] {
        const hidden = document.visibilityState === 'hidden';
        const apart = document.pictureInPictureElement ?? null;
        return [...this.tiles].flatMap(([element, { peer, picture, stage, visible }]) => {
            const afloat = apart !== null && element.contains(apart);
            const { clientWidth, clientHeight } = element;
            if (!afloat && (hidden || !visible || clientWidth === 0)) return [];
            return {
                peer,
                picture,
                width: round(clientWidth),
                height: round(clientHeight),
                stage: stage || afloat,
            };
        });
    }
}
