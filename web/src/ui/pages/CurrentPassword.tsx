// SPDX-License-Identifier: Apache-2.0
import { PasswordInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
    readonly label: string;
    readonly value: string;
    readonly onChange: (value: string) => void;
}

/** The password that an account has: one to be set is asked for by NewPassword. */
export function CurrentPassword({ label, value, onChange }: Props) {
    const { t } = useTranslation('home');
    return (
        <PasswordInput
            label={label}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            maxLength={256}
            value={value}
            onChange={(event) => onChange(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('show-password') }}
        />
    );
}
