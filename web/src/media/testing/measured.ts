// SPDX-License-Identifier: Apache-2.0
import type { Quality } from '../types';

const totals = {
    packets_sent: 0,
    packets_received: 0,
    packets_lost: 0,
    bytes_sent: 0,
    bytes_received: 0,
    jitter_ms: 0,
    rtt_ms: 0,
};
const video = { codec: 'VP9', width: 1280, height: 720, fps: 30, bitrate_bps: 1_850_000 };
const audio = { codec: 'Opus', bitrate_bps: 34_000 };

/** The numbers of a good connection. */
export const measured = (some: Partial<Quality> = {}): Quality => ({
    grade: 4,
    rtt_ms: 31,
    loss: 0.002,
    jitter_ms: 4,
    path: 'srflx',
    sending: { audio, video },
    receiving: { audio, video, screen: null },
    totals: { audio: totals, video: totals },
    ...some,
});
