// SPDX-License-Identifier: Apache-2.0

// What the client's pages say, by key: tests name what they mean, and go on working when the wording is improved.

import { readFileSync } from 'node:fs';

const locales = new URL('../../../web/src/i18n/locales/en/', import.meta.url);
const catalogues = new Map();

function catalogue(name) {
    if (!catalogues.has(name)) {
        catalogues.set(name, JSON.parse(readFileSync(new URL(`${name}.json`, locales), 'utf8')));
    }
    return catalogues.get(name);
}

function lookUp(key) {
    const [name, path] = key.split(':');
    let node = catalogue(name);
    for (const step of path.split('.')) {
        node = node?.[step];
    }
    return typeof node === 'string' ? node : undefined;
}

/** The text of `catalogue:path`, with its {{values}} put in. */
export function text(key, values = {}) {
    const plural = values.count === 1 ? 'one' : 'other';
    const found = lookUp(key) ?? lookUp(`${key}_${plural}`);
    if (found === undefined) {
        throw new Error(`the client has no text ${key}`);
    }
    return found.replace(/\{\{(\w+)\}\}/g, (_all, name) => String(values[name]));
}
