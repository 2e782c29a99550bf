// SPDX-License-Identifier: Apache-2.0
import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { fakeApp } from '../../../gallery/fake-app';
import { renderInApp } from '../../../gallery/render';
import { LinksSection } from './LinksSection';

const changes = (app: ReturnType<typeof fakeApp>) =>
    app.server.requests.filter(({ line }) => !line.startsWith('GET'));

async function open() {
    const app = fakeApp({ signedIn: true });
    const { user } = await renderInApp(<LinksSection meeting="m1" />, { app });
    await screen.findByText('Jonas Weber');
    return { app, user };
}

describe('LinksSection', () => {
    it('makes a personal link and shows its address once', async () => {
        const { app, user } = await open();
        await user.type(screen.getByLabelText('Who is it for?'), 'Lena Brandt');
        await user.click(screen.getByRole('button', { name: 'Create a personal link' }));
        const field = await screen.findByLabelText<HTMLInputElement>('Link for Lena Brandt');
        expect(field.value).toContain('/j#');
        expect(changes(app)).toEqual([
            { line: 'POST /meetings/m1/links', body: { role: 'guest', label: 'Lena Brandt' } },
        ]);
    });

    it('makes a shared link where no name is given', async () => {
        const { app, user } = await open();
        await user.click(screen.getByRole('button', { name: 'Create a shared link' }));
        await screen.findByLabelText('Link for everyone you send it to');
        expect(changes(app)[0]?.body).toEqual({ role: 'guest', shared: true });
    });

    it('revokes only what was not undone', async () => {
        const { app, user } = await open();
        await user.click(screen.getByRole('button', { name: 'Revoke the link: Jonas Weber' }));
        await user.click(screen.getByRole('button', { name: 'Undo' }));
        expect(changes(app)).toEqual([]);

        const row = screen.getByText('Dr. Mira Sarraf').closest('li') as HTMLElement;
        await user.click(within(row).getByRole('button', { name: /^Revoke the link/ }));
        await user.click(within(row).getByRole('button', { name: 'Now' }));
        await waitFor(() =>
            expect(changes(app)).toEqual([
                { line: 'DELETE /meetings/m1/links/l2', body: undefined },
            ]),
        );
    });
});
