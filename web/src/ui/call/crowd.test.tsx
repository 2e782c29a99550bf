// SPDX-License-Identifier: Apache-2.0
import { act, fireEvent, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { fakeCall, participant, person, relayedCall } from '../../../gallery/fake-call';
import { renderInApp } from '../../../gallery/render';
import type { Role } from '../../protocol/messages';
import CallPage, { type InCall } from './CallPage';

const relayed = (role: Role = 'host', some: Partial<InCall> = {}) =>
    relayedCall({ role, lobby: false, ...some });

async function open(count: number, view: InCall = relayed()) {
    const others = Array.from({ length: count }, (_, i) =>
        person(participant(`p${i}`, `Person ${i}`), { path: null, security: null }),
    );
    const call = fakeCall(view, {
        people: { me: participant('me', 'Ana', { role: view.role }), others, waiting: [] },
        protection: { mode: 'relayed', since_ms: Date.now() },
    });
    const { user } = await renderInApp(<CallPage view={view} />, { call });
    return { call, user };
}

const stage = () => screen.getByRole('region', { name: 'People in the call' });
const tiles = () =>
    within(stage())
        .getAllByRole('group')
        .map((tile) => tile.getAttribute('aria-label'));

describe('many people', () => {
    it('are shown a page at a time, by button and by key', async () => {
        const { user } = await open(200);
        expect(tiles().length).toBeLessThan(10);
        expect(tiles()).toContain('Person 0');
        await user.click(screen.getByRole('button', { name: 'Next people' }));
        expect(tiles()).not.toContain('Person 0');
        expect(tiles().at(-1)).toBe('You');
        fireEvent.keyDown(window, { key: 'PageDown' });
        expect(screen.getByText(/^Page 3 of \d+$/)).toBeTruthy();
        fireEvent.keyDown(window, { key: 'PageUp' });
        fireEvent.keyDown(window, { key: 'PageUp' });
        expect(tiles()).toContain('Person 0');
        expect(
            screen.getByRole('button', { name: 'Previous people' }).hasAttribute('disabled'),
        ).toBe(true);
    });

    it('stay where they are, but for one who speaks and was not to be seen', async () => {
        const { call } = await open(30);
        const before = tiles();
        act(() => call.speaker.set('p1'));
        expect(tiles()).toEqual(before);
        act(() => call.speaker.set('p25'));
        const after = tiles();
        expect(after).toContain('Person 25');
        expect(after.filter((name, i) => name !== before[i])).toHaveLength(1);
    });

    it('are found by name', async () => {
        const { user } = await open(30);
        await user.click(screen.getByRole('button', { name: /^People/ }));
        const panel = screen.getByRole('complementary', { name: 'People' });
        await user.type(within(panel).getByRole('searchbox', { name: 'Find somebody' }), 'Müller');
        expect(within(panel).getByText('Nobody of that name is here.')).toBeTruthy();
        await user.clear(within(panel).getByRole('searchbox'));
        await user.type(within(panel).getByRole('searchbox'), 'PERSÓN 17');
        expect(within(panel).getByText('1 person found')).toBeTruthy();
        expect(within(panel).getAllByRole('listitem')).toHaveLength(1);
    });
});

describe('the view', () => {
    it('is chosen in a menu, and our own picture can be hidden', async () => {
        const { user, call } = await open(4);
        await user.click(screen.getByRole('button', { name: 'Arrange the people' }));
        await user.click(await screen.findByRole('menuitemradio', { name: 'Speaker' }));
        act(() => call.speaker.set('p2'));
        expect(tiles()[0]).toBe('Person 2');
        await user.click(screen.getByRole('menuitemcheckbox', { name: 'Hide my own picture' }));
        expect(tiles()).not.toContain('You');
    });

    it('goes on to the next with a key', async () => {
        await open(4);
        fireEvent.keyDown(window, { key: 'l' });
        fireEvent.keyDown(window, { key: 'l' });
        fireEvent.keyDown(window, { key: 'l' });
        expect(tiles()[0]).toBe('Person 0');
        expect(tiles().at(-1)).toBe('You');
    });

    it('says which pictures the connection has no room for', async () => {
        const { call } = await open(3);
        act(() =>
            call.people.update((people) => ({
                ...people,
                others: people.others.map((each, i) => ({ ...each, camera_starved: i === 1 })),
            })),
        );
        const tile = within(stage()).getByRole('group', { name: 'Person 1' });
        expect(within(tile).getByText('Video paused: slow connection')).toBeTruthy();
        expect(screen.getAllByText('Video paused: slow connection')).toHaveLength(1);
    });
});

describe('the way through the server', () => {
    it('can be asked for by whoever runs the meeting', async () => {
        const { call, user } = await open(1, relayed('host', { mode: 'direct' }));
        await user.click(screen.getByRole('button', { name: /^People/ }));
        await user.click(screen.getByRole('switch', { name: /Through the server/ }));
        expect(call.deeds.at(-1)).toEqual(['setRelayed', true]);
    });

    it('cannot be switched off while it is needed', async () => {
        const host = await open(5);
        await host.user.click(screen.getByRole('button', { name: /^People/ }));
        const toggle = screen.getByRole('switch', { name: /Through the server/ });
        expect(toggle.hasAttribute('disabled')).toBe(true);
    });

    it('is said on the badge, with what it means', async () => {
        const { user } = await open(3);
        await user.click(
            screen.getByRole('button', { name: /^Protection: Encrypted to the server/ }),
        );
        expect(
            await screen.findByText(/Whoever runs the server could look and listen/),
        ).toBeTruthy();
    });

    it('takes no files, and says why', async () => {
        const { user } = await open(3);
        await user.click(screen.getByRole('button', { name: /^Files/ }));
        expect(screen.getByText(/This one goes through the server/)).toBeTruthy();
        expect(screen.getByRole('button', { name: 'Choose files' }).hasAttribute('disabled')).toBe(
            true,
        );
    });

    it('says once, not on every tile, that it is interrupted', async () => {
        const { call } = await open(3);
        act(() =>
            call.people.update((people) => ({
                ...people,
                others: people.others.map((each) => ({ ...each, connection: 'disconnected' })),
            })),
        );
        expect(screen.queryByText(/Connection to Person/)).toBeNull();
        expect(await screen.findByText(/Picture and sound are interrupted/)).toBeTruthy();
    });
});
