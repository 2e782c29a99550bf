// SPDX-License-Identifier: Apache-2.0
import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

const SHORTEST_PASSWORD = 10;

interface Props {
    readonly label: string;
    /** The password, or null while it isn't one. */
    readonly onChange: (password: string | null) => void;
}

/** A password to be set. Length is the only rule; what was typed can be looked at, so it is asked for once. */
export function NewPassword({ label, onChange }: Props) {
    const { t } = useTranslation('home');
    const [text, setText] = useState('');
    const [left, setLeft] = useState(false);
    const short = [...text].length < SHORTEST_PASSWORD;
    return (
        <PasswordInput
            label={label}
            description={t('password-rule', { count: SHORTEST_PASSWORD })}
            autoComplete="new-password"
            name="new-password"
            required
            withAsterisk={false}
            minLength={SHORTEST_PASSWORD}
            maxLength={256}
            value={text}
            onChange={(event) => {
                const value = event.currentTarget.value;
                setText(value);
                onChange([...value].length < SHORTEST_PASSWORD ? null : value);
            }}
            onBlur={() => setLeft(text !== '')}
            error={left && short ? t('password-short', { count: SHORTEST_PASSWORD }) : undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('show-password') }}
        />
    );
}
