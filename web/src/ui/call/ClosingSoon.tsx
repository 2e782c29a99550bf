// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import { useNow } from '../hooks/use-now';
import { StateBadge } from '../parts/StateBadge';

const SOON_MS = 15 * 60_000;

interface Props {
    readonly closes_at: string | null;
}

/** Says so when the meeting's time is nearly up. */
export function ClosingSoon({ closes_at }: Props) {
    const { t } = useTranslation('call');
    const format = useFormat();
    const now = useNow(15_000);
    if (closes_at === null || Date.parse(closes_at) - now > SOON_MS) return null;
    return (
        <span role="status">
            <StateBadge tone="warning">{t('closes', { time: format.time(closes_at) })}</StateBadge>
        </span>
    );
}
