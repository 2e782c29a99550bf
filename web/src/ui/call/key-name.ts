// SPDX-License-Identifier: Apache-2.0

/** What is printed on the key of a KeyboardEvent.code, near enough. */
export function keyName(code: string, space: string): string {
    if (code === 'Space') return space;
    return code.replace(/^(Key|Digit)/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
}
