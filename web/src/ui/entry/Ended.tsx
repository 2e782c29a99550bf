// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { Ban, CopyX, DoorClosed, Hand, Link2Off, LogOut, Unplug, UserX } from '../parts/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { Ending } from '../../state/views';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import { useReadable } from '../hooks/use-readable';
import { Message } from '../parts/Message';
import { Shell } from '../parts/Shell';
import { useOpened } from './entry-context';
import classes from './Entry.module.css';
import { useRetention } from './use-retention';

const ICONS: Readonly<Record<Ending['kind'], typeof Hand>> = {
    left: Hand,
    'meeting-ended': DoorClosed,
    removed: UserX,
    denied: Ban,
    revoked: Link2Off,
    'signed-out': LogOut,
    replaced: CopyX,
    lost: Unplug,
};

const DAY_MS = 86_400_000;

interface Props {
    readonly ending: Ending;
    readonly mayReturn: boolean;
}

/** After the call: why it is over, the way back, and what is left of it until when. */
export function Ended({ ending, mayReturn }: Props) {
    const { t } = useTranslation(['entry', 'common']);
    const format = useFormat();
    const { session } = useApp();
    const signedIn = useReadable(session.session).kind === 'signed-in';
    const { call, entry } = useOpened();
    const days = useRetention();
    const [ended_ms] = useState(() => Date.now());
    return (
        <Shell width="narrow">
            <Message
                Icon={ICONS[ending.kind]}
                title={t(`ended.${ending.kind}.title`)}
                text={t(`ended.${ending.kind}.text`)}
            >
                {mayReturn && <Button onClick={() => call.again()}>{t('ended.again')}</Button>}
                {'meeting' in entry && (
                    <Button
                        variant="default"
                        onClick={() => navigate(`/meetings/${entry.meeting}`)}
                    >
                        {t('ended.records')}
                    </Button>
                )}
                <Button variant={mayReturn ? 'default' : 'filled'} onClick={() => navigate('/')}>
                    {signedIn ? t('common:meetings') : t('common:to-start')}
                </Button>
                {days !== null && ending.kind !== 'denied' && (
                    <div className={classes.kept}>
                        <h2>{t('ended.kept.title')}</h2>
                        <p>
                            {t('ended.kept.text', { date: format.date(ended_ms + days * DAY_MS) })}
                        </p>
                        <p>{t('ended.kept.gone')}</p>
                    </div>
                )}
            </Message>
        </Shell>
    );
}
