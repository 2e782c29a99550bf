// SPDX-License-Identifier: Apache-2.0

export type Piece =
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'link'; readonly text: string; readonly href: string };

const ADDRESS = /https?:\/\/[^\s<>"'`]+/giu;
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

/** Where the address ends and the sentence around it goes on: ". " and ")" are rarely part of it. */
function trimEnd(address: string): string {
    let end = address.length;
    for (;;) {
        const last = address[end - 1] ?? '';
        const opening = CLOSING[last];
        const inside = address.slice(0, end - 1);
        const unmatched = opening !== undefined && !inside.includes(opening);
        if (/[.,;:!?…]/u.test(last) || unmatched) end -= 1;
        else return address.slice(0, end);
    }
}

/** The address in the form that will be asked for: no odd letters in its host, no name and password before it. */
function safeHref(address: string): string | null {
    try {
        const url = new URL(address);
        const web = url.protocol === 'http:' || url.protocol === 'https:';
        return web && url.username === '' && url.password === '' ? url.href : null;
    } catch {
        return null;
    }
}

/** Splits a message into plain text and addresses of web pages; nothing else ever becomes a link. */
export function linkify(text: string): readonly Piece[] {
    const pieces: Piece[] = [];
    let done = 0;
    for (const match of text.matchAll(ADDRESS)) {
        const address = trimEnd(match[0]);
        const href = safeHref(address);
        if (href === null) continue;
        if (match.index > done) pieces.push({ kind: 'text', text: text.slice(done, match.index) });
        pieces.push({ kind: 'link', text: address, href });
        done = match.index + address.length;
    }
    if (done < text.length) pieces.push({ kind: 'text', text: text.slice(done) });
    return pieces;
}
