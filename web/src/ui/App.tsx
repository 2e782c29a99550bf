// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemError } from '../state/problems';
import type { AppModel } from '../state/views';
import { AppContext } from './app/app-context';
import { ErrorBoundary } from './app/ErrorBoundary';
import { Pages } from './app/Pages';
import { Preferences } from './app/Preferences';
import { ToastContext, Toasts } from './app/toasts';
import { UpdateNotice } from './app/UpdateNotice';
import { ToastStack } from './parts/ToastStack';

/** An answer stays an answer; only silence is asked again. */
function shouldRetry(failures: number, error: unknown): boolean {
    return !(error instanceof ProblemError) && failures < 2;
}

interface Props {
    readonly app: AppModel;
}

/** The whole client. */
export function App({ app }: Props) {
    const [queries] = useState(
        () =>
            new QueryClient({
                defaultOptions: { queries: { retry: shouldRetry, staleTime: 10_000 } },
            }),
    );
    const [toasts] = useState(() => new Toasts());
    return (
        <AppContext value={app}>
            <ToastContext value={toasts}>
                <QueryClientProvider client={queries}>
                    <Preferences>
                        <ErrorBoundary>
                            <Pages />
                        </ErrorBoundary>
                        <UpdateNotice />
                        <ToastStack />
                    </Preferences>
                </QueryClientProvider>
            </ToastContext>
        </AppContext>
    );
}
