// SPDX-License-Identifier: Apache-2.0

// One stream with layers inside it (scalable video coding): everybody gets those that a tile has use for.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chromium } from '../lib/chromium.mjs';
import { Daemon } from '../lib/daemon.mjs';
import { checkGaps, longestGap, newcomer, now } from '../lib/relayed.mjs';
import { sleep, until } from '../lib/wait.mjs';
import { Publisher, Watcher } from '../lib/whip.mjs';

const SMALL = [280, 560];
const LARGE = [1280, 800];
const MOST_GAP_MS = 1000;
const SENDER = 'Layers';
const DEPENDENCY =
    'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

/** The product's pages offer what every browser has; this one takes another codec instead. */
const preferring = (codec) => `
    const native = RTCRtpTransceiver.prototype.setCodecPreferences;
    RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
        const isVideo = this.receiver.track.kind === 'video';
        native.call(this, !isVideo ? codecs : RTCRtpReceiver.getCapabilities('video').codecs.filter(
            ({ mimeType, sdpFmtpLine = '' }) => mimeType === 'video/rtx' ||
                (mimeType === 'video/${codec}' && /^$|profile(-id)?=0/.test(sdpFmtpLine))));
    };
`;

/** What comes in of the one picture that is shown. */
const received = (person) =>
    person.eval(async () => {
        const peer = window.__probe.peers.findLast(({ connectionState }) => connectionState === 'connected');
        const slots = [...(await peer.getStats()).values()].filter(
            ({ type, kind }) => type === 'inbound-rtp' && kind === 'video',
        );
        const { frameWidth, framesDecoded, packetsReceived, bytesReceived, totalFreezesDuration, pliCount } =
            slots.sort((a, b) => (b.framesDecoded ?? 0) - (a.framesDecoded ?? 0))[0];
        return { frameWidth, framesDecoded, packetsReceived, bytesReceived, totalFreezesDuration, pliCount };
    });

/** What came in during `ms`, and the width at its end. */
async function during(person, ms = 5000) {
    const from = await received(person);
    await sleep(ms);
    const to = await received(person);
    const per = (name) => Math.round(((to[name] - from[name]) * 1000) / ms);
    return {
        width: to.frameWidth,
        frames: per('framesDecoded'),
        packets: per('packetsReceived'),
        kbps: Math.round((per('bytesReceived') * 8) / 1000),
        freeze_s: to.totalFreezesDuration - from.totalFreezesDuration,
        plis: to.pliCount - from.pliCount,
    };
}

async function showing(person, size, isThere) {
    await person.page.size(...size);
    await until(
        `a picture for ${size}`,
        async () => {
            const now = await received(person);
            return isThere(now.frameWidth) || Promise.reject(new Error(JSON.stringify(now)));
        },
        { ms: 20_000, every: 200 },
    );
}

/** Somebody sends a picture of this kind, and somebody watches it. */
async function meet(codec, mode, size) {
    const daemon = await Daemon.start();
    const chrome = await Chromium.launch();
    const cookie = await daemon.administrator();
    const { id } = await daemon.createMeeting(cookie, { kind: 'room', title: 'Layers' });
    const { url } = await daemon.createLink(cookie, id, { role: 'guest' });
    const viewer = await newcomer(chrome, 'Vi');
    await viewer.page.addInitScript(preferring(codec));
    await viewer.join(url);
    const token = await daemon.createToken(cookie, id, { use: 'whip', label: SENDER });
    const publisher = await Publisher.start(chrome, daemon, token, { codec, mode, ...size });
    const close = async () => {
        await chrome.close();
        await daemon.stop();
    };
    /** Somebody who watches by WHEP, which is never asked how large. */
    const watch = async () => {
        const { url, token } = await daemon.createToken(cookie, id, { use: 'whep', label: 'Wall' });
        const whom = await viewer.eval(
            (name) =>
                window.__probe.received
                    .map((text) => JSON.parse(text).participant)
                    .find((participant) => participant?.name === name).id,
            SENDER,
        );
        return Watcher.start(chrome, daemon, { url: `${url}/${whom}`, token }, { codec });
    };
    return { viewer, publisher, watch, close };
}

/** Until all that it can send is sent: a browser begins with less. */
const atFullSize = (publisher, width) =>
    until(
        'the whole picture is sent',
        async () => {
            const now = await publisher.sent();
            const isThere = now.framesSent > 20 && now.frameWidth === width;
            return isThere ? now : Promise.reject(new Error(JSON.stringify(now)));
        },
        { ms: 40_000, every: 200 },
    );

for (const mode of ['L3T3_KEY', 'L3T3']) {
    describe(`VP9 ${mode}`, () => {
        let call;

        before(async () => {
            call = await meet('VP9', mode, { width: 960, height: 540, frameRate: 10 });
        });

        after(async () => {
            await call?.close();
        });

        it('is agreed on with the descriptor that tells its layers', async () => {
            assert.ok((await call.publisher.answer()).includes(DEPENDENCY));
            const sent = await atFullSize(call.publisher, 960);
            assert.deepEqual([sent.mimeType, sent.scalabilityMode], ['video/VP9', mode]);
        });

        it('comes as large as its tile, and as seldom stands still', async () => {
            const { viewer } = call;
            await showing(viewer, LARGE, (width) => width === 960);
            await viewer.eval(() => window.__probe.follow());
            await sleep(2000);
            const from = await now(viewer);
            const large = await during(viewer);
            await showing(viewer, SMALL, (width) => width === 240);
            const small = await during(viewer);
            await showing(viewer, LARGE, (width) => width === 960);
            const again = await during(viewer);
            checkGaps([await longestGap(viewer, SENDER, from, await now(viewer))], { most_ms: MOST_GAP_MS });
            for (const [name, some] of Object.entries({ large, small, again })) {
                console.log(`    ${name}: ${JSON.stringify(some)}`);
                assert.ok(some.frames >= 5, 'frames go on');
            }
            assert.ok(small.packets < 0.7 * large.packets && small.kbps < 0.4 * large.kbps);
            assert.ok(again.packets > 1.3 * small.packets && again.kbps > 2 * small.kbps);
        });

        it('is shown to who has not agreed on the descriptor', async () => {
            const wall = await call.watch();
            assert.ok(!(await wall.answer()).includes(DEPENDENCY));
            await until('the whole picture', async () => {
                const there = await wall.received();
                return there.frameWidth === 960 || Promise.reject(new Error(JSON.stringify(there)));
            });
            const { framesDecoded } = await wall.received();
            await until(
                'frames go on',
                async () => (await wall.received()).framesDecoded >= framesDecoded + 20,
            );
            await wall.close();
        });
    });
}

describe('AV1 L1T3', () => {
    let call;

    before(async () => {
        call = await meet('AV1', 'L1T3', { width: 240, height: 136, frameRate: 10 });
    });

    after(async () => {
        await call?.close();
    });

    it('is agreed on with the descriptor, and is shown', async () => {
        assert.ok((await call.publisher.answer()).includes(DEPENDENCY));
        const sent = await atFullSize(call.publisher, 240);
        assert.deepEqual([sent.mimeType, sent.scalabilityMode], ['video/AV1', 'L1T3']);
        await showing(call.viewer, LARGE, (width) => width === 240);
        const some = await during(call.viewer);
        console.log(`    ${JSON.stringify(some)}`);
        assert.ok(some.frames >= 5, 'frames go on');
    });
});
