// SPDX-License-Identifier: Apache-2.0

import { Store } from './store';
import type { Settings, SettingsModel } from './views';

const KEY = 'conclave.settings';

export const DEFAULT_SETTINGS: Settings = {
    theme: 'system',
    language: null,
    microphone: null,
    camera: null,
    speaker: null,
    push_to_talk: false,
    push_to_talk_key: 'Space',
    start_muted: false,
    start_camera_off: false,
    hide_address: false,
};

export type KeyValue = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

function text(value: unknown): string | null {
    return typeof value === 'string' && value.length <= 256 ? value : null;
}

/** Takes what is usable of something that was stored, perhaps by another version. */
function read(stored: string | null): Settings {
    let value: unknown;
    try {
        value = JSON.parse(stored ?? '{}');
    } catch {
        return DEFAULT_SETTINGS;
    }
    if (typeof value !== 'object' || value === null) {
        return DEFAULT_SETTINGS;
    }
    const fields = value as Readonly<Record<string, unknown>>;
    const { theme } = fields;
    return {
        theme: theme === 'light' || theme === 'dark' ? theme : 'system',
        language: text(fields['language']),
        microphone: text(fields['microphone']),
        camera: text(fields['camera']),
        speaker: text(fields['speaker']),
        push_to_talk: fields['push_to_talk'] === true,
        push_to_talk_key: text(fields['push_to_talk_key']) ?? DEFAULT_SETTINGS.push_to_talk_key,
        start_muted: fields['start_muted'] === true,
        start_camera_off: fields['start_camera_off'] === true,
        hide_address: fields['hide_address'] === true,
    };
}

/** Choices about this browser, kept in it. Nothing in them is about a person or a meeting. */
export class LocalSettings implements SettingsModel {
    readonly settings: Store<Settings>;

    constructor(private readonly storage: KeyValue) {
        let stored: string | null = null;
        try {
            stored = storage.getItem(KEY);
        } catch {
            // The browser keeps nothing for this page: the defaults then, every time.
        }
        this.settings = new Store(read(stored));
    }

    change(change: Partial<Settings>): void {
        this.settings.update((settings) => ({ ...settings, ...change }));
        try {
            this.storage.setItem(KEY, JSON.stringify(this.settings.getSnapshot()));
        } catch {
            // As above; the change holds until the page is left.
        }
    }
}
