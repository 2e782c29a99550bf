// SPDX-License-Identifier: Apache-2.0
import { TimerReset } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { clockTime, useFormat } from '../../i18n/format';
import type { CallRecord } from '../../protocol/rest';
import { StateBadge } from '../parts/StateBadge';
import { RecordPerson } from './RecordPerson';
import classes from './Records.module.css';

interface Props {
    readonly record: CallRecord;
}

/** One call: who was in it, from when to when. */
export function RecordCard({ record }: Props) {
    const { t } = useTranslation('home');
    const format = useFormat();
    const length =
        record.ended_at === undefined
            ? null
            : clockTime(Date.parse(record.ended_at) - Date.parse(record.started_at));
    return (
        <article className={classes.card}>
            <header className={classes.head}>
                <h3 className={classes.when}>{format.dateTime(record.started_at)}</h3>
                {length === null ? (
                    <StateBadge tone="accent" live>
                        {t('records.running')}
                    </StateBadge>
                ) : (
                    <span className={classes.length}>{length}</span>
                )}
                {record.expires_at !== undefined && (
                    <span className={classes.expires}>
                        <TimerReset size={16} aria-hidden />
                        {t('records.expires', { time: format.dateTime(record.expires_at) })}
                    </span>
                )}
            </header>
            <ul className={classes.people}>
                {record.participants.map((person, index) => (
                    <RecordPerson key={`${person.joined_at} ${index}`} person={person} />
                ))}
            </ul>
        </article>
    );
}
