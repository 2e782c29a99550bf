// SPDX-License-Identifier: Apache-2.0

// What goes over the files channel.
//
//   sender                                                    receiver
//   {"t":"offer","id":…,"n":1,"name":…,"size":…,"type":…,"scope":…}
//                                                             {"t":"accept","id":…,"offset":0}   or   {"t":"decline","id":…}
//   binary: n (u32) · offset (f64) · bytes                    {"t":"ack","id":…,"offset":…}   every so many bytes
//   {"t":"end","id":…,"sha256":…}                             {"t":"result","id":…,"ok":true}
//
// Either side may say {"t":"pause"} or {"t":"cancel"}; the sender goes on after its own pause by itself, and after the
// receiver's with the next `accept`. After a reconnection the sender offers again, under the same id, whatever isn't
// finished, and then says {"t":"ready"}: what it didn't name it no longer has. The receiver accepts from the offset it has
// reached.

import { MAX_FILE_BYTES, type FileScope } from './file-types';
import { countField, idField, parseFields, stringField } from './wire';

export const CHUNK_BYTES = 32 * 1024;
/** The receiver says how far it is this often. */
export const ACK_EVERY_BYTES = 512 * 1024;
/** The sender is never further ahead of what the receiver has written than this. */
export const WINDOW_BYTES = 8 * 1024 * 1024;

const HEADER_BYTES = 12;
const MOST_FRAME_LENGTH = 4096;

export type FileMessage =
    | {
          readonly t: 'offer';
          readonly id: string;
          readonly n: number;
          readonly name: string;
          readonly size: number;
          readonly type: string;
          readonly scope: FileScope;
      }
    | { readonly t: 'accept' | 'ack'; readonly id: string; readonly offset: number }
    | { readonly t: 'decline' | 'pause' | 'cancel'; readonly id: string }
    | { readonly t: 'end'; readonly id: string; readonly sha256: string }
    | { readonly t: 'result'; readonly id: string; readonly ok: boolean }
    | { readonly t: 'ready' };

export function parseFileMessage(text: string): FileMessage | null {
    const fields = parseFields(text, MOST_FRAME_LENGTH);
    if (fields === null) {
        return null;
    }
    const { t } = fields;
    if (t === 'ready') {
        return { t };
    }
    const id = idField(fields, 'id');
    if (id === null) {
        return null;
    }
    switch (t) {
        case 'offer': {
            const n = countField(fields, 'n', 0xffffffff);
            const name = stringField(fields, 'name', 1024);
            const size = countField(fields, 'size', MAX_FILE_BYTES);
            const type = stringField(fields, 'type', 128);
            const { scope } = fields;
            if (n === null || name === null || size === null || type === null) {
                return null;
            }
            return scope === 'group' || scope === 'private'
                ? { t, id, n, name, size, type, scope }
                : null;
        }
        case 'accept':
        case 'ack': {
            const offset = countField(fields, 'offset', MAX_FILE_BYTES);
            return offset === null ? null : { t, id, offset };
        }
        case 'decline':
        case 'pause':
        case 'cancel':
            return { t, id };
        case 'end': {
            const sha256 = stringField(fields, 'sha256', 64);
            return sha256 !== null && /^[0-9a-f]{64}$/.test(sha256) ? { t, id, sha256 } : null;
        }
        case 'result':
            return typeof fields['ok'] === 'boolean' ? { t, id, ok: fields['ok'] } : null;
        default:
            return null;
    }
}

export function packChunk(n: number, offset: number, bytes: Uint8Array): ArrayBuffer {
    const frame = new Uint8Array(HEADER_BYTES + bytes.length);
    const header = new DataView(frame.buffer);
    header.setUint32(0, n);
    header.setFloat64(4, offset);
    frame.set(bytes, HEADER_BYTES);
    return frame.buffer;
}

export interface Chunk {
    readonly n: number;
    readonly offset: number;
    readonly bytes: ArrayBuffer;
}

export function unpackChunk(frame: ArrayBuffer): Chunk | null {
    if (frame.byteLength <= HEADER_BYTES) {
        return null;
    }
    const header = new DataView(frame);
    return {
        n: header.getUint32(0),
        offset: header.getFloat64(4),
        bytes: frame.slice(HEADER_BYTES),
    };
}
