// SPDX-License-Identifier: Apache-2.0

// One RTCPeerConnection to the server's relay: four sending sections, then the slots, all in one offer. Who is seen and heard
// in which slot changes without another negotiation; an offer on the same connection is always an ICE restart.

import { Negotiated } from './negotiated';
import { browserCodecs, preferCodecs } from './relay-codecs';
import type { SlotCounts } from './relay-types';
import { SLOTS, type PeerState, type Slot } from './types';

/** Smallest first, as the server counts them. What is too much for a connection is left out from the end. */
const CAMERA_ENCODINGS: readonly RTCRtpEncodingParameters[] = [
    { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
    { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
    { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];
const SCREEN_BPS = 2_500_000;

export interface RelayLinkEvents {
    offer(sdp: string): void;
    /** The sections have their names: they can be spoken of. */
    named(): void;
    /** The server has answered: slots may be asked for, while the browser takes the answer in. */
    answered(): void;
    state(state: PeerState): void;
}

export interface RelayLinkOptions {
    readonly session: string;
    readonly counts: SlotCounts;
    /** What is being sent now. */
    readonly tracks: ReadonlyMap<Slot, MediaStreamTrack | null>;
}

export class RelayLink extends Negotiated {
    /** When the connection came up, in milliseconds since 1970. */
    since_ms: number | null = null;
    state: PeerState = 'connecting';
    private readonly sending = new Map<Slot, RTCRtpTransceiver>();
    private readonly receiving: { audio: RTCRtpTransceiver[]; video: RTCRtpTransceiver[] };
    private hasAnswer = false;
    private readonly codecs = { audio: browserCodecs('audio'), video: browserCodecs('video') };

    constructor(
        private readonly options: RelayLinkOptions,
        private readonly events: RelayLinkEvents,
    ) {
        // The relay is reached at an address of its own: nothing is to be found out about ours.
        const configuration = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' } as const;
        super(options.session, new RTCPeerConnection(configuration));
        this.connection.onconnectionstatechange = () => this.follow();
        this.addSending();
        const { audio, video } = options.counts;
        this.receiving = {
            audio: this.addSlots('audio', audio),
            video: this.addSlots('video', video),
        };
        this.enqueue(() => this.offer(false));
    }

    override get answered(): boolean {
        return this.hasAnswer;
    }

    answer(sdp: string): void {
        this.hasAnswer = true;
        this.events.answered();
        this.enqueue(async () => {
            if (this.connection.signalingState === 'have-local-offer') {
                await this.connection.setRemoteDescription({ type: 'answer', sdp });
            }
        });
    }

    /** Another network: finds the relay from there, and goes on. */
    restart(): void {
        if (this.answered) {
            this.enqueue(() => this.offer(true));
        }
    }

    setTrack(slot: Slot, track: MediaStreamTrack | null): void {
        this.replace(this.sending.get(slot), track);
    }

    /** Encodes what somebody looks at, and nothing else. */
    encode(camera: readonly string[], screen: boolean): void {
        this.enqueue(async () => {
            await this.activate('camera', ({ rid }) => camera.includes(rid ?? ''));
            await this.activate('screen', () => screen);
        });
    }

    /** The names of the sending sections, in the order of SLOTS. */
    sendingMids(): readonly (string | null)[] {
        return SLOTS.map((slot) => this.sending.get(slot)?.mid ?? null);
    }

    /** The names of the video slots; empty before there is an offer. */
    videoMids(): readonly string[] {
        return this.receiving.video.flatMap(({ mid }) => mid ?? []);
    }

    videoTrack(mid: string): MediaStreamTrack | null {
        return this.receiving.video.find((slot) => slot.mid === mid)?.receiver.track ?? null;
    }

    audioTracks(): readonly MediaStreamTrack[] {
        return this.receiving.audio.map(({ receiver }) => receiver.track);
    }

    /** How loud a slot is right now, 0 to 1. */
    audioLevel(mid: string): number {
        const slot = this.receiving.audio.find((each) => each.mid === mid);
        const [source] = slot?.receiver.getSynchronizationSources() ?? [];
        return source?.audioLevel ?? 0;
    }

    async stats(): Promise<ReadonlyMap<string, unknown>> {
        const report = await this.connection.getStats();
        return new Map(report as unknown as Iterable<[string, unknown]>);
    }

    close(): void {
        this.ended = true;
        this.connection.onconnectionstatechange = null;
        this.connection.close();
        this.state = 'closed';
    }

    private addSending(): void {
        const person = new MediaStream();
        const screen = new MediaStream();
        const add = (
            slot: Slot,
            kind: 'audio' | 'video',
            stream: MediaStream,
            sendEncodings?: readonly RTCRtpEncodingParameters[],
        ): void => {
            const transceiver = this.connection.addTransceiver(
                this.options.tracks.get(slot) ?? kind,
                {
                    direction: 'sendonly',
                    streams: [stream],
                    ...(sendEncodings === undefined
                        ? {}
                        : { sendEncodings: sendEncodings.map((encoding) => ({ ...encoding })) }),
                },
            );
            preferCodecs(transceiver, this.codecs[kind]);
            this.sending.set(slot, transceiver);
        };
        add('microphone', 'audio', person);
        add('camera', 'video', person, CAMERA_ENCODINGS);
        add('screen', 'video', screen, [{ maxBitrate: SCREEN_BPS }]);
        add('screen-sound', 'audio', screen);
    }

    private addSlots(kind: 'audio' | 'video', count: number): RTCRtpTransceiver[] {
        return Array.from({ length: count }, () => {
            const transceiver = this.connection.addTransceiver(kind, { direction: 'recvonly' });
            preferCodecs(transceiver, this.codecs[kind]);
            return transceiver;
        });
    }

    private async offer(iceRestart: boolean): Promise<void> {
        await this.describeOurselves(iceRestart);
        this.events.named();
        // The server is ICE-lite and learns our address from the checks: it needs no candidates.
        this.events.offer(this.localSdp ?? '');
    }

    private async activate(
        slot: Slot,
        wanted: (encoding: RTCRtpEncodingParameters) => boolean,
    ): Promise<void> {
        const sender = this.sending.get(slot)?.sender;
        const parameters = sender?.getParameters();
        if (sender === undefined || parameters === undefined) {
            return;
        }
        let changed = false;
        for (const encoding of parameters.encodings) {
            const active = wanted(encoding);
            changed ||= active !== (encoding.active ?? true);
            encoding.active = active;
        }
        if (changed) {
            await sender.setParameters(parameters);
        }
    }

    private follow(): void {
        const { connectionState } = this.connection;
        this.state = connectionState === 'new' ? 'connecting' : connectionState;
        if (this.state === 'connected') {
            this.since_ms ??= Date.now();
        }
        this.events.state(this.state);
    }
}
