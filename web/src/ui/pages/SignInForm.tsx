// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { ProblemNote } from '../parts/ProblemNote';
import { CurrentPassword } from './CurrentPassword';
import { EmailField } from './EmailField';
import classes from './Form.module.css';

/** Email and password. Whoever is signed in then sees the page that was asked for. */
export function SignInForm() {
    const { t } = useTranslation('home');
    const { session } = useApp();
    const [email, setEmail] = useState('');
    const [password, setPassword] = useState('');
    const signIn = useMutation({ mutationFn: () => session.signIn(email.trim(), password) });
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (!signIn.isPending) signIn.mutate();
    };
    return (
        <form className={classes.form} onSubmit={submit}>
            <ProblemNote error={signIn.error} texts={{ 401: t('sign-in.wrong') }} />
            <EmailField value={email} onChange={setEmail} />
            <CurrentPassword label={t('password')} value={password} onChange={setPassword} />
            <Button type="submit" loading={signIn.isPending} fullWidth>
                {t('sign-in.button')}
            </Button>
        </form>
    );
}
