// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { CloudOff } from '../parts/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useReadable } from '../hooks/use-readable';
import { SignInPage } from '../pages/SignInPage';
import { Loading } from '../parts/Loading';
import { Message } from '../parts/Message';
import { Shell } from '../parts/Shell';
import { useApp } from './app-context';

interface Props {
    readonly children: ReactNode;
    /** For those who aren't signed in; a sign-in form where nothing else is given. */
    readonly otherwise?: ReactNode;
}

/** Shows what is inside to whoever is signed in. */
export function SignedIn({ children, otherwise = <SignInPage /> }: Props) {
    const { t } = useTranslation();
    const { session: model } = useApp();
    const session = useReadable(model.session);
    switch (session.kind) {
        case 'asking':
            return <Loading />;
        case 'signed-in':
            return children;
        case 'signed-out':
            return otherwise;
        case 'unreachable':
            return (
                <Shell width="narrow">
                    <Message Icon={CloudOff} title={t('offline.title')} text={t('offline.text')}>
                        <Button onClick={() => void model.refresh()}>{t('try-again')}</Button>
                    </Message>
                </Shell>
            );
    }
}
