// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { readStats, totals } from './peer-stats';
import { gradeOf, QualityMeter } from './quality';
import { fingerprintOf, securityFacts } from './security-facts';

/** A report as Chromium gives it, after some seconds. */
function report(seconds: number, over: Record<string, Record<string, unknown>> = {}) {
    const entries: Record<string, Record<string, unknown>> = {
        T: {
            type: 'transport',
            selectedCandidatePairId: 'P',
            tlsVersion: 'FEFC',
            dtlsCipher: 'TLS_AES_128_GCM_SHA256',
            srtpCipher: 'SRTP_AEAD_AES_128_GCM',
        },
        P: {
            type: 'candidate-pair',
            state: 'succeeded',
            localCandidateId: 'L',
            remoteCandidateId: 'R',
            currentRoundTripTime: 0.02,
        },
        L: { type: 'local-candidate', candidateType: 'host' },
        R: { type: 'remote-candidate', candidateType: 'prflx' },
        C: { type: 'codec', mimeType: 'video/VP8' },
        IV: {
            type: 'inbound-rtp',
            mid: '1',
            codecId: 'C',
            packetsReceived: 100 * seconds,
            packetsLost: 0,
            bytesReceived: 125_000 * seconds,
            jitter: 0.004,
            frameWidth: 640,
            frameHeight: 360,
            framesDecoded: 30 * seconds,
        },
        OA: {
            type: 'outbound-rtp',
            mid: '0',
            packetsSent: 50 * seconds,
            bytesSent: 4000 * seconds,
            remoteId: 'RA',
        },
        RA: { type: 'remote-inbound-rtp', packetsLost: 0, jitter: 0.001, roundTripTime: 0.03 },
        X: { type: 'inbound-rtp', mid: '9', packetsReceived: 1 },
    };
    for (const [id, fields] of Object.entries(over)) {
        entries[id] = { ...entries[id], ...fields };
    }
    const mids = ['0', '1', '2', '3'];
    return readStats(Object.entries(entries), { sending: mids, receiving: mids }, seconds * 1000);
}

describe('reading statistics', () => {
    it('sorts streams by the section they belong to', () => {
        const sample = report(2);
        expect(sample.receiving.camera).toMatchObject({ packets: 200, codec: 'VP8', frames: 60 });
        expect(sample.sending.microphone).toMatchObject({ packets: 100, rtt_ms: 30 });
        expect(Object.keys(sample.receiving)).toEqual(['camera']);
    });

    it.each([
        ['host', 'host', 'host'],
        ['host', 'prflx', 'host'],
        ['host', 'srflx', 'srflx'],
        ['srflx', 'host', 'srflx'],
        ['relay', 'host', 'relay'],
        ['host', 'relay', 'relay'],
    ])('calls %s to %s a path over %s', (local, remote, path) => {
        const sample = report(1, { L: { candidateType: local }, R: { candidateType: remote } });
        expect(sample.path).toBe(path);
    });

    it('finds the pair without a transport, as in Firefox', () => {
        const sample = report(1, { T: { type: 'none' }, P: { selected: true } });
        expect(sample.path).toBe('host');
        expect(sample.rtt_ms).toBe(20);
    });

    it('adds up what the stats command reports', () => {
        expect(totals(report(2), ['camera', 'screen'])).toEqual({
            packets_sent: 0,
            packets_received: 200,
            packets_lost: 0,
            bytes_sent: 0,
            bytes_received: 250_000,
            jitter_ms: 4,
            rtt_ms: 20,
        });
    });
});

describe('quality', () => {
    it('gives rates over the interval', () => {
        const meter = new QualityMeter();
        meter.take(report(1), true);
        const quality = meter.take(report(3), true);
        expect(quality).toMatchObject({ grade: 4, path: 'host', rtt_ms: 20, loss: 0 });
        expect(quality.receiving.video).toEqual({
            codec: 'VP8',
            width: 640,
            height: 360,
            fps: 30,
            bitrate_bps: 1_000_000,
        });
        expect(quality.receiving.screen).toBeNull();
    });

    it('sinks with loss and comes back', () => {
        const meter = new QualityMeter();
        meter.take(report(1), true);
        const lossy = meter.take(
            report(2, { IV: { packetsReceived: 160, packetsLost: 40 } }),
            true,
        );
        expect(lossy.loss).toBeCloseTo(0.2);
        expect(lossy.grade).toBe(1);
        let grade = 0;
        for (let second = 3; second < 10; second++) {
            const over = { IV: { packetsReceived: second * 100 - 40, packetsLost: 40 } };
            ({ grade } = meter.take(report(second, over), true));
        }
        expect(grade).toBe(4);
    });

    it('is bad while the connection is down', () => {
        expect(new QualityMeter().take(report(1), false).grade).toBe(1);
    });

    it.each([
        [50, 0, 5, 4],
        [300, 0, 5, 3],
        [50, 0.03, 5, 3],
        [50, 0, 100, 2],
        [600, 0.08, 5, 2],
        [1000, 0, 5, 1],
        [50, 0.3, 5, 1],
    ])('grades %i ms, %d loss, %i ms jitter as %i', (rtt, loss, jitter, grade) => {
        expect(gradeOf(rtt, loss, jitter)).toBe(grade);
    });
});

describe('security facts', () => {
    it('come from the statistics and the descriptions', () => {
        const sdp =
            'v=0\r\na=fingerprint:sha-256 ab:CD:01\r\nm=audio\r\na=fingerprint:sha-256 00\r\n';
        expect(fingerprintOf(sdp)).toBe('sha-256 AB:CD:01');
        expect(fingerprintOf('v=0')).toBeNull();
        expect(securityFacts(report(1), sdp, undefined, 5)).toEqual({
            dtls: 'DTLS 1.3',
            cipher: 'TLS_AES_128_GCM_SHA256',
            srtp: 'SRTP_AEAD_AES_128_GCM',
            local_fingerprint: 'sha-256 AB:CD:01',
            remote_fingerprint: null,
            since_ms: 5,
        });
    });
});
