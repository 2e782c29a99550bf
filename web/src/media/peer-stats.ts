// SPDX-License-Identifier: Apache-2.0

// Reads a getStats report into plain numbers. Browsers differ in what they report; what is missing is null or 0.

import { SLOTS, type PeerPath, type Slot, type StreamTotals } from './types';

type Entry = Readonly<Record<string, unknown>>;

function num(entry: Entry | undefined, field: string): number {
    const value = entry?.[field];
    return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function text(entry: Entry | undefined, field: string): string | null {
    const value = entry?.[field];
    return typeof value === 'string' && value !== '' ? value : null;
}

/** One media section in one direction. */
export interface StreamSample {
    readonly packets: number;
    readonly bytes: number;
    readonly lost: number;
    readonly jitter_ms: number;
    readonly rtt_ms: number | null;
    readonly codec: string | null;
    readonly width: number;
    readonly height: number;
    readonly frames: number;
}

export interface PeerSample {
    readonly at_ms: number;
    readonly path: PeerPath | null;
    readonly rtt_ms: number | null;
    readonly sending: Readonly<Partial<Record<Slot, StreamSample>>>;
    readonly receiving: Readonly<Partial<Record<Slot, StreamSample>>>;
    readonly dtls_version: string | null;
    readonly dtls_cipher: string | null;
    readonly srtp_profile: string | null;
}

function pathOf(local: Entry | undefined, remote: Entry | undefined): PeerPath | null {
    const from = text(local, 'candidateType');
    const to = text(remote, 'candidateType');
    if (from === null) {
        return null;
    }
    if (from === 'relay' || to === 'relay') {
        return 'relay';
    }
    // The other side's peer-reflexive address is usually its host address, seen before its candidate arrived.
    return from === 'host' && to !== 'srflx' ? 'host' : 'srflx';
}

function selectedPair(entries: ReadonlyMap<string, Entry>): Entry | undefined {
    let fallback: Entry | undefined;
    for (const entry of entries.values()) {
        if (entry['type'] === 'transport') {
            const pair = entries.get(text(entry, 'selectedCandidatePairId') ?? '');
            if (pair !== undefined) {
                return pair;
            }
        }
        if (entry['type'] === 'candidate-pair' && entry['state'] === 'succeeded') {
            if (entry['selected'] === true) {
                return entry;
            }
            if (entry['nominated'] === true) {
                fallback = entry;
            }
        }
    }
    return fallback;
}

function codecOf(entries: ReadonlyMap<string, Entry>, stream: Entry): string | null {
    const mime = text(entries.get(text(stream, 'codecId') ?? ''), 'mimeType');
    return mime === null ? null : (mime.split('/')[1] ?? null);
}

function receivedStream(entries: ReadonlyMap<string, Entry>, entry: Entry): StreamSample {
    return {
        packets: num(entry, 'packetsReceived'),
        bytes: num(entry, 'bytesReceived'),
        lost: Math.max(0, num(entry, 'packetsLost')),
        jitter_ms: num(entry, 'jitter') * 1000,
        rtt_ms: null,
        codec: codecOf(entries, entry),
        width: num(entry, 'frameWidth'),
        height: num(entry, 'frameHeight'),
        frames: num(entry, 'framesDecoded'),
    };
}

function sentStream(entries: ReadonlyMap<string, Entry>, entry: Entry): StreamSample {
    const remote = entries.get(text(entry, 'remoteId') ?? '');
    return {
        packets: num(entry, 'packetsSent'),
        bytes: num(entry, 'bytesSent'),
        lost: Math.max(0, num(remote, 'packetsLost')),
        jitter_ms: num(remote, 'jitter') * 1000,
        rtt_ms: remote === undefined ? null : num(remote, 'roundTripTime') * 1000,
        codec: codecOf(entries, entry),
        width: num(entry, 'frameWidth'),
        height: num(entry, 'frameHeight'),
        frames: num(entry, 'framesEncoded'),
    };
}

/** Several encodings of one picture: together, and as large as the largest. */
function together(a: StreamSample | undefined, b: StreamSample): StreamSample {
    if (a === undefined) {
        return b;
    }
    const larger = b.width > a.width ? b : a;
    return {
        ...larger,
        packets: a.packets + b.packets,
        bytes: a.bytes + b.bytes,
        lost: a.lost + b.lost,
        jitter_ms: Math.max(a.jitter_ms, b.jitter_ms),
    };
}

/** The mids of the sections that are meant, in the order of SLOTS; null where there is none. */
export interface Mids {
    readonly sending: readonly (string | null)[];
    readonly receiving: readonly (string | null)[];
}

export function readStats(
    report: Iterable<readonly [string, unknown]>,
    mids: Mids,
    at_ms: number,
): PeerSample {
    const entries = new Map<string, Entry>();
    for (const [id, entry] of report) {
        entries.set(id, entry as Entry);
    }
    const sending: Partial<Record<Slot, StreamSample>> = {};
    const receiving: Partial<Record<Slot, StreamSample>> = {};
    for (const entry of entries.values()) {
        const mid = text(entry, 'mid') ?? '';
        if (entry['type'] === 'inbound-rtp') {
            const slot = SLOTS[mids.receiving.indexOf(mid)];
            if (slot !== undefined) {
                receiving[slot] = receivedStream(entries, entry);
            }
        } else if (entry['type'] === 'outbound-rtp') {
            const slot = SLOTS[mids.sending.indexOf(mid)];
            if (slot !== undefined) {
                sending[slot] = together(sending[slot], sentStream(entries, entry));
            }
        }
    }
    const pair = selectedPair(entries);
    const transport = [...entries.values()].find((entry) => entry['type'] === 'transport');
    const pairRtt = num(pair, 'currentRoundTripTime');
    return {
        at_ms,
        path: pathOf(
            entries.get(text(pair, 'localCandidateId') ?? ''),
            entries.get(text(pair, 'remoteCandidateId') ?? ''),
        ),
        rtt_ms: pairRtt > 0 ? pairRtt * 1000 : null,
        sending,
        receiving,
        dtls_version: text(transport, 'tlsVersion'),
        dtls_cipher: text(transport, 'dtlsCipher'),
        srtp_profile: text(transport, 'srtpCipher'),
    };
}

/** The sums of some sections, as the `stats` command reports them. */
export function totals(sample: PeerSample, slots: readonly Slot[]): StreamTotals {
    const out = slots.flatMap((slot) => sample.sending[slot] ?? []);
    const into = slots.flatMap((slot) => sample.receiving[slot] ?? []);
    const sum = (
        streams: readonly StreamSample[],
        pick: (stream: StreamSample) => number,
    ): number => streams.reduce((total, stream) => total + pick(stream), 0);
    return {
        packets_sent: sum(out, (stream) => stream.packets),
        packets_received: sum(into, (stream) => stream.packets),
        packets_lost: sum(into, (stream) => stream.lost),
        bytes_sent: sum(out, (stream) => stream.bytes),
        bytes_received: sum(into, (stream) => stream.bytes),
        jitter_ms: Math.max(0, ...into.map((stream) => stream.jitter_ms)),
        rtt_ms: sample.rtt_ms ?? Math.max(0, ...out.map((stream) => stream.rtt_ms ?? 0)),
    };
}
