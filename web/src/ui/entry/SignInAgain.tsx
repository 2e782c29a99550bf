// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'react';
import { useApp } from '../app/app-context';
import { useReadable } from '../hooks/use-readable';
import { SignInPage } from '../pages/SignInPage';
import { useCallModel } from './entry-context';

/** The session ran out before the owner got to the door. */
export function SignInAgain() {
    const call = useCallModel();
    const { session: model } = useApp();
    const { kind } = useReadable(model.session);
    useEffect(() => void model.refresh(), [model]);
    useEffect(() => {
        if (kind === 'signed-in') call.resolve();
    }, [call, kind]);
    return <SignInPage />;
}
