// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { clockTime } from '../../i18n/format';
import { useNow } from '../hooks/use-now';

interface Props {
    /** Milliseconds since 1970. */
    readonly since_ms: number;
    readonly className: string | undefined;
}

/** For how long the call has been running, to the second. */
export function Elapsed({ since_ms, className }: Props) {
    const { t } = useTranslation('call');
    const now = useNow(1000);
    return (
        <span className={className} role="timer" aria-label={t('running')} aria-live="off">
            {clockTime(now - since_ms)}
        </span>
    );
}
