// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Meeting } from '../../protocol/rest';
import { useApp } from '../app/app-context';
import { Choice } from '../parts/Choice';

interface Props {
    readonly value: Meeting['topology'];
    readonly onChange: (value: Meeting['topology']) => void;
}

/** Who connects with whom, and so how many fit in and what passes through the server. */
export function ConnectField({ value, onChange }: Props) {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const server = useQuery({ queryKey: ['server'], queryFn: api.server });
    const places = server.data?.places ?? 2;
    const auto = places > 2 ? t('form.auto-hint', { places }) : t('form.pair-hint');
    return (
        <Choice
            label={t('form.connect')}
            options={[
                { value: 'auto', label: t('form.auto') },
                { value: 'mesh', label: t('form.mesh') },
            ]}
            value={value}
            onChange={onChange}
            hint={value === 'auto' ? auto : t('form.mesh-hint')}
        />
    );
}
