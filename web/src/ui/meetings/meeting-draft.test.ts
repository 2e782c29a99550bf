// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Meeting } from '../../protocol/rest';
import { checkDraft, emptyDraft, nextHalfHour, toCreate, toDraft, toUpdate } from './meeting-draft';

const NOW = Date.parse('2026-05-04T09:20:00Z');

const scheduled = {
    ...emptyDraft('scheduled', NOW),
    title: '  Interview ',
    date: '2026-05-05',
    time: '14:00',
    zone: 'Europe/Berlin',
};

describe('a draft', () => {
    it('starts at a half hour that leaves time to send the link', () => {
        const at = (time: string) => new Date(nextHalfHour(Date.parse(time))).toISOString();
        expect(at('2026-05-04T09:10:00Z')).toBe('2026-05-04T09:30:00.000Z');
        expect(at('2026-05-04T09:20:00Z')).toBe('2026-05-04T10:00:00.000Z');
    });

    it('becomes what the server wants, in UTC', () => {
        expect(toCreate(scheduled)).toEqual({
            kind: 'scheduled',
            title: 'Interview',
            starts_at: '2026-05-05T12:00:00.000Z',
            duration_minutes: 60,
            time_zone: 'Europe/Berlin',
            lobby: false,
            topology: 'auto',
        });
    });

    it('of a room has no times', () => {
        expect(toCreate({ ...scheduled, kind: 'room' })).toEqual({
            kind: 'room',
            title: 'Interview',
            lobby: false,
            topology: 'auto',
        });
    });

    it('comes back from a meeting as it was', () => {
        const meeting: Meeting = {
            id: 'm',
            kind: 'scheduled',
            title: 'Interview',
            state: 'scheduled',
            starts_at: '2026-05-05T12:00:00Z',
            duration_minutes: 60,
            time_zone: 'Europe/Berlin',
            lobby: false,
            locked: false,
            topology: 'auto',
            present: 0,
            created_at: '2026-05-01T00:00:00Z',
        };
        expect(toUpdate(toDraft(meeting))).toEqual(toUpdate(scheduled));
    });

    it.each([
        [{ title: ' ' }, 'title'],
        [{ date: '' }, 'when'],
        [{ date: '2026-05-03' }, 'past'],
        [{ date: '2026-05-03', kind: 'room' as const }, null],
        [{}, null],
    ])('is checked: %j', (change, problem) => {
        expect(checkDraft({ ...scheduled, ...change }, NOW)).toBe(problem);
    });
});
