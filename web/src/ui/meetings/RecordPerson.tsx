// SPDX-License-Identifier: Apache-2.0
import { ChevronRight } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { CallRecord } from '../../protocol/rest';
import { Avatar } from '../parts/Avatar';
import { StateBadge } from '../parts/StateBadge';
import classes from './Records.module.css';
import { measured } from './statistics';

type Person = CallRecord['participants'][number];

const ROLES = ['host', 'moderator', 'participant', 'guest'] as const;

interface Props {
    readonly person: Person;
}

/** One person of a record; opens to where from, how connected, and the statistics. */
export function RecordPerson({ person }: Props) {
    const { t } = useTranslation(['home', 'common']);
    const format = useFormat();
    const role = ROLES.find((known) => known === person.role);
    const place = [
        person.address,
        person.country === undefined ? undefined : format.country(person.country),
        person.network,
    ].filter((part) => part !== undefined && part !== '');
    const span =
        person.left_at === undefined
            ? t('records.since', { time: format.time(person.joined_at) })
            : format.timeRange(person.joined_at, person.left_at);
    const statistics = measured(person.statistics ?? {});
    return (
        <li>
            <details className={classes.person}>
                <summary className={classes.summary}>
                    <Avatar name={person.name} size="small" />
                    <span className={classes.name}>{person.name}</span>
                    <StateBadge tone="neutral">
                        {role === undefined ? person.role : t(`common:role.${role}`)}
                    </StateBadge>
                    <span className={classes.span}>{span}</span>
                    <ChevronRight size={16} aria-hidden className={classes.chevron} />
                </summary>
                <dl className={classes.facts}>
                    <dt>{t('records.from')}</dt>
                    <dd>{place.length === 0 ? t('records.not-known') : place.join(' · ')}</dd>
                    {(person.connections ?? []).map((connection, index) => (
                        <Connection key={`${connection.at} ${index}`} connection={connection} />
                    ))}
                    {statistics.length > 0 && (
                        <>
                            <dt>{t('records.statistics')}</dt>
                            <dd className={classes.statistics}>
                                {statistics.map(({ media, measure, value }) => (
                                    <span key={`${media} ${measure}`}>
                                        {t(`records.measured.${measure}`, {
                                            media: t(`records.media.${media}`),
                                            value: format.number(value, 1),
                                        })}
                                    </span>
                                ))}
                            </dd>
                        </>
                    )}
                </dl>
            </details>
        </li>
    );
}

function Connection({
    connection,
}: {
    readonly connection: NonNullable<Person['connections']>[number];
}) {
    const { t } = useTranslation(['home', 'common']);
    const format = useFormat();
    return (
        <>
            <dt>{format.exact(connection.at)}</dt>
            <dd>
                {t('records.connection', {
                    peer: connection.server === true ? t('records.server') : connection.peer,
                    state: t(`common:connection.${connection.state}`),
                })}
                {connection.path !== undefined && ` · ${t(`common:path.${connection.path}`)}`}
            </dd>
        </>
    );
}
