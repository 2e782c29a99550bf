// SPDX-License-Identifier: Apache-2.0

// Which codecs are offered to the relay: those that everybody has. A short list also keeps an offer of twenty media sections
// well below what the server takes.

const VIDEO = ['video/vp8', 'video/h264', 'video/rtx'];
const AUDIO = ['audio/opus', 'audio/red'];

type Codec = Pick<RTCRtpCodec, 'mimeType' | 'sdpFmtpLine'>;

/** Of the many H.264 variants only constrained baseline in the packetization that all browsers speak. */
function isCommon({ mimeType, sdpFmtpLine = '' }: Codec): boolean {
    return (
        mimeType.toLowerCase() !== 'video/h264' ||
        (/profile-level-id=42e01f/i.test(sdpFmtpLine) && /packetization-mode=1/.test(sdpFmtpLine))
    );
}

/** The best first. */
export function commonCodecs<C extends Codec>(kind: 'audio' | 'video', all: readonly C[]): C[] {
    const order = kind === 'audio' ? AUDIO : VIDEO;
    const rank = (codec: C): number => order.indexOf(codec.mimeType.toLowerCase());
    return all
        .filter((codec) => rank(codec) >= 0 && isCommon(codec))
        .sort((a, b) => rank(a) - rank(b));
}

/** What this browser has of them. Asked once for a connection: each question takes a while. */
export function browserCodecs(kind: 'audio' | 'video'): RTCRtpCodec[] {
    return commonCodecs(kind, RTCRtpReceiver.getCapabilities(kind)?.codecs ?? []);
}

/** Leaves the browser's own list where it won't hear of another. */
export function preferCodecs(transceiver: RTCRtpTransceiver, codecs: RTCRtpCodec[]): void {
    if (codecs.length > 0) {
        try {
            transceiver.setCodecPreferences(codecs);
        } catch {
            // An older browser, or one that counts its codecs otherwise.
        }
    }
}
