// SPDX-License-Identifier: Apache-2.0

// For tests of components: draws something as if it stood in the app.

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { switchLanguage } from '../src/i18n';
import { AppContext } from '../src/ui/app/app-context';
import { ToastContext, Toasts } from '../src/ui/app/toasts';
import { EntryContext } from '../src/ui/entry/entry-context';
import type { Entry } from '../src/ui/entry/use-call';
import { ToastStack } from '../src/ui/parts/ToastStack';
import { theme } from '../src/ui/theme/theme';
import { fakeApp, type FakeApp } from './fake-app';
import type { FakeCall } from './fake-call';

interface Surroundings {
    readonly app?: FakeApp;
    readonly call?: FakeCall;
    readonly entry?: Entry;
}

export async function renderInApp(content: ReactNode, some: Surroundings = {}) {
    await switchLanguage('en');
    const app = some.app ?? fakeApp();
    const toasts = new Toasts();
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    const entry = some.entry ?? { link: 'token' };
    const inCall = some.call ? (
        <EntryContext value={{ call: some.call, entry }}>{content}</EntryContext>
    ) : (
        content
    );
    const view = render(
        <AppContext value={app}>
            <ToastContext value={toasts}>
                <QueryClientProvider client={queries}>
                    <MantineProvider theme={theme} env="test">
                        {inCall}
                        <ToastStack />
                    </MantineProvider>
                </QueryClientProvider>
            </ToastContext>
        </AppContext>,
    );
    return { ...view, app, toasts, user: userEvent.setup() };
}
