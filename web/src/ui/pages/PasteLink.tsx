// SPDX-License-Identifier: Apache-2.0
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { localLink, navigate } from '../app/router';
import classes from './PasteLink.module.css';

/** Takes a link that somebody was sent. */
export function PasteLink() {
    const { t } = useTranslation('home');
    const [text, setText] = useState('');
    const [wrong, setWrong] = useState(false);
    const open = (event: FormEvent) => {
        event.preventDefault();
        const page = localLink(text, window.location.origin);
        setWrong(page === null);
        if (page !== null) navigate(page);
    };
    return (
        <form className={classes.form} onSubmit={open} noValidate>
            <TextInput
                className={classes.input}
                label={t('paste.label')}
                placeholder={`${window.location.origin}/j#…`}
                value={text}
                onChange={(event) => {
                    setText(event.currentTarget.value);
                    setWrong(false);
                }}
                error={wrong}
                aria-describedby={wrong ? 'paste-wrong' : undefined}
                type="url"
                inputMode="url"
                autoComplete="off"
                spellCheck={false}
            />
            <Button type="submit" variant="default">
                {t('paste.open')}
            </Button>
            {wrong && (
                <p id="paste-wrong" className={classes.wrong} role="alert">
                    {t('paste.wrong')}
                </p>
            )}
        </form>
    );
}
