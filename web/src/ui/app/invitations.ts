// SPDX-License-Identifier: Apache-2.0

// The link to pass on, kept for this window only: the server shows a link's address once and stores no copy of it.

const key = (entry: string) => `conclave.invitation.${entry}`;

/** `entry` is the token of the host's link, or the meeting's id for its owner. */
export function rememberInvitation(entry: string, url: string): void {
    try {
        window.sessionStorage.setItem(key(entry), url);
    } catch {
        // Without storage the link is lost on a reload; a new one can be made.
    }
}

export function recallInvitation(entry: string): string | null {
    try {
        return window.sessionStorage.getItem(key(entry));
    } catch {
        return null;
    }
}
