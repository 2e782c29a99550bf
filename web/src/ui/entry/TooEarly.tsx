// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { Hourglass } from '../parts/icons';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { clockTime, useFormat } from '../../i18n/format';
import type { ResolvedLink } from '../../protocol/rest';
import { useNow } from '../hooks/use-now';
import { Message } from '../parts/Message';
import { Shell } from '../parts/Shell';
import { useCallModel } from './entry-context';
import classes from './Entry.module.css';
import { Invitation } from './Invitation';

const DAY_MS = 86_400_000;

interface Props {
    readonly meeting: ResolvedLink;
    readonly opens_at: string | null;
}

/** The link is good, the door is still closed: says when it opens, and opens it then. */
export function TooEarly({ meeting, opens_at }: Props) {
    const { t } = useTranslation(['entry', 'common']);
    const format = useFormat();
    const call = useCallModel();
    const now = useNow(1000);
    const opens = opens_at === null ? null : Date.parse(opens_at);
    const left = opens === null ? null : opens - now;
    const due = left !== null && left <= 0;
    useEffect(() => {
        if (due) call.resolve();
    }, [call, due]);
    return (
        <Shell width="narrow">
            <Message Icon={Hourglass} title={meeting.title} text={<Invitation meeting={meeting} />}>
                <div className={classes.countdown}>
                    {left === null || opens === null ? (
                        <p>{t('early.later')}</p>
                    ) : (
                        <>
                            <p>{t('early.opens', { time: format.dateTime(opens) })}</p>
                            <span className={classes.clock} role="timer" aria-live="off">
                                {left > DAY_MS ? format.relative(opens, now) : clockTime(left)}
                            </span>
                            <p className={classes.small}>{t('early.stay')}</p>
                        </>
                    )}
                    <Button variant="default" onClick={() => call.resolve()}>
                        {t('early.check')}
                    </Button>
                </div>
            </Message>
        </Shell>
    );
}
