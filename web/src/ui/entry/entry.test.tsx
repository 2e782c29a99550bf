// SPDX-License-Identifier: Apache-2.0
import { act, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fakeApp } from '../../../gallery/fake-app';
import { fakeCall } from '../../../gallery/fake-call';
import { renderInApp } from '../../../gallery/render';
import type { ResolvedLink } from '../../protocol/rest';
import { CallViews } from './CallViews';

const meeting: ResolvedLink = {
    state: 'open',
    title: 'Interview',
    kind: 'scheduled',
    role: 'guest',
    host_name: 'Ana',
    starts_at: '2026-05-05T12:00:00Z',
    retention: { records_days: 7 },
};

afterEach(() => void vi.useRealTimers());

describe('the way into a call', () => {
    it('asks for a name, and joins with it', async () => {
        const call = fakeCall({ kind: 'ready', meeting, problem: null });
        const { user } = await renderInApp(<CallViews />, { call });
        await user.click(screen.getByRole('button', { name: 'Join' }));
        expect(screen.getByText('Say who you are.')).toBeTruthy();
        expect(call.deeds.some(([name]) => name === 'join')).toBe(false);

        await user.type(screen.getByLabelText('Your name'), '  Jonas ');
        await user.click(screen.getByRole('switch', { name: /^Hide my address/ }));
        await user.click(screen.getByRole('button', { name: 'Join' }));
        expect(call.deeds.at(-1)).toEqual(['join', { name: 'Jonas', hide_address: true }]);
        expect(call.deeds.some(([name]) => name === 'warm')).toBe(true);
    });

    it('knows the name that a personal link carries, and the lobby', async () => {
        const call = fakeCall({
            kind: 'ready',
            meeting: { ...meeting, label: 'Jonas Weber', lobby: true },
            problem: null,
        });
        const { user } = await renderInApp(<CallViews />, { call });
        expect(screen.queryByLabelText('Your name')).toBeNull();
        await user.click(screen.getByRole('button', { name: 'Ask to join' }));
        expect(call.deeds.at(-1)).toEqual(['join', { name: 'Jonas Weber', hide_address: false }]);
    });

    it('says what will happen: whom the lobby keeps, and whom it lets through', async () => {
        const ready = (role: ResolvedLink['role']) =>
            fakeCall({ kind: 'ready', meeting: { ...meeting, role, lobby: true }, problem: null });
        for (const [role, words] of [
            ['participant', 'Ask to join'],
            ['moderator', 'Join'],
        ] as const) {
            const { unmount } = await renderInApp(<CallViews />, { call: ready(role) });
            expect(screen.getByRole('button', { name: words })).toBeTruthy();
            unmount();
        }
    });

    it('lets the owner in under their own name', async () => {
        const call = fakeCall({
            kind: 'ready',
            meeting: { ...meeting, role: 'host' },
            problem: null,
        });
        const { user } = await renderInApp(<CallViews />, {
            call,
            app: fakeApp({ signedIn: true }),
            entry: { meeting: 'm1' },
        });
        await user.click(screen.getByRole('button', { name: 'Join' }));
        expect(call.deeds.at(-1)).toEqual(['join', { name: 'Ana Lindqvist', hide_address: false }]);
    });

    it('says in plain words what is kept', async () => {
        const call = fakeCall({ kind: 'ready', meeting, problem: null });
        await renderInApp(<CallViews />, { call });
        expect(screen.getByText('Kept for 7 days, then deleted')).toBeTruthy();
    });

    it.each([
        ['auto', /with more, picture, sound and chat pass through this server/],
        ['mesh', /It goes from browser to browser and is never recorded/],
    ] as const)(
        'promises of the way of a meeting no more than holds: %s',
        async (topology, words) => {
            const call = fakeCall({
                kind: 'ready',
                meeting: { ...meeting, topology },
                problem: null,
            });
            await renderInApp(<CallViews />, { call });
            expect(screen.getByText(words)).toBeTruthy();
        },
    );

    it('says what keeps camera and microphone from working', async () => {
        const call = fakeCall(
            { kind: 'ready', meeting, problem: 'locked' },
            {
                own: {
                    microphone: { kind: 'problem', problem: 'denied' },
                    camera: { kind: 'problem', problem: 'busy' },
                },
            },
        );
        await renderInApp(<CallViews />, { call });
        expect(screen.getByText('The microphone can’t be used')).toBeTruthy();
        expect(screen.getByText('The camera can’t be used')).toBeTruthy();
        expect(screen.getByText('The meeting is locked')).toBeTruthy();
    });

    it('opens the door when its time has come', async () => {
        vi.useFakeTimers({ now: Date.parse('2026-05-05T10:59:58Z') });
        const call = fakeCall({ kind: 'too-early', meeting, opens_at: '2026-05-05T11:00:00Z' });
        await renderInApp(<CallViews />, { call });
        expect(screen.getByRole('timer').textContent).toBe('0:02');
        expect(call.deeds).toEqual([]);
        await act(() => vi.advanceTimersByTimeAsync(2000));
        expect(call.deeds).toEqual([['resolve']]);
    });

    it('tells after the call what is left of it, and lets one back in', async () => {
        vi.useFakeTimers({ now: Date.parse('2026-05-05T13:00:00Z'), shouldAdvanceTime: true });
        const call = fakeCall({ kind: 'ready', meeting, problem: null });
        const { user } = await renderInApp(<CallViews />, { call });
        act(() => call.view.set({ kind: 'ended', ending: { kind: 'lost' }, may_return: true }));
        expect(screen.getByRole('heading', { name: 'The connection was lost' })).toBeTruthy();
        expect(screen.getByText(/until May 12, 2026/)).toBeTruthy();
        await user.click(screen.getByRole('button', { name: 'Rejoin' }));
        expect(call.deeds.at(-1)).toEqual(['again']);
    });

    it.each(['unknown', 'unreachable'] as const)(
        'helps where the link leads nowhere: %s',
        async (kind) => {
            const call = fakeCall({ kind });
            await renderInApp(<CallViews />, { call });
            expect(screen.getByRole('heading', { level: 1 })).toBeTruthy();
            expect(screen.getAllByRole('button').length).toBeGreaterThan(0);
        },
    );
});
