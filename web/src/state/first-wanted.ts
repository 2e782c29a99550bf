// SPDX-License-Identifier: Apache-2.0

// What is asked for before the page has said what it shows: drawing a call takes longer than connecting to the relay, and the
// first pictures come meanwhile.

import type { Wanted } from '../media/types';
import type { Participant } from '../protocol/messages';

const TILE = { width: 320, height: 180, stage: false } as const;
const STAGE = { width: 1280, height: 720, stage: true } as const;

/** The pictures that others send, screens first and whoever is away last; each as small as it may turn out to be shown. */
export function firstWanted(others: readonly Participant[]): readonly Wanted[] {
    const sorted = [...others].sort(
        (a, b) => Number(a.presence === 'away') - Number(b.presence === 'away'),
    );
    const screens = sorted.filter(({ media }) => media.screen);
    const cameras = sorted.filter(({ media }) => media.video);
    return [
        ...screens.map(({ id }): Wanted => ({ peer: id, picture: 'screen', ...STAGE })),
        ...cameras.map(({ id }): Wanted => ({ peer: id, picture: 'camera', ...TILE })),
    ];
}
