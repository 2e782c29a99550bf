// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { DoorOpen, Video } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { Meeting } from '../../protocol/rest';
import { Link } from '../app/Link';
import { navigate } from '../app/router';
import classes from './MeetingRow.module.css';
import { MeetingState } from './MeetingState';
import { MeetingWhen } from './MeetingWhen';

interface Props {
    readonly meeting: Meeting;
}

/** One line of a list: when, what, how it stands, and the way in. */
export function MeetingRow({ meeting }: Props) {
    const { t } = useTranslation('home');
    const format = useFormat();
    const Icon = meeting.kind === 'room' ? DoorOpen : Video;
    const enterable = meeting.state === 'open' || meeting.state === 'live';
    const day = meeting.starts_at ?? (meeting.kind === 'room' ? undefined : meeting.created_at);
    return (
        <li className={classes.row}>
            <div className={classes.day} aria-hidden="true">
                {day === undefined ? (
                    <Icon size={22} />
                ) : (
                    <>
                        <span className={classes.weekday}>{format.weekday(day)}</span>
                        <span className={classes.number}>{format.dayOfMonth(day)}</span>
                        <span className={classes.weekday}>{format.month(day)}</span>
                    </>
                )}
            </div>
            <div className={classes.what}>
                <Link href={`/meetings/${meeting.id}`} className={classes.title}>
                    {meeting.title}
                </Link>
                <span className={classes.when}>
                    <MeetingWhen meeting={meeting} />
                </span>
            </div>
            <div className={classes.state}>
                <MeetingState meeting={meeting} />
            </div>
            {enterable && (
                <Button
                    size="sm"
                    variant={meeting.state === 'live' ? 'filled' : 'light'}
                    className={classes.enter}
                    aria-label={t('enter-named', { title: meeting.title })}
                    onClick={() => navigate(`/call/${meeting.id}`)}
                >
                    {t('enter')}
                </Button>
            )}
        </li>
    );
}
