// SPDX-License-Identifier: Apache-2.0

// A page that sends a picture with layers by WHIP (RFC 9725), as the product's own pages don't.

import { until } from './wait.mjs';

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
    const { codecs } = RTCRtpReceiver.getCapabilities('video');
    transceiver.setCodecPreferences(
        codecs.filter(
            ({ mimeType, sdpFmtpLine = '' }) =>
                mimeType === 'video/rtx' ||
                (mimeType === `video/${codec}` && /^$|profile(-id)?=0/.test(sdpFmtpLine)),
        ),
    );
    await peer.setLocalDescription();
    const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` },
        body: peer.localDescription.sdp,
    });
    if (answer.status !== 201) {
        throw new Error(`${answer.status} ${await answer.text()}`);
    }
    const sdp = await answer.text();
    await peer.setRemoteDescription({ type: 'answer', sdp });
    window.__publisher = { peer, sdp };
}

export class Publisher {
    constructor(person) {
        this.person = person;
    }

    /** `token`: what the API gave, with its `url`. */
    static async start(chrome, daemon, token, options) {
        const publisher = new Publisher(await chrome.person('Publisher'));
        await publisher.person.open(daemon.base);
        await publisher.person.eval(publish, { ...token, ...options });
        await until('the publisher is connected', () =>
            publisher.person.eval(() => window.__publisher.peer.connectionState === 'connected'),
        );
        return publisher;
    }

    /** The answer that it got. */
    answer() {
        return this.person.eval(() => window.__publisher.sdp);
    }

    /** What goes out, and as what. */
    sent() {
        return this.person.eval(async () => {
            const report = [...(await window.__publisher.peer.getStats()).values()];
            const { framesSent, frameWidth, scalabilityMode, packetsSent, keyFramesEncoded, codecId } =
                report.find(({ type }) => type === 'outbound-rtp');
            const { mimeType } = report.find(({ id }) => id === codecId) ?? {};
            return { framesSent, frameWidth, scalabilityMode, packetsSent, keyFramesEncoded, mimeType };
        });
    }

    close() {
        return this.person.page.close();
    }
}
