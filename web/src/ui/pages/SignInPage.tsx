// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { PageTitle } from '../parts/PageTitle';
import { Shell } from '../parts/Shell';
import classes from './Form.module.css';
import { SignInForm } from './SignInForm';

/** For pages that need an account: sign in, and the page appears. */
export function SignInPage() {
    const { t } = useTranslation('home');
    return (
        <Shell width="narrow">
            <div className={classes.card}>
                <PageTitle title={t('sign-in.title')}>{t('sign-in.needed')}</PageTitle>
                <SignInForm />
            </div>
        </Shell>
    );
}
