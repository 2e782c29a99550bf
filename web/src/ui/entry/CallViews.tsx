// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense, useState } from 'react';
import type { CallView } from '../../state/views';
import { useReadable } from '../hooks/use-readable';
import { Loading } from '../parts/Loading';
import { loadCallPage } from './call-page';
import { useCallModel } from './entry-context';
import { Closed } from './Closed';
import { Ended } from './Ended';
import { Lobby } from './Lobby';
import { SignInAgain } from './SignInAgain';
import { TooEarly } from './TooEarly';
import { RetentionContext } from './use-retention';
import { Waiting } from './Waiting';

const CallPage = lazy(loadCallPage);

/** One page for each stage of a call. */
export function CallViews() {
    const view = useReadable(useCallModel().view);
    // Told before the call, and shown after it.
    const told = 'meeting' in view ? view.meeting?.retention?.records_days : undefined;
    const [days, setDays] = useState<number | null>(null);
    if (told !== undefined && told !== days) setDays(told);
    return <RetentionContext value={days}>{page(view)}</RetentionContext>;
}

function page(view: CallView) {
    switch (view.kind) {
        case 'resolving':
            return <Loading />;
        case 'signed-out':
            return <SignInAgain />;
        case 'unknown':
        case 'unreachable':
            return <Closed why={view.kind} meeting={null} />;
        case 'over':
            return <Closed why={view.why} meeting={view.meeting} />;
        case 'too-early':
            return <TooEarly meeting={view.meeting} opens_at={view.opens_at} />;
        case 'ready':
            return <Waiting meeting={view.meeting} problem={view.problem} entering={false} />;
        case 'entering':
            return <Waiting meeting={view.meeting} problem={null} entering />;
        case 'lobby':
            return <Lobby title={view.title} link={view.link} />;
        case 'in-call':
            return (
                <Suspense fallback={<Loading />}>
                    <CallPage view={view} />
                </Suspense>
            );
        case 'ended':
            return <Ended ending={view.ending} mayReturn={view.may_return} />;
    }
}
