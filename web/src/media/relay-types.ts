// SPDX-License-Identifier: Apache-2.0

// What a client and the server's relay say to each other through signalling (docs/protocol.md, "Relayed calls").

import type { Picture, PeerId, Slot } from './types';

export interface WantedSlot {
    readonly mid: string;
    readonly participant: PeerId;
    readonly source: Picture;
    readonly width: number;
    readonly height: number;
    readonly stage: boolean;
}

export interface FedSlot {
    readonly mid: string;
    readonly participant: PeerId | null;
    readonly source: Slot;
    readonly state: 'off' | 'live' | 'starved';
}

export type PassChannel = 'control' | 'chat';

/** The most that the server passes on at a time, in bytes of UTF-8. */
export const MAX_PASS_BYTES = 8 * 1024;

export type RelayCommand =
    | {
          readonly type: 'relay';
          readonly session: string;
          readonly description: { readonly type: 'offer'; readonly sdp: string };
      }
    | { readonly type: 'want'; readonly session: string; readonly slots: readonly WantedSlot[] }
    | {
          readonly type: 'pass';
          readonly to: PeerId;
          readonly channel: PassChannel;
          readonly data: string;
      };

export type RelayMessage =
    | {
          readonly type: 'relay';
          readonly session: string;
          readonly description: { readonly sdp: string };
      }
    | {
          readonly type: 'relay_gone';
          readonly session: string;
          readonly code: 'bad-offer' | 'full' | 'lost';
      }
    | { readonly type: 'slots'; readonly session: string; readonly slots: readonly FedSlot[] }
    | {
          readonly type: 'watched';
          readonly session: string;
          readonly camera: readonly string[];
          readonly screen: boolean;
      }
    | {
          readonly type: 'passed';
          readonly from: PeerId;
          readonly channel: PassChannel;
          readonly data: string;
      };

/** How many of the others can be heard and seen at a time. */
export interface SlotCounts {
    readonly audio: number;
    readonly video: number;
}
