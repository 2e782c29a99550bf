// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { withStartBitrate } from './start-bitrate';

const sdp = (...lines: string[]) => lines.map((line) => `${line}\r\n`).join('');

describe('the bit rate at which pictures begin', () => {
    it('is said of each encoding of pictures, beside what else is said of it', () => {
        const section = [
            'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99',
            'a=rtpmap:96 VP8/90000',
            'a=rtpmap:97 rtx/90000',
            'a=fmtp:97 apt=96',
            'a=rtpmap:98 H264/90000',
            'a=fmtp:98 packetization-mode=1;profile-level-id=42e01f',
            'a=rtpmap:99 rtx/90000',
        ];
        const lines = withStartBitrate(sdp('v=0', ...section)).split('\r\n');
        expect(lines.filter((line) => line.includes('x-google'))).toEqual([
            'a=fmtp:96 x-google-start-bitrate=1000',
            'a=fmtp:98 packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=1000',
        ]);
        expect(lines).toContain('a=fmtp:97 apt=96');
        expect(lines).toHaveLength(section.length + 3);
    });

    it('is said in every section of pictures, and in no other', () => {
        const sound = sdp('m=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=rtpmap:111 opus/48000/2');
        const camera = sdp('m=video 9 UDP/TLS/RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000');
        const said = sdp('a=fmtp:96 x-google-start-bitrate=1000');
        expect(withStartBitrate(sound + camera + camera + sound)).toBe(
            sound + camera + said + camera + said + sound,
        );
    });

    it('leaves alone what names no pictures', () => {
        for (const other of ['', 'nonsense', sdp('m=video 9 UDP/TLS/RTP/SAVPF 100')]) {
            expect(withStartBitrate(other)).toBe(other);
        }
    });
});
