// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { fakeApp } from '../../../gallery/fake-app';
import { meetings } from '../../../gallery/fake-server';
import { renderInApp } from '../../../gallery/render';
import { MeetingDialog } from './MeetingDialog';

const posts = (app: ReturnType<typeof fakeApp>) =>
    app.server.requests.filter(({ line }) => !line.startsWith('GET'));

describe('MeetingDialog', () => {
    it('wants a title, then makes a room', async () => {
        const app = fakeApp({ signedIn: true });
        const onClose = vi.fn();
        const { user } = await renderInApp(<MeetingDialog kind="room" onClose={onClose} />, {
            app,
        });
        await user.click(screen.getByRole('button', { name: 'Create' }));
        expect(screen.getByText('Give the meeting a title.')).toBeTruthy();
        expect(posts(app)).toEqual([]);

        await user.type(screen.getByLabelText('What is it about?'), 'Consulting hour');
        await user.click(screen.getByRole('switch', { name: /^Lobby/ }));
        await user.click(screen.getByRole('button', { name: 'Create' }));
        await waitFor(() => expect(onClose).toHaveBeenCalled());
        expect(posts(app)).toEqual([
            {
                line: 'POST /meetings',
                body: { kind: 'room', title: 'Consulting hour', lobby: true, topology: 'auto' },
            },
        ]);
        expect(window.location.pathname).toBe('/meetings/m2');
    });

    it('does not take a time that is past', async () => {
        const app = fakeApp({ signedIn: true });
        const { user } = await renderInApp(<MeetingDialog kind="scheduled" onClose={() => {}} />, {
            app,
        });
        await user.type(screen.getByLabelText('What is it about?'), 'Too late');
        const day = screen.getByLabelText('Day');
        await user.clear(day);
        await user.type(day, '2020-02-02');
        await user.click(screen.getByRole('button', { name: 'Create' }));
        expect(screen.getByText('This time is past.')).toBeTruthy();
        expect(posts(app)).toEqual([]);
    });

    it('says what passes through the server, and how many fit in', async () => {
        const { user } = await renderInApp(<MeetingDialog kind="room" onClose={() => {}} />);
        expect(await screen.findByText(/up to 200, .* pass through this server/)).toBeTruthy();
        await user.click(screen.getByRole('radio', { name: 'Always directly' }));
        expect(screen.getByText(/^Up to four people/)).toBeTruthy();
    });

    it('promises no third place where nothing goes through the server', async () => {
        const app = fakeApp();
        const { body } = app.server.answers.get('GET /server') as { body: object };
        app.server.answers.set('GET /server', { status: 200, body: { ...body, places: 2 } });
        await renderInApp(<MeetingDialog kind="room" onClose={() => {}} />, { app });
        expect(screen.getByText('Two people, directly from browser to browser.')).toBeTruthy();
    });

    it('changes only what a meeting has', async () => {
        const app = fakeApp({ signedIn: true });
        const [room] = meetings.rooms;
        if (!room) throw new Error('the fake server has no room');
        app.server.answers.set(`PATCH /meetings/${room.id}`, { status: 200, body: room });
        const { user } = await renderInApp(<MeetingDialog meeting={room} onClose={() => {}} />, {
            app,
        });
        const title = screen.getByLabelText('What is it about?');
        await user.clear(title);
        await user.type(title, 'Office hour');
        await user.click(screen.getByRole('button', { name: 'Save' }));
        await waitFor(() =>
            expect(posts(app)).toEqual([
                {
                    line: `PATCH /meetings/${room.id}`,
                    body: { title: 'Office hour', lobby: false, topology: 'mesh' },
                },
            ]),
        );
    });
});
