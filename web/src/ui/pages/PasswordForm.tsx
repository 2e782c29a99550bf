// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { useToasts } from '../app/toasts';
import { ProblemNote } from '../parts/ProblemNote';
import { CurrentPassword } from './CurrentPassword';
import classes from './Form.module.css';
import { NewPassword } from './NewPassword';

export function PasswordForm() {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const toasts = useToasts();
    const [current, setCurrent] = useState('');
    const [fresh, setFresh] = useState<string | null>(null);
    // Another number is another, empty form.
    const [round, setRound] = useState(0);
    const change = useMutation({
        mutationFn: (password: string) => api.changePassword({ current, new: password }),
        onSuccess: () => {
            toasts.show({ text: t('account.password.done') });
            setCurrent('');
            setFresh(null);
            setRound(round + 1);
        },
    });
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (fresh !== null && !change.isPending) change.mutate(fresh);
    };
    return (
        <form key={round} className={classes.form} onSubmit={submit}>
            <ProblemNote error={change.error} texts={{ 401: t('account.password.wrong') }} />
            <CurrentPassword
                label={t('account.password.current')}
                value={current}
                onChange={setCurrent}
            />
            <NewPassword label={t('account.password.new')} onChange={setFresh} />
            <div>
                <Button type="submit" loading={change.isPending}>
                    {t('account.password.button')}
                </Button>
            </div>
        </form>
    );
}
