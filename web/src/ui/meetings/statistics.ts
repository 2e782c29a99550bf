// SPDX-License-Identifier: Apache-2.0

const MEDIA = ['audio', 'video'] as const;
const MEASURES = [
    'packets_sent',
    'packets_received',
    'packets_lost',
    'bytes_sent',
    'bytes_received',
    'jitter_ms',
    'rtt_ms',
] as const;

export interface Measured {
    readonly media: (typeof MEDIA)[number];
    readonly measure: (typeof MEASURES)[number];
    readonly value: number;
}

/** What a record's statistics say, in an order for people; names that we have no words for are left out. */
export function measured(statistics: Readonly<Record<string, number>>): readonly Measured[] {
    return MEDIA.flatMap((media) =>
        MEASURES.flatMap((measure) => {
            const value = statistics[`${media}_${measure}`];
            return value === undefined ? [] : [{ media, measure, value }];
        }),
    );
}
