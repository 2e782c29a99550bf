// SPDX-License-Identifier: Apache-2.0
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { fakeApp, type FakeApp } from '../../../gallery/fake-app';
import { fakeCall, inCall, participant, person } from '../../../gallery/fake-call';
import { renderInApp } from '../../../gallery/render';
import type { Role } from '../../protocol/messages';
import CallPage from './CallPage';

const view = (role: Role = 'host') => inCall({ role });

const jonas = participant('p1', 'Jonas');

async function open(role: Role = 'host', app: FakeApp = fakeApp()) {
    const call = fakeCall(view(role), {
        people: { me: participant('p0', 'Ana', { role }), others: [person(jonas)], waiting: [] },
    });
    const { user } = await renderInApp(<CallPage view={view(role)} />, { app, call });
    return { call, user, app };
}

const last = (call: { readonly deeds: readonly unknown[] }) => call.deeds.at(-1);

describe('the controls', () => {
    it('do what they say', async () => {
        const { call, user } = await open();
        await user.click(screen.getByRole('button', { name: 'Mute' }));
        expect(last(call)).toEqual(['setMuted', true]);
        await user.click(screen.getByRole('button', { name: 'Turn off the camera' }));
        expect(last(call)).toEqual(['setCamera', false]);
        await user.click(screen.getByRole('button', { name: 'Share the screen' }));
        expect(last(call)).toEqual(['shareScreen', true]);
        await user.click(screen.getByRole('button', { name: 'Raise the hand' }));
        expect(last(call)).toEqual(['setHand', true]);
    });

    it('count what has not been read', async () => {
        const { call } = await open();
        act(() => call.chat.update((chat) => ({ ...chat, unread: 3 })));
        expect(screen.getByRole('button', { name: 'Chat, 3 unread messages' })).toBeTruthy();
    });

    it('let a guest only leave, and a host also end it after a question', async () => {
        const guest = await open('guest');
        await guest.user.click(screen.getByRole('button', { name: 'Leave the call' }));
        expect(last(guest.call)).toEqual(['leave']);
    });

    it('let a host end it for everyone', async () => {
        const { call, user } = await open('host');
        await user.click(screen.getByRole('button', { name: 'Leave the call' }));
        await user.click(await screen.findByRole('menuitem', { name: 'End for everyone' }));
        await user.click(await screen.findByRole('button', { name: 'End it' }));
        expect(last(call)).toEqual(['endForAll']);
    });
});

describe('the keys', () => {
    it('work anywhere on the page', async () => {
        const { call, user } = await open();
        await user.keyboard('m');
        expect(last(call)).toEqual(['setMuted', true]);
        await user.keyboard('v');
        expect(last(call)).toEqual(['setCamera', false]);
        await user.keyboard('s');
        expect(last(call)).toEqual(['shareScreen', true]);
        await user.keyboard('h');
        expect(last(call)).toEqual(['setHand', true]);
        await user.keyboard('p');
        expect(screen.getByRole('heading', { name: 'People' })).toBeTruthy();
        await user.keyboard('p');
        expect(screen.queryByRole('heading', { name: 'People' })).toBeNull();
        await user.keyboard('?');
        expect(await screen.findByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
    });

    it('are left alone where somebody types, and with Ctrl', async () => {
        const { call, user } = await open();
        await user.keyboard('c');
        await user.click(screen.getByRole('textbox', { name: 'Message to everyone' }));
        const before = call.deeds.length;
        await user.keyboard('mvshp? ');
        expect(call.deeds.length).toBe(before);
        await user.keyboard('{Escape}');
        await user.keyboard('{Control>}m{/Control}');
        expect(call.deeds.some(([name]) => name === 'setMuted')).toBe(false);
    });

    it('talk while the key is held, if that is wanted', async () => {
        const app = fakeApp({ settings: { push_to_talk: true } });
        const { call } = await open('guest', app);
        fireEvent.keyDown(document.body, { code: 'Space', key: ' ' });
        fireEvent.keyDown(document.body, { code: 'Space', key: ' ', repeat: true });
        expect(call.deeds.filter(([name]) => name === 'talk')).toEqual([['talk', true]]);
        fireEvent.keyUp(document.body, { code: 'Space', key: ' ' });
        expect(last(call)).toEqual(['talk', false]);
        fireEvent.keyDown(document.body, { code: 'Space', key: ' ' });
        fireEvent.blur(window);
        expect(last(call)).toEqual(['talk', false]);
    });
});

describe('the panels', () => {
    it('take the focus and give it back', async () => {
        const { user } = await open();
        const button = screen.getByRole('button', { name: 'People' });
        await user.click(button);
        expect(document.activeElement?.textContent).toBe('People');
        await user.keyboard('{Escape}');
        expect(document.activeElement).toBe(button);
    });

    it('close with Escape also when what had the focus is gone', async () => {
        const { user } = await open();
        await user.click(screen.getByRole('button', { name: 'People' }));
        (document.activeElement as HTMLElement).blur();
        await user.keyboard('{Escape}');
        expect(screen.queryByRole('heading', { name: 'People' })).toBeNull();
    });

    it('make the remarks go that lead to them', async () => {
        const { call, user } = await open();
        act(() =>
            call.notices.set([{ id: 1, kind: 'chat', from: 'Ben', text: 'Hello', private: false }]),
        );
        expect(screen.getByText('Ben writes')).toBeTruthy();
        await user.click(screen.getByRole('button', { name: 'Chat' }));
        expect(screen.queryByText('Ben writes')).toBeNull();
    });

    it('send what was written with Enter, and never as anything but text', async () => {
        const { call, user } = await open();
        await user.click(screen.getByRole('button', { name: 'Chat' }));
        const field = screen.getByRole('textbox', { name: 'Message to everyone' });
        await user.type(field, 'one{Shift>}{Enter}{/Shift}two{Enter}');
        expect(call.deeds).toContainEqual(['say', 'group', 'one\ntwo']);
        expect((field as HTMLTextAreaElement).value).toBe('');

        const nasty = '<img src=x onerror=alert(1)> javascript:alert(2)';
        act(() =>
            call.chat.set({
                group: {
                    thread: 'group',
                    unread: 1,
                    entries: [
                        {
                            id: 'e',
                            thread: 'group',
                            from: 'p1',
                            text: nasty,
                            at_ms: 0,
                            delivery: null,
                        },
                    ],
                },
                private: [],
                unread: 1,
            }),
        );
        const log = screen.getByRole('log', { name: 'Messages', hidden: false });
        expect(within(log).getByText(nasty)).toBeTruthy();
        expect(log.querySelector('img, a')).toBeNull();
        await waitFor(() => expect(call.deeds).toContainEqual(['markRead', 'group']));
    });

    it('let those who run the meeting answer whoever knocks', async () => {
        const { call, user } = await open();
        act(() =>
            call.people.update((people) => ({
                ...people,
                waiting: [participant('w1', 'Lena', { presence: 'lobby' })],
            })),
        );
        await user.click(screen.getByRole('button', { name: 'People, 1 person is waiting' }));
        await user.click(screen.getByRole('button', { name: 'Let Lena in' }));
        expect(last(call)).toEqual(['admit', 'w1']);
        await user.click(screen.getByRole('button', { name: 'Refuse Lena' }));
        expect(last(call)).toEqual(['deny', 'w1']);
        await user.click(screen.getByRole('switch', { name: /^Lock/ }));
        expect(last(call)).toEqual(['lock', true]);
        await user.click(screen.getByRole('switch', { name: /^Lobby/ }));
        expect(last(call)).toEqual(['setLobby', false]);
    });

    it('offer to a host what a guest is not offered', async () => {
        const { call, user } = await open('host');
        await user.click(screen.getByRole('button', { name: 'Actions for Jonas' }));
        await user.click(await screen.findByRole('menuitem', { name: 'Remove and block' }));
        expect(last(call)).toEqual(['remove', 'p1', true]);
    });

    it('offer a guest a private word and nothing more', async () => {
        const { user } = await open('guest');
        await user.click(screen.getByRole('button', { name: 'Actions for Jonas' }));
        await screen.findByRole('menuitem', { name: 'Write privately' });
        for (const name of ['Mute', 'Remove', 'Remove and block', 'Make a moderator']) {
            expect(screen.queryByRole('menuitem', { name })).toBeNull();
        }
    });
});

describe('what is told', () => {
    it('appears once, and a knock goes when it is answered elsewhere', async () => {
        const { call, user } = await open();
        const lena = participant('w1', 'Lena', { presence: 'lobby' });
        act(() => {
            call.people.update((people) => ({ ...people, waiting: [lena] }));
            call.notices.set([{ id: 1, kind: 'knock', participant: lena }]);
        });
        expect(screen.getByText('Lena wants to come in')).toBeTruthy();
        expect(call.notices.getSnapshot()).toEqual([]);
        act(() => call.people.update((people) => ({ ...people, waiting: [] })));
        expect(screen.queryByText('Lena wants to come in')).toBeNull();

        act(() => call.notices.set([{ id: 2, kind: 'muted-by', media: 'audio', name: 'Mira' }]));
        expect(screen.getByText('Mira has muted you')).toBeTruthy();
        await user.click(screen.getByRole('button', { name: 'Close' }));
        expect(screen.queryByText('Mira has muted you')).toBeNull();
    });

    it('is not told in the chat that is open anyway', async () => {
        const { call, user } = await open();
        await user.click(screen.getByRole('button', { name: 'Chat' }));
        act(() =>
            call.notices.set([
                { id: 1, kind: 'chat', from: 'Jonas', private: false, text: 'hello' },
            ]),
        );
        expect(screen.queryByText('Jonas writes')).toBeNull();
    });

    it('holds the facts about the protection', async () => {
        const { user } = await open();
        await user.click(screen.getByRole('button', { name: /^Protection: Direct/ }));
        const dialog = await screen.findByRole('dialog', { name: 'Direct and encrypted' });
        expect(dialog.textContent).toContain('AEAD_AES_128_GCM');
        expect(dialog.textContent).toContain('1B:0E:4F');
        expect(dialog.textContent).toContain('A4:72:D9');
    });
});
