// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, CalendarX2, Video } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { ProblemError } from '../../state/problems';
import { useApp } from '../app/app-context';
import { Link } from '../app/Link';
import { navigate } from '../app/router';
import { Loading } from '../parts/Loading';
import { Message } from '../parts/Message';
import { PageTitle } from '../parts/PageTitle';
import { ProblemNote } from '../parts/ProblemNote';
import { Shell } from '../parts/Shell';
import { keys } from './keys';
import { LinksSection } from './LinksSection';
import classes from './MeetingPage.module.css';
import { MeetingActions } from './MeetingActions';
import { MeetingState } from './MeetingState';
import { MeetingWhen } from './MeetingWhen';
import { RecordsSection } from './RecordsSection';

const REFRESH_MS = 10_000;

interface Props {
    readonly id: string;
}

/** All about one meeting, for its owner. */
export default function MeetingPage({ id }: Props) {
    const { t } = useTranslation(['home', 'common']);
    const { api } = useApp();
    const query = useQuery({
        queryKey: keys.meeting(id),
        queryFn: () => api.meeting(id),
        refetchInterval: REFRESH_MS,
    });
    const meeting = query.data;
    const unknown = query.error instanceof ProblemError && query.error.status === 404;
    if (unknown) {
        return (
            <Shell width="narrow">
                <Message Icon={CalendarX2} title={t('gone.title')} text={t('gone.text')}>
                    <Button onClick={() => navigate('/')}>{t('common:meetings')}</Button>
                </Message>
            </Shell>
        );
    }
    return (
        <Shell>
            <Link href="/" className={classes.back}>
                <ArrowLeft size={16} aria-hidden />
                {t('common:meetings')}
            </Link>
            {query.isPending && <Loading />}
            {query.isError && <ProblemNote error={query.error} />}
            {meeting && (
                <>
                    <div className={classes.head}>
                        <PageTitle title={meeting.title}>
                            <div className={classes.facts}>
                                <span>
                                    <MeetingWhen meeting={meeting} withDay />
                                </span>
                                <MeetingState meeting={meeting} />
                            </div>
                        </PageTitle>
                        <div className={classes.actions}>
                            {(meeting.state === 'open' || meeting.state === 'live') && (
                                <Button
                                    leftSection={<Video size={18} aria-hidden />}
                                    onClick={() => navigate(`/call/${id}`)}
                                >
                                    {t('enter')}
                                </Button>
                            )}
                            <MeetingActions meeting={meeting} />
                        </div>
                    </div>
                    {meeting.state !== 'ended' && meeting.state !== 'expired' && (
                        <LinksSection meeting={id} />
                    )}
                    <RecordsSection meeting={id} />
                </>
            )}
        </Shell>
    );
}
