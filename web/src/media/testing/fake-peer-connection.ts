// SPDX-License-Identifier: Apache-2.0

// As much of an RTCPeerConnection as a session needs to be tested without a browser: sections get their names with the first
// description, and the test decides when a connection is up and what its statistics say.

import { vi } from 'vitest';

type Encoding = RTCRtpEncodingParameters;

export class FakeMediaTrack {
    static last_id = 0;
    readonly id = `remote-${++FakeMediaTrack.last_id}`;

    constructor(readonly kind: string) {}
}

class FakeSender {
    track: unknown = null;
    parameters: { encodings: Encoding[] };

    constructor(encodings: readonly Encoding[]) {
        this.parameters = { encodings: encodings.map((each) => ({ ...each })) };
    }

    getParameters(): { encodings: Encoding[] } {
        return structuredClone(this.parameters);
    }

    setParameters(parameters: { encodings: Encoding[] }): Promise<void> {
        this.parameters = structuredClone(parameters);
        return Promise.resolve();
    }

    replaceTrack(track: unknown): Promise<void> {
        this.track = track;
        return Promise.resolve();
    }

    setStreams(): void {}
}

export class FakeTransceiver {
    mid: string | null = null;
    readonly sender: FakeSender;
    readonly receiver: {
        readonly track: FakeMediaTrack;
        getSynchronizationSources: () => { audioLevel: number }[];
    };
    level = 0;

    constructor(
        readonly kind: string,
        readonly direction: string,
        encodings: readonly Encoding[],
    ) {
        this.sender = new FakeSender(encodings);
        this.receiver = {
            track: new FakeMediaTrack(kind),
            getSynchronizationSources: () => [{ audioLevel: this.level }],
        };
    }

    setCodecPreferences(): void {}
}

export class FakePeerConnection {
    static all: FakePeerConnection[] = [];
    readonly transceivers: FakeTransceiver[] = [];
    readonly restarts: boolean[] = [];
    connectionState = 'new';
    signalingState = 'stable';
    localDescription: { type: string; sdp: string } | null = null;
    remoteDescription: { type: string; sdp: string } | null = null;
    onconnectionstatechange: (() => void) | null = null;
    onicecandidate: ((event: { candidate: RTCIceCandidateInit | null }) => void) | null = null;
    /** What getStats gives: entries by id. */
    stats: Record<string, Record<string, unknown>> = {};

    constructor() {
        FakePeerConnection.all.push(this);
    }

    static last(): FakePeerConnection {
        const last = FakePeerConnection.all.at(-1);
        if (last === undefined) {
            throw new Error('no connection');
        }
        return last;
    }

    private restarting = false;

    addTransceiver(
        trackOrKind: string | { readonly kind: string },
        init: { direction: string; sendEncodings?: Encoding[] },
    ): FakeTransceiver {
        const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
        const made = new FakeTransceiver(kind, init.direction, init.sendEncodings ?? [{}]);
        this.transceivers.push(made);
        return made;
    }

    createDataChannel(label: string): { label: string; readyState: string; close(): void } {
        return { label, readyState: 'connecting', close: () => undefined };
    }

    restartIce(): void {
        this.restarting = true;
    }

    /** Makes an offer by itself, as nothing is given. */
    setLocalDescription(): Promise<void> {
        this.restarts.push(this.restarting);
        this.restarting = false;
        this.localDescription = { type: 'offer', sdp: `offer ${this.restarts.length}` };
        this.signalingState = 'have-local-offer';
        this.transceivers.forEach((transceiver, i) => {
            transceiver.mid = String(i);
        });
        return Promise.resolve();
    }

    setRemoteDescription(description: { type: string; sdp: string }): Promise<void> {
        this.remoteDescription = description;
        this.signalingState = 'stable';
        return Promise.resolve();
    }

    getStats(): Promise<Map<string, unknown>> {
        return Promise.resolve(new Map(Object.entries(this.stats)));
    }

    close(): void {
        this.connectionState = 'closed';
    }

    // what the test does

    find(candidate: string): void {
        this.onicecandidate?.({ candidate: { candidate, sdpMid: '0' } });
    }

    become(state: string): void {
        this.connectionState = state;
        this.onconnectionstatechange?.();
    }
}

/** Lets what is queued in promises happen. */
export async function settled(): Promise<void> {
    await vi.advanceTimersByTimeAsync(0);
}

export function installFakePeerConnection(): void {
    FakePeerConnection.all = [];
    vi.stubGlobal('RTCPeerConnection', FakePeerConnection);
    vi.stubGlobal('RTCRtpReceiver', { getCapabilities: () => ({ codecs: [] }) });
    vi.stubGlobal(
        'MediaStream',
        class {
            readonly fake = true;
        },
    );
}
