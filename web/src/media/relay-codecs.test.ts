// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { commonCodecs } from './relay-codecs';

const h264 = (profile: string, mode: number) => ({
    mimeType: 'video/H264',
    sdpFmtpLine: `level-asymmetry-allowed=1;packetization-mode=${mode};profile-level-id=${profile}`,
});

describe('the codecs that are offered to the relay', () => {
    it('are those that everybody has, VP8 before H.264, with retransmission', () => {
        const all = [
            { mimeType: 'video/rtx' },
            { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' },
            h264('42001f', 1),
            h264('42e01f', 0),
            h264('42e01f', 1),
            h264('640c1f', 1),
            { mimeType: 'video/AV1' },
            { mimeType: 'video/VP8' },
            { mimeType: 'video/ulpfec' },
        ];
        expect(commonCodecs('video', all)).toEqual([
            { mimeType: 'video/VP8' },
            h264('42e01f', 1),
            { mimeType: 'video/rtx' },
        ]);
    });

    it('offer redundancy for sound where the browser has it', () => {
        const all = [
            { mimeType: 'audio/red' },
            { mimeType: 'audio/PCMU' },
            { mimeType: 'audio/opus' },
            { mimeType: 'audio/telephone-event' },
        ];
        expect(commonCodecs('audio', all).map(({ mimeType }) => mimeType)).toEqual([
            'audio/opus',
            'audio/red',
        ]);
        expect(commonCodecs('audio', [{ mimeType: 'audio/opus' }])).toHaveLength(1);
    });
});
