// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { allZones, fromWallTime, isZone, ownZone, sameClock, toWallTime } from './zone';

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

describe('fromWallTime', () => {
    it.each([
        ['2026-01-15', '09:30', 'Europe/Berlin', '2026-01-15T08:30:00.000Z'],
        ['2026-07-15', '09:30', 'Europe/Berlin', '2026-07-15T07:30:00.000Z'],
        ['2026-07-15', '23:30', 'America/New_York', '2026-07-16T03:30:00.000Z'],
        ['2026-07-15', '00:15', 'Asia/Kathmandu', '2026-07-14T18:30:00.000Z'],
        ['2026-07-15', '12:00', 'UTC', '2026-07-15T12:00:00.000Z'],
    ])('%s %s in %s', (date, time, zone, instant) => {
        expect(iso(fromWallTime({ date, time }, zone))).toBe(instant);
    });

    it('takes the first of two when clocks are set back', () => {
        const wall = { date: '2026-10-25', time: '02:30' };
        expect(iso(fromWallTime(wall, 'Europe/Berlin'))).toBe('2026-10-25T00:30:00.000Z');
    });

    it('moves on over the gap when clocks are set forward', () => {
        const wall = { date: '2026-03-29', time: '02:30' };
        expect(iso(fromWallTime(wall, 'Europe/Berlin'))).toBe('2026-03-29T01:30:00.000Z');
    });

    it('is null for what is no date', () => {
        expect(fromWallTime({ date: '', time: '10:00' }, 'UTC')).toBeNull();
        expect(fromWallTime({ date: '2026-02-01', time: '' }, 'UTC')).toBeNull();
    });

    it('is what toWallTime undoes', () => {
        for (const zone of ['Pacific/Auckland', 'America/St_Johns', 'Europe/Lisbon']) {
            const at = Date.parse('2026-05-05T13:45:00Z');
            expect(fromWallTime(toWallTime(at, zone), zone)).toBe(at);
        }
    });
});

describe('zones', () => {
    it('puts our own first, once', () => {
        const zones = allZones();
        expect(zones[0]).toBe(ownZone());
        expect(zones.filter((zone) => zone === ownZone())).toHaveLength(1);
    });
    it('tells names from nonsense', () => {
        expect(isZone('Europe/Vienna')).toBe(true);
        expect(isZone('Europe/Atlantis')).toBe(false);
    });
    it('compares clocks, not names', () => {
        const july = Date.parse('2026-07-01T00:00:00Z');
        expect(sameClock(july, 'Europe/Vienna', 'Europe/Berlin')).toBe(true);
        expect(sameClock(july, 'Europe/Vienna', 'Europe/London')).toBe(false);
    });
});
