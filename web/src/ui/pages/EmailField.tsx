// SPDX-License-Identifier: Apache-2.0
import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly description?: string;
    readonly error?: ReactNode;
}

/** The address by which an account is known; a browser keeps it as the user's name. */
export function EmailField({ value, onChange, description, error }: Props) {
    const { t } = useTranslation('home');
    return (
        <TextInput
            label={t('email')}
            description={description}
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            maxLength={254}
            value={value}
            onChange={(event) => onChange(event.currentTarget.value)}
            error={error}
        />
    );
}
