// SPDX-License-Identifier: Apache-2.0

// Tells what has changed about the pictures that are wanted, and nothing twice.

import type { PeerId, Picture, PictureView, Wanted } from './types';

export const NO_PICTURE: PictureView = { track: null, starved: false };

interface Shown {
    readonly peer: PeerId;
    readonly picture: Picture;
    readonly view: PictureView;
}

export const pictureKey = (peer: PeerId, picture: Picture): string => `${peer} ${picture}`;

export class PictureNews {
    private readonly shown = new Map<string, Shown>();

    constructor(
        private readonly tell: (peer: PeerId, picture: Picture, view: PictureView) => void,
    ) {}

    update(
        wanted: readonly Wanted[],
        viewOf: (peer: PeerId, picture: Picture) => PictureView,
    ): void {
        const keys = new Set(wanted.map(({ peer, picture }) => pictureKey(peer, picture)));
        for (const [key, { peer, picture, view }] of [...this.shown]) {
            if (!keys.has(key)) {
                this.shown.delete(key);
                if (view.track !== null) {
                    this.tell(peer, picture, NO_PICTURE);
                }
            }
        }
        for (const { peer, picture } of wanted) {
            const key = pictureKey(peer, picture);
            const view = viewOf(peer, picture);
            const before = this.shown.get(key)?.view ?? NO_PICTURE;
            this.shown.set(key, { peer, picture, view });
            if (view.track !== before.track || view.starved !== before.starved) {
                this.tell(peer, picture, view);
            }
        }
    }
}
