// SPDX-License-Identifier: Apache-2.0

import type { PeerSample } from './peer-stats';
import type { SecurityFacts } from './types';

/** The first fingerprint in a description, such as `sha-256 AB:CD:…`. */
export function fingerprintOf(sdp: string | undefined): string | null {
    const found = /^a=fingerprint:(\S+) ([0-9A-Fa-f:]+)\s*$/m.exec(sdp ?? '');
    return found === null ? null : `${found[1]} ${found[2]?.toUpperCase()}`;
}

/** The version number in a DTLS record (RFC 6347, RFC 9147), in hexadecimal as getStats gives it. */
function dtlsName(version: string | null): string | null {
    switch (version?.toUpperCase()) {
        case 'FEFF':
            return 'DTLS 1.0';
        case 'FEFD':
            return 'DTLS 1.2';
        case 'FEFC':
            return 'DTLS 1.3';
        default:
            return null;
    }
}

export function securityFacts(
    sample: PeerSample,
    local: string | undefined,
    remote: string | undefined,
    since_ms: number,
): SecurityFacts {
    return {
        dtls: dtlsName(sample.dtls_version),
        cipher: sample.dtls_cipher,
        srtp: sample.srtp_profile,
        local_fingerprint: fingerprintOf(local),
        remote_fingerprint: fingerprintOf(remote),
        since_ms,
    };
}
