// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { KeyRound } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { ProblemError } from '../../state/problems';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import { Loading } from '../parts/Loading';
import { Message } from '../parts/Message';
import { PageTitle } from '../parts/PageTitle';
import { ProblemNote } from '../parts/ProblemNote';
import { Shell } from '../parts/Shell';
import classes from './Form.module.css';
import { SetupForm } from './SetupForm';

interface Props {
    readonly token: string;
}

/** The one-time link of a new server: makes the first administrator. */
export default function Setup({ token }: Props) {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const check = useQuery({
        queryKey: ['setup', token],
        queryFn: async () => {
            await api.checkSetup(token);
            return true;
        },
        staleTime: Infinity,
    });
    const gone = check.error instanceof ProblemError && check.error.status === 404;
    return (
        <Shell width="narrow">
            {check.isPending && <Loading />}
            {gone && (
                <Message Icon={KeyRound} title={t('setup.gone.title')} text={t('setup.gone.text')}>
                    <Button onClick={() => navigate('/')}>{t('sign-in.title')}</Button>
                </Message>
            )}
            {check.isError && !gone && <ProblemNote error={check.error} />}
            {check.isSuccess && (
                <div className={classes.card}>
                    <PageTitle title={t('setup.title')}>{t('setup.text')}</PageTitle>
                    <SetupForm token={token} />
                </div>
            )}
        </Shell>
    );
}
