// SPDX-License-Identifier: Apache-2.0

// The three negotiated data channels of one peer connection.

import { CHANNELS, type ChannelName } from './types';

/** Below this the files channel asks for more. */
const LOW_WATER_BYTES = 128 * 1024;
/** Bytes beyond this on one channel belong into the sender's own queue … */
const HIGH_WATER_BYTES = 1024 * 1024;
/** … while messages, which are small, may still follow them. */
const MOST_QUEUED_BYTES = 4 * 1024 * 1024;

export interface PeerChannelEvents {
    open(channel: ChannelName): void;
    message(channel: ChannelName, data: string | ArrayBuffer): void;
    drained(channel: ChannelName): void;
    closed(channel: ChannelName): void;
}

export class PeerChannels {
    private readonly channels: ReadonlyMap<ChannelName, RTCDataChannel>;
    private readonly opened = new Set<ChannelName>();

    constructor(
        connection: RTCPeerConnection,
        private readonly events: PeerChannelEvents,
    ) {
        this.channels = new Map(
            CHANNELS.map((name, id) => {
                const channel = connection.createDataChannel(name, { negotiated: true, id });
                this.wire(name, channel);
                return [name, channel];
            }),
        );
    }

    isOpen(name: ChannelName): boolean {
        return this.channels.get(name)?.readyState === 'open';
    }

    buffered(name: ChannelName): number {
        return this.channels.get(name)?.bufferedAmount ?? 0;
    }

    send(name: ChannelName, data: string | ArrayBuffer): boolean {
        const channel = this.channels.get(name);
        const most = typeof data === 'string' ? MOST_QUEUED_BYTES : HIGH_WATER_BYTES;
        if (channel?.readyState !== 'open' || channel.bufferedAmount > most) {
            return false;
        }
        try {
            if (typeof data === 'string') {
                channel.send(data);
            } else {
                channel.send(data);
            }
            return true;
        } catch {
            return false;
        }
    }

    /** Tells of every open channel that it is closed, and falls silent. */
    close(): void {
        for (const [name, channel] of this.channels) {
            channel.onopen = channel.onclose = channel.onmessage = null;
            channel.onbufferedamountlow = null;
            channel.close();
            this.noteClosed(name);
        }
    }

    private wire(name: ChannelName, channel: RTCDataChannel): void {
        channel.binaryType = 'arraybuffer';
        channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
        channel.onopen = () => {
            this.opened.add(name);
            this.events.open(name);
        };
        channel.onclose = () => this.noteClosed(name);
        channel.onmessage = (event: MessageEvent<unknown>) => {
            const { data } = event;
            if (typeof data === 'string' || data instanceof ArrayBuffer) {
                this.events.message(name, data);
            }
        };
        channel.onbufferedamountlow = () => this.events.drained(name);
    }

    private noteClosed(name: ChannelName): void {
        if (this.opened.delete(name)) {
            this.events.closed(name);
        }
    }
}
