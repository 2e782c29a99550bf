// SPDX-License-Identifier: Apache-2.0

import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';

const READ_BYTES = 1024 * 1024;

/** A SHA-256 that takes its input bit by bit, which WebCrypto doesn't. */
export class RunningHash {
    private readonly hash = sha256.create();

    add(bytes: Uint8Array): void {
        this.hash.update(bytes);
    }

    /** In hexadecimal. The hash can't be used afterwards. */
    end(): string {
        return bytesToHex(this.hash.digest());
    }
}

export async function hashBlob(file: Blob): Promise<string> {
    const hash = new RunningHash();
    for (let at = 0; at < file.size; at += READ_BYTES) {
        hash.add(new Uint8Array(await file.slice(at, at + READ_BYTES).arrayBuffer()));
    }
    return hash.end();
}
