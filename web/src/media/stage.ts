// SPDX-License-Identifier: Apache-2.0

// What one way of a call's media brings, kept also while it isn't seen and heard, so that it can be changed to.

import { pictureKey } from './picture-news';
import type { MediaSessionEvents, PeerId, Picture, PictureView } from './types';

type Shown = Parameters<MediaSessionEvents['picture']>;

export class Stage {
    sounds: readonly MediaStreamTrack[] = [];
    private readonly shown = new Map<string, Shown>();

    show(...[peer, picture, view]: Shown): void {
        this.shown.set(pictureKey(peer, picture), [peer, picture, view]);
    }

    find(peer: PeerId, picture: Picture): PictureView | null {
        return this.shown.get(pictureKey(peer, picture))?.[2] ?? null;
    }

    pictures(): readonly Shown[] {
        return [...this.shown.values()];
    }

    removePeer(peer: PeerId): void {
        for (const [key, [who]] of this.shown) {
            if (who === peer) {
                this.shown.delete(key);
            }
        }
    }
}
