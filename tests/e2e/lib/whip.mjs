// SPDX-License-Identifier: Apache-2.0

// Pages that send a picture with layers by WHIP (RFC 9725), as the product's own pages don't, and watch it by WHEP.

import { until } from './wait.mjs';

/** Source of what runs in the page: this codec and no other, and the offer for an answer. */
const COMMON = `
    window.__prefer = (transceiver, codec) =>
        transceiver.setCodecPreferences(
            RTCRtpReceiver.getCapabilities('video').codecs.filter(
                ({ mimeType, sdpFmtpLine = '' }) =>
                    mimeType === 'video/rtx' ||
                    (mimeType === 'video/' + codec && /^$|profile(-id)?=0/.test(sdpFmtpLine)),
            ),
        );
    window.__connect = async (peer, { url, token }) => {
        await peer.setLocalDescription();
        const answer = await fetch(url, {
            method: 'POST',
            headers: { 'content-type': 'application/sdp', authorization: 'Bearer ' + token },
            body: peer.localDescription.sdp,
        });
        const sdp = await answer.text();
        if (answer.status !== 201) {
            throw new Error(answer.status + ' ' + sdp);
        }
        await peer.setRemoteDescription({ type: 'answer', sdp });
        window.__whip = { peer, sdp };
    };
`;

/** Runs in the page: draws something that moves, and sends it. */
async function publish({ url, token, codec, mode, width, height, frameRate }) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
        frame += 1;
        context.fillStyle = `hsl(${frame % 360} 60% 50%)`;
        context.fillRect(0, 0, width, height);
        for (let i = 0; i < 40; i += 1) {
            context.fillStyle = `hsl(${(i * 37 + frame) % 360} 80% 60%)`;
            context.fillRect((i * 97 + frame * 5) % width, (i * 53 + frame * 3) % height, 60, 40);
        }
    }, 1000 / frameRate);
    const peer = new RTCPeerConnection();
    const [track] = canvas.captureStream(frameRate).getVideoTracks();
    track.contentHint = 'motion';
    const transceiver = peer.addTransceiver(track, {
        direction: 'sendonly',
        sendEncodings: [{ scalabilityMode: mode, maxBitrate: 1_500_000 }],
    });
    window.__prefer(transceiver, codec);
    await window.__connect(peer, { url, token });
}

/** Runs in the page. */
async function watch({ url, token, codec }) {
    const peer = new RTCPeerConnection();
    window.__prefer(peer.addTransceiver('video', { direction: 'recvonly' }), codec);
    const video = document.createElement('video');
    video.muted = true;
    peer.ontrack = ({ track }) => {
        video.srcObject = new MediaStream([track]);
        void video.play();
    };
    document.body.append(video);
    await window.__connect(peer, { url, token });
}

class Guest {
    constructor(person) {
        this.person = person;
    }

    /** `token`: what the API gave, with its `url`. */
    static async start(chrome, daemon, token, options) {
        const guest = new this(await chrome.person(this.name));
        await guest.person.page.addInitScript(COMMON);
        await guest.person.open(daemon.base);
        await guest.person.eval(this.script, { ...token, ...options });
        await until(`the ${this.name} is connected`, () =>
            guest.person.eval(() => window.__whip.peer.connectionState === 'connected'),
        );
        return guest;
    }

    /** The answer that it got. */
    answer() {
        return this.person.eval(() => window.__whip.sdp);
    }

    close() {
        return this.person.page.close();
    }
}

export class Watcher extends Guest {
    static script = watch;

    received() {
        return this.person.eval(async () => {
            const report = [...(await window.__whip.peer.getStats()).values()];
            const { frameWidth, framesDecoded } = report.find(({ type }) => type === 'inbound-rtp') ?? {};
            return { frameWidth, framesDecoded };
        });
    }
}

export class Publisher extends Guest {
    static script = publish;

    /** What goes out, and as what. */
    sent() {
        return this.person.eval(async () => {
            const report = [...(await window.__whip.peer.getStats()).values()];
            const { framesSent, frameWidth, scalabilityMode, packetsSent, keyFramesEncoded, codecId } =
                report.find(({ type }) => type === 'outbound-rtp');
            const { mimeType } = report.find(({ id }) => id === codecId) ?? {};
            return { framesSent, frameWidth, scalabilityMode, packetsSent, keyFramesEncoded, mimeType };
        });
    }
}
