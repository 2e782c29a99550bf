// SPDX-License-Identifier: Apache-2.0
import { lazy, Suspense } from 'react';
import { Landing } from '../pages/Landing';
import { NotFound } from '../pages/NotFound';
import { Loading } from '../parts/Loading';
import { SignedIn } from './SignedIn';
import { useRoute, type Route } from './router';

const MeetingsPage = lazy(() => import('../meetings/MeetingsPage'));
const MeetingPage = lazy(() => import('../meetings/MeetingPage'));
const Account = lazy(() => import('../pages/Account'));
const Setup = lazy(() => import('../pages/Setup'));
const NewInstant = lazy(() => import('../pages/NewInstant'));
const CallEntry = lazy(() => import('../entry/CallEntry'));

function page(route: Route) {
    switch (route.page) {
        case 'home':
            return (
                <SignedIn otherwise={<Landing />}>
                    <MeetingsPage />
                </SignedIn>
            );
        case 'meeting':
            return (
                <SignedIn>
                    <MeetingPage key={route.meeting} id={route.meeting} />
                </SignedIn>
            );
        case 'account':
            return (
                <SignedIn>
                    <Account />
                </SignedIn>
            );
        case 'setup':
            return <Setup token={route.token} />;
        case 'new':
            return <NewInstant />;
        case 'link':
            return <CallEntry key={route.token} link={route.token} />;
        case 'owner-call':
            return (
                <SignedIn>
                    <CallEntry key={route.meeting} meeting={route.meeting} />
                </SignedIn>
            );
        case 'not-found':
            return <NotFound />;
    }
}

export function Pages() {
    return <Suspense fallback={<Loading />}>{page(useRoute())}</Suspense>;
}
