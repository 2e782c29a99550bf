// SPDX-License-Identifier: Apache-2.0
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import classes from './SettingsDialog.module.css';

/** What the others see us called. */
export function NameField() {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const current = useReadable(call.people).me?.name ?? '';
    const [name, setName] = useState(current);
    const changed = name.trim() !== '' && name.trim() !== current;
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (changed) call.rename(name.trim());
    };
    return (
        <form className={classes.line} onSubmit={submit}>
            <TextInput
                className={classes.grow ?? ''}
                aria-label={t('settings.name')}
                maxLength={64}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" variant="default" disabled={!changed}>
                {t('settings.rename')}
            </Button>
        </form>
    );
}
