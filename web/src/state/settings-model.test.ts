// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { forgetPlace, keepPlace, recallPlace, type Place } from './place';
import { LocalSettings } from './settings-model';
import { MemoryStorage } from './testing/fake-browser';

const broken = {
    getItem: (): never => {
        throw new DOMException('', 'SecurityError');
    },
    setItem: (): never => {
        throw new DOMException('', 'QuotaExceededError');
    },
    removeItem: (): never => {
        throw new DOMException('', 'SecurityError');
    },
};

describe('settings', () => {
    it('survive a reload', () => {
        const storage = new MemoryStorage();
        new LocalSettings(storage).change({ theme: 'dark', microphone: 'mic-2' });
        expect(new LocalSettings(storage).settings.getSnapshot()).toMatchObject({
            theme: 'dark',
            microphone: 'mic-2',
            push_to_talk_key: 'Space',
        });
    });

    it.each(['', '{', 'null', '7', '[]', '{"theme":"neon","microphone":7,"push_to_talk":"yes"}'])(
        'are the defaults where %j was stored',
        (stored) => {
            const storage = new MemoryStorage();
            storage.setItem('conclave.settings', stored);
            expect(new LocalSettings(storage).settings.getSnapshot()).toEqual(
                new LocalSettings(new MemoryStorage()).settings.getSnapshot(),
            );
        },
    );

    it('hold until the end of the page where nothing can be stored', () => {
        const settings = new LocalSettings(broken);
        settings.change({ theme: 'light' });
        expect(settings.settings.getSnapshot().theme).toBe('light');
    });
});

describe('the place kept for a reload', () => {
    const place: Place = {
        entry: 'link L',
        token: 'T',
        name: 'Ana',
        hide_address: true,
        muted: true,
        camera: false,
        at_ms: 1000,
    };

    it('is found again for the same link, and soon enough', () => {
        const storage = new MemoryStorage();
        keepPlace(storage, place);
        expect(recallPlace(storage, 'link L', 2000)).toEqual(place);
        expect(recallPlace(storage, 'link other', 2000)).toBeNull();
        expect(recallPlace(storage, 'link L', 100_000)).toBeNull();
        forgetPlace(storage);
        expect(recallPlace(storage, 'link L', 2000)).toBeNull();
    });

    it.each(['', '{', '7', '{"entry":"link L","at_ms":1000}'])('is not made of %j', (stored) => {
        const storage = new MemoryStorage();
        storage.setItem('conclave.place', stored);
        expect(recallPlace(storage, 'link L', 1000)).toBeNull();
    });

    it('is done without where nothing can be stored', () => {
        keepPlace(broken, place);
        forgetPlace(broken);
        expect(recallPlace(broken, 'link L', 1000)).toBeNull();
    });
});
