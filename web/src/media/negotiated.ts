// SPDX-License-Identifier: Apache-2.0

// What the connection to a peer and the one to the relay have in common. Descriptions of both directions go through one queue:
// none overtakes another, and the signalling state is settled whenever the next one is looked at.

export abstract class Negotiated {
    protected ended = false;
    private queue: Promise<void> = Promise.resolve();
    private queued = 0;

    protected constructor(
        readonly session: string,
        protected readonly connection: RTCPeerConnection,
    ) {}

    /** Whether the other side has taken part in this connection at all. */
    get answered(): boolean {
        return this.connection.remoteDescription !== null;
    }

    get localSdp(): string | undefined {
        return this.connection.localDescription?.sdp;
    }

    get remoteSdp(): string | undefined {
        return this.connection.remoteDescription?.sdp;
    }

    /** What finds the queue empty begins at once: the page is drawn beside it, not before it. */
    protected enqueue(task: () => Promise<void>): void {
        const done = this.queued === 0 ? this.run(task) : this.queue.then(() => this.run(task));
        this.queued += 1;
        this.queue = done.then(() => {
            this.queued -= 1;
        });
    }

    private async run(task: () => Promise<void>): Promise<void> {
        if (!this.ended) {
            // What the other side sent made no sense to the browser, or the connection was closed under it. Whoever made this
            // connection waits for it to come up, and tries anew.
            await task().catch(() => undefined);
        }
    }

    /** Makes an offer and takes it for ours; with new candidates if `iceRestart`. */
    protected async describeOurselves(iceRestart: boolean): Promise<void> {
        if (iceRestart) {
            this.connection.restartIce();
        }
        await this.connection.setLocalDescription();
    }

    /** What is sent from now on. Refused only when the connection was closed meanwhile. */
    protected replace(
        transceiver: RTCRtpTransceiver | undefined,
        track: MediaStreamTrack | null,
    ): void {
        transceiver?.sender.replaceTrack(track).catch(() => undefined);
    }
}
