// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { Meeting } from '../../protocol/rest';
import { StateBadge } from '../parts/StateBadge';

interface Props {
    readonly meeting: Meeting;
}

/** How a meeting stands. */
export function MeetingState({ meeting }: Props) {
    const { t } = useTranslation('home');
    const format = useFormat();
    switch (meeting.state) {
        case 'live':
            return (
                <StateBadge tone="accent" live>
                    {t('state.live', { count: meeting.present })}
                </StateBadge>
            );
        case 'open':
            // A room is always open: nothing worth a word.
            return meeting.kind === 'scheduled' ? (
                <StateBadge tone="accent">{t('state.open')}</StateBadge>
            ) : null;
        case 'scheduled':
            return meeting.opens_at === undefined ? null : (
                <StateBadge tone="neutral">
                    {t('state.opens', { time: format.time(meeting.opens_at) })}
                </StateBadge>
            );
        case 'ended':
            return <StateBadge tone="neutral">{t('state.ended')}</StateBadge>;
        case 'expired':
            return <StateBadge tone="neutral">{t('state.expired')}</StateBadge>;
    }
}
