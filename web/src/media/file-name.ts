// SPDX-License-Identifier: Apache-2.0

const MOST_CHARACTERS = 120;
const LONGEST_EXTENSION = 12;
/** Names that mean a device to Windows, with or without an extension. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;
/** Control characters, those that turn the direction of text around, invisible ones, and what some file system forbids. */
const FORBIDDEN =
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb/\\:*?"<>|]/g;

/** A name chosen by somebody else, made safe to show and to save under: never a path, never empty. */
export function safeFileName(name: string): string {
    const cleaned = name
        .normalize('NFC')
        .replace(FORBIDDEN, '_')
        .replace(/^[.\s]+|[.\s]+$/g, '');
    if (cleaned === '') {
        return 'file';
    }
    const named = RESERVED.test(cleaned) ? `_${cleaned}` : cleaned;
    const characters = [...named];
    if (characters.length <= MOST_CHARACTERS) {
        return named;
    }
    const dot = characters.lastIndexOf('.');
    const extension = dot > 0 ? characters.slice(dot) : [];
    const kept = extension.length <= LONGEST_EXTENSION ? extension : [];
    return [...characters.slice(0, MOST_CHARACTERS - kept.length), ...kept].join('');
}
