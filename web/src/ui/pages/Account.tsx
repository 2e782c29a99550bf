// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import { useFormat } from '../../i18n/format';
import { useReadable } from '../hooks/use-readable';
import { PageTitle } from '../parts/PageTitle';
import { ProblemNote } from '../parts/ProblemNote';
import { Section } from '../parts/Section';
import { Shell } from '../parts/Shell';
import { Appearance } from './Appearance';
import { PasswordForm } from './PasswordForm';

/** The signed-in person's own page. */
export default function Account() {
    const { t } = useTranslation(['home', 'common']);
    const format = useFormat();
    const { session: model } = useApp();
    const session = useReadable(model.session);
    const everywhere = useMutation({
        mutationFn: () => model.signOut(true),
        onSuccess: () => navigate('/'),
    });
    if (session.kind !== 'signed-in') return null;
    const { user } = session;
    return (
        <Shell>
            <PageTitle title={t('common:account')}>
                {t('account.who', {
                    name: user.name,
                    email: user.email,
                    date: format.date(user.created_at),
                })}
            </PageTitle>
            <Section title={t('account.password.title')} text={t('account.password.text')}>
                <PasswordForm />
            </Section>
            <Section title={t('account.sessions.title')} text={t('account.sessions.text')}>
                <ProblemNote error={everywhere.error} />
                <div>
                    <Button
                        variant="default"
                        loading={everywhere.isPending}
                        onClick={() => everywhere.mutate()}
                    >
                        {t('account.sessions.button')}
                    </Button>
                </div>
            </Section>
            <Section title={t('common:appearance')} text={t('account.appearance')}>
                <Appearance />
            </Section>
        </Shell>
    );
}
