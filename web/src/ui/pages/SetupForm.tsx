// SPDX-License-Identifier: Apache-2.0
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemError } from '../../state/problems';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import { ProblemNote } from '../parts/ProblemNote';
import { EmailField } from './EmailField';
import classes from './Form.module.css';
import { NewPassword } from './NewPassword';

interface Props {
    readonly token: string;
}

export function SetupForm({ token }: Props) {
    const { t } = useTranslation('home');
    const { session } = useApp();
    const [name, setName] = useState('');
    const [email, setEmail] = useState('');
    const [password, setPassword] = useState<string | null>(null);
    const setUp = useMutation({
        mutationFn: (chosen: string) =>
            session.setUp({ token, name: name.trim(), email: email.trim(), password: chosen }),
        onSuccess: () => navigate('/', { replace: true }),
    });
    const problem = setUp.error instanceof ProblemError ? setUp.error : null;
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (password !== null && !setUp.isPending) setUp.mutate(password);
    };
    return (
        <form className={classes.form} onSubmit={submit}>
            <ProblemNote error={setUp.error} texts={{ 404: t('setup.gone.title') }} />
            <TextInput
                label={t('name')}
                name="name"
                autoComplete="name"
                required
                withAsterisk={false}
                maxLength={64}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                error={problem?.fieldMessage('name')}
            />
            <EmailField
                value={email}
                onChange={setEmail}
                description={t('setup.email')}
                error={problem?.fieldMessage('email')}
            />
            <NewPassword label={t('password')} onChange={setPassword} />
            <Button type="submit" loading={setUp.isPending} fullWidth>
                {t('setup.button')}
            </Button>
        </form>
    );
}
