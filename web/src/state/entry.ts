// SPDX-License-Identifier: Apache-2.0

// What a link, or a meeting of our own, leads to before we go in.

import type { Refused } from '../protocol/messages';
import { ProblemError, type Api, type Meeting, type ResolvedLink } from '../protocol/rest';
import type { CallView, EntryProblem } from './views';

export type Entry = { readonly link: string } | { readonly meeting: string };

/** Names the entry in what is kept for a reload. */
export function entryKey(entry: Entry): string {
    return 'link' in entry ? `link ${entry.link}` : `meeting ${entry.meeting}`;
}

function ownMeeting(meeting: Meeting): ResolvedLink {
    const { state, title, kind, lobby, topology } = meeting;
    return {
        state,
        title,
        kind,
        role: 'host',
        lobby,
        topology,
        ...(meeting.starts_at === undefined ? {} : { starts_at: meeting.starts_at }),
        ...(meeting.duration_minutes === undefined
            ? {}
            : { duration_minutes: meeting.duration_minutes }),
        ...(meeting.time_zone === undefined ? {} : { time_zone: meeting.time_zone }),
        ...(meeting.opens_at === undefined ? {} : { opens_at: meeting.opens_at }),
        ...(meeting.closes_at === undefined ? {} : { closes_at: meeting.closes_at }),
    };
}

export function viewOf(meeting: ResolvedLink): CallView {
    switch (meeting.state) {
        case 'scheduled':
            return { kind: 'too-early', meeting, opens_at: meeting.opens_at ?? null };
        case 'ended':
        case 'expired':
            return { kind: 'over', why: meeting.state, meeting };
        case 'open':
        case 'live':
            return { kind: 'ready', meeting, problem: null };
    }
}

export async function resolveEntry(
    api: Pick<Api, 'meeting' | 'resolveLink'>,
    entry: Entry,
): Promise<CallView> {
    try {
        return viewOf(
            'link' in entry
                ? await api.resolveLink(entry.link)
                : ownMeeting(await api.meeting(entry.meeting)),
        );
    } catch (error) {
        if (error instanceof ProblemError) {
            switch (error.status) {
                case 401:
                    return { kind: 'signed-out' };
                case 400:
                case 404:
                case 422:
                    return { kind: 'unknown' };
            }
        }
        return { kind: 'unreachable' };
    }
}

/** Where a refused entry leaves us. */
export function viewAfterRefusal(refused: Refused, meeting: ResolvedLink | null): CallView {
    switch (refused.code) {
        case 'unknown':
            return { kind: 'unknown' };
        case 'signed-out':
            return { kind: 'signed-out' };
        case 'ended':
        case 'expired':
            return { kind: 'over', why: refused.code, meeting };
        case 'too-early':
            return meeting === null
                ? { kind: 'unknown' }
                : { kind: 'too-early', meeting, opens_at: refused.opens_at ?? null };
        case 'locked':
        case 'full':
        case 'blocked':
            return readyAgain(meeting, refused.code);
        case 'resume-failed':
        case 'bad-message':
            return readyAgain(meeting, 'failed');
    }
}

export function readyAgain(meeting: ResolvedLink | null, problem: EntryProblem): CallView {
    return meeting === null ? { kind: 'unreachable' } : { kind: 'ready', meeting, problem };
}
