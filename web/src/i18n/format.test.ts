// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { clockTime, formatter } from './format';

const en = formatter('en');
const de = formatter('de');

describe('the formatter', () => {
    it('writes sizes with at most four digits', () => {
        expect(en.bytes(0)).toBe('0 byte');
        expect(en.bytes(999)).toBe('999 byte');
        expect(en.bytes(20_000_000)).toBe('20 MB');
        expect(de.bytes(1_540_000)).toBe('1,5 MB');
        expect(en.bytes(4.2e12)).toBe('4,200 GB');
    });

    it('writes bit rates', () => {
        expect(en.bitrate(64_000)).toBe('64 kbit/s');
        expect(de.bitrate(2_450_000)).toBe('2,5 Mbit/s');
    });

    it('writes distances in time in the unit that fits', () => {
        const now = Date.parse('2026-03-01T12:00:00Z');
        expect(en.relative('2026-03-01T12:05:00Z', now)).toBe('in 5 minutes');
        expect(en.relative('2026-03-01T09:00:00Z', now)).toBe('3 hours ago');
        expect(en.relative('2026-03-02T14:00:00Z', now)).toBe('in 26 hours');
        expect(de.relative('2026-03-08T12:00:00Z', now)).toBe('in 7 Tagen');
    });

    it('shows times in the zone that is asked for', () => {
        expect(de.time('2026-07-01T10:00:00Z', 'Europe/Berlin')).toBe('12:00');
        expect(de.time('2026-07-01T10:00:00Z', 'UTC')).toBe('10:00');
    });

    it('names countries, and leaves alone what is none', () => {
        expect(de.country('AT')).toBe('Österreich');
        expect(en.country('?')).toBe('?');
    });
});

it('clockTime counts up through the hours', () => {
    expect(clockTime(-5)).toBe('0:00');
    expect(clockTime(65_000)).toBe('1:05');
    expect(clockTime(3_661_000)).toBe('1:01:01');
});
