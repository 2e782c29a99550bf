// SPDX-License-Identifier: Apache-2.0
import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { fakeApp } from '../../../gallery/fake-app';
import { renderInApp } from '../../../gallery/render';
import { SignInForm } from './SignInForm';

async function signIn(status: number) {
    const app = fakeApp();
    if (status !== 200) {
        app.server.answers.set('POST /session', {
            status,
            body: { type: 'about:blank', title: 'No', status },
        });
    }
    const { user } = await renderInApp(<SignInForm />, { app });
    await user.type(screen.getByLabelText('Email'), ' ana@example.org ');
    await user.type(screen.getByLabelText('Password'), 'a long enough one');
    await user.click(screen.getByRole('button', { name: 'Sign in' }));
    return app;
}

describe('SignInForm', () => {
    it('signs in', async () => {
        const app = await signIn(200);
        expect(app.server.requests).toEqual([
            {
                line: 'POST /session',
                body: { email: 'ana@example.org', password: 'a long enough one' },
            },
        ]);
        expect(app.sessionStore.getSnapshot().kind).toBe('signed-in');
    });

    it.each([
        [401, 'Email or password is wrong.'],
        [429, 'Too many attempts. Wait a minute and try again.'],
        [500, 'Something went wrong on the server. Try again in a moment.'],
    ])('says why it cannot: %i', async (status, text) => {
        const app = await signIn(status);
        expect((await screen.findByRole('alert')).textContent).toContain(text);
        expect(app.sessionStore.getSnapshot().kind).toBe('signed-out');
    });
});
