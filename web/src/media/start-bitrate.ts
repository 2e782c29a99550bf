// SPDX-License-Identifier: Apache-2.0

// Chromium begins to send pictures at 300 kbit/s, too little for any camera of today: it throws away the first ones until it
// has found a size that fits, and the others wait for a blurred picture. What the description of the other side says here is
// where it begins; from there it follows what the path gives, as ever. Other browsers pass over it.

/** Enough for 1280 × 720 by Chromium's own limits, and not so much that a slow line chokes on it. */
const START_KBPS = 1000;

const VIDEO_SECTION = /^m=video .*\r?\n(?:(?!m=).*\r?\n)*/gm;
const ENCODING = /^a=rtpmap:(\d+) (?:VP8|VP9|H264|H265|AV1)\/90000\r?\n/gim;

/** What the other side sent, with the bit rate at which we begin. */
export function withStartBitrate(sdp: string): string {
    return sdp.replace(VIDEO_SECTION, (section) =>
        [...section.matchAll(ENCODING)].reduce((text, [line, type = '']) => {
            const parameters = new RegExp(`^(a=fmtp:${type} [^\\r\\n]*)`, 'm');
            return parameters.test(text)
                ? text.replace(parameters, `$1;x-google-start-bitrate=${START_KBPS}`)
                : text.replace(
                      line,
                      `${line}a=fmtp:${type} x-google-start-bitrate=${START_KBPS}\r\n`,
                  );
        }, section),
    );
}
