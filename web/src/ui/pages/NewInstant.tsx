// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Lock } from '../parts/icons';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemError } from '../../state/problems';
import { useApp } from '../app/app-context';
import { rememberInvitation } from '../app/invitations';
import { navigate } from '../app/router';
import { useReadable } from '../hooks/use-readable';
import { Loading } from '../parts/Loading';
import { Message } from '../parts/Message';
import { ProblemNote } from '../parts/ProblemNote';
import { Shell } from '../parts/Shell';
import { SignInForm } from './SignInForm';
import classes from './Form.module.css';

/** Makes an instant meeting and goes there: as its owner for an account, by the host's link for anyone else. */
export default function NewInstant() {
    const { t } = useTranslation(['home', 'common']);
    const { api, session } = useApp();
    const who = useReadable(session.session);
    const account = who.kind === 'signed-in';
    // A query rather than a mutation, so that drawing the page twice still makes one meeting.
    const made = useQuery({
        queryKey: ['instant', account],
        enabled: who.kind === 'signed-in' || who.kind === 'signed-out',
        staleTime: Infinity,
        gcTime: 0,
        retry: false,
        queryFn: async () => {
            if (account) {
                const meeting = await api.createMeeting({
                    kind: 'instant',
                    title: t('instant.title'),
                });
                return `/call/${meeting.id}`;
            }
            const instant = await api.instant();
            const { hash } = new URL(instant.host_url);
            rememberInvitation(hash.slice(1), instant.guest_url);
            return `/j${hash}`;
        },
    });
    useEffect(() => {
        if (made.data !== undefined) navigate(made.data, { replace: true });
    }, [made.data]);

    const forbidden = made.error instanceof ProblemError && made.error.status === 403;
    return (
        <Shell width="narrow">
            {made.error === null && <Loading />}
            {forbidden && (
                <Message Icon={Lock} title={t('instant.off.title')} text={t('instant.off.text')}>
                    {account ? (
                        <Button onClick={() => navigate('/')}>{t('common:to-start')}</Button>
                    ) : (
                        <div className={classes.card}>
                            <SignInForm />
                        </div>
                    )}
                </Message>
            )}
            {made.error !== null && !forbidden && (
                <>
                    <ProblemNote error={made.error} />
                    <Button variant="default" mt="md" onClick={() => void made.refetch()}>
                        {t('common:try-again')}
                    </Button>
                </>
            )}
        </Shell>
    );
}
