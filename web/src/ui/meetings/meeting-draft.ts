// SPDX-License-Identifier: Apache-2.0

// A meeting as the form holds it, and as the server wants it.

import { fromWallTime, isZone, ownZone, toWallTime } from '../../i18n/zone';
import type { Meeting, MeetingCreate, MeetingUpdate } from '../../protocol/rest';

export interface Draft {
    readonly kind: Meeting['kind'];
    readonly title: string;
    readonly date: string;
    readonly time: string;
    readonly duration_minutes: number;
    readonly zone: string;
    readonly lobby: boolean;
    readonly topology: Meeting['topology'];
}

export type DraftProblem = 'title' | 'when' | 'past';

const HALF_HOUR_MS = 30 * 60_000;

/** The next half hour that is at least a quarter of an hour away. */
export function nextHalfHour(now_ms: number): number {
    return Math.ceil((now_ms + HALF_HOUR_MS / 2) / HALF_HOUR_MS) * HALF_HOUR_MS;
}

export function emptyDraft(kind: Meeting['kind'], now_ms: number): Draft {
    const zone = ownZone();
    const { date, time } = toWallTime(nextHalfHour(now_ms), zone);
    return {
        kind,
        title: '',
        date,
        time,
        duration_minutes: 60,
        zone,
        lobby: false,
        topology: 'auto',
    };
}

export function toDraft(meeting: Meeting): Draft {
    const zone =
        meeting.time_zone !== undefined && isZone(meeting.time_zone)
            ? meeting.time_zone
            : ownZone();
    const { date, time } = toWallTime(Date.parse(meeting.starts_at ?? meeting.created_at), zone);
    return {
        kind: meeting.kind,
        title: meeting.title,
        date,
        time,
        duration_minutes: meeting.duration_minutes ?? 60,
        zone,
        lobby: meeting.lobby,
        topology: meeting.topology,
    };
}

export function checkDraft(draft: Draft, now_ms: number): DraftProblem | null {
    if (draft.title.trim() === '') return 'title';
    if (draft.kind !== 'scheduled') return null;
    const start = fromWallTime(draft, draft.zone);
    if (start === null) return 'when';
    return start + draft.duration_minutes * 60_000 < now_ms ? 'past' : null;
}

function timing(draft: Draft): Pick<MeetingCreate, 'starts_at' | 'duration_minutes' | 'time_zone'> {
    const start = draft.kind === 'scheduled' ? fromWallTime(draft, draft.zone) : null;
    if (start === null) return {};
    return {
        starts_at: new Date(start).toISOString(),
        duration_minutes: draft.duration_minutes,
        time_zone: draft.zone,
    };
}

export function toUpdate(draft: Draft): MeetingUpdate {
    const { lobby, topology } = draft;
    return { title: draft.title.trim(), lobby, topology, ...timing(draft) };
}

export function toCreate(draft: Draft): MeetingCreate {
    return { kind: draft.kind, ...toUpdate(draft), title: draft.title.trim() };
}
