// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { CalendarPlus, DoorOpen, History } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { EmptyState } from '../parts/EmptyState';
import { Loading } from '../parts/Loading';
import { ProblemNote } from '../parts/ProblemNote';
import { keys, type When } from './keys';
import classes from './MeetingList.module.css';
import { MeetingRow } from './MeetingRow';
import type { NewKind } from './NewMeetingMenu';

const EMPTY = { upcoming: CalendarPlus, rooms: DoorOpen, past: History };
/** Who is in changes by itself. */
const REFRESH_MS = 15_000;

interface Props {
    readonly when: When;
    readonly onNew: (kind: NewKind) => void;
}

export function MeetingList({ when, onNew }: Props) {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const pages = useInfiniteQuery({
        queryKey: keys.list(when),
        queryFn: ({ pageParam }) =>
            api.meetings(when, pageParam === undefined ? {} : { cursor: pageParam }),
        initialPageParam: undefined as string | undefined,
        getNextPageParam: (page) => page.next,
        refetchInterval: when === 'past' ? false : REFRESH_MS,
    });
    if (pages.isPending) return <Loading />;
    if (pages.isError) return <ProblemNote error={pages.error} />;
    const meetings = pages.data.pages.flatMap((page) => page.items);
    if (meetings.length === 0) {
        const kind = when === 'rooms' ? 'room' : 'scheduled';
        return (
            <EmptyState
                Icon={EMPTY[when]}
                title={t(`empty.${when}.title`)}
                text={t(`empty.${when}.text`)}
            >
                {when !== 'past' && (
                    <Button variant="light" onClick={() => onNew(kind)}>
                        {t(`new.${kind}.name`)}
                    </Button>
                )}
            </EmptyState>
        );
    }
    return (
        <>
            <ul className={classes.list}>
                {meetings.map((meeting) => (
                    <MeetingRow key={meeting.id} meeting={meeting} />
                ))}
            </ul>
            {pages.hasNextPage && (
                <div className={classes.more}>
                    <Button
                        variant="default"
                        loading={pages.isFetchingNextPage}
                        onClick={() => void pages.fetchNextPage()}
                    >
                        {t('more')}
                    </Button>
                </div>
            )}
        </>
    );
}
