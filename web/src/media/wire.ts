// SPDX-License-Identifier: Apache-2.0

// What the data channels carry is written by another participant's browser: looked at closely before it is used.

export type Fields = Readonly<Record<string, unknown>>;

/** A JSON object of at most `most` characters, or null. */
export function parseFields(text: string, most: number): Fields | null {
    if (text.length > most) {
        return null;
    }
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === 'object' && value !== null && !Array.isArray(value)
            ? (value as Fields)
            : null;
    } catch {
        return null;
    }
}

export function stringField(fields: Fields, name: string, most: number): string | null {
    const value = fields[name];
    return typeof value === 'string' && value.length <= most ? value : null;
}

export function countField(fields: Fields, name: string, most: number): number | null {
    const value = fields[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most
        ? value
        : null;
}

const ID = /^[0-9a-f]{16,32}$/;

export function idField(fields: Fields, name: string): string | null {
    const value = stringField(fields, name, 32);
    return value !== null && ID.test(value) ? value : null;
}

/** 96 random bits in hexadecimal. */
export function newId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
