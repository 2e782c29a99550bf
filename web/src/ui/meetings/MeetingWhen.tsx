// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import { isZone, ownZone, sameClock } from '../../i18n/zone';
import type { Meeting, ResolvedLink } from '../../protocol/rest';

type Timed = Pick<Meeting, 'kind' | 'starts_at' | 'duration_minutes' | 'time_zone'> | ResolvedLink;

interface Props {
    readonly meeting: Timed;
    /** With the day, where it isn't said beside it. */
    readonly withDay?: boolean;
}

/** When a meeting is: on the viewer's clock, and on the meeting's own where that shows something else. */
export function MeetingWhen({ meeting, withDay = false }: Props) {
    const { t } = useTranslation('home');
    const format = useFormat();
    if (meeting.kind !== 'scheduled' || meeting.starts_at === undefined) {
        return <>{t(`kind.${meeting.kind}`)}</>;
    }
    const start = Date.parse(meeting.starts_at);
    const end = start + (meeting.duration_minutes ?? 60) * 60_000;
    const zone = meeting.time_zone;
    const elsewhere = zone !== undefined && isZone(zone) && !sameClock(start, zone, ownZone());
    return (
        <>
            {withDay && `${format.day(start)}, `}
            <time dateTime={meeting.starts_at}>{format.timeRange(start, end)}</time>
            {elsewhere && (
                <>
                    {' '}
                    {t('time-elsewhere', {
                        time: format.timeRange(start, end, zone),
                        zone: zone.replaceAll('_', ' '),
                    })}
                </>
            )}
        </>
    );
}
