// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { CalendarX2, CloudOff, DoorClosed, Link2Off } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import type { ResolvedLink } from '../../protocol/rest';
import { navigate } from '../app/router';
import { Message } from '../parts/Message';
import { Shell } from '../parts/Shell';
import { useCallModel } from './entry-context';

const ICONS = {
    unknown: Link2Off,
    unreachable: CloudOff,
    ended: DoorClosed,
    expired: CalendarX2,
};

interface Props {
    readonly why: keyof typeof ICONS;
    readonly meeting: ResolvedLink | null;
}

/** Where a link doesn't lead into a call: why, and what to do about it. */
export function Closed({ why, meeting }: Props) {
    const { t } = useTranslation(['entry', 'common']);
    const call = useCallModel();
    const host = meeting?.host_name;
    return (
        <Shell width="narrow">
            <Message
                Icon={ICONS[why]}
                title={t(`closed.${why}.title`)}
                text={
                    <>
                        {meeting && <strong>{meeting.title}</strong>}
                        {meeting && <br />}
                        {t(`closed.${why}.text`)}
                        {host !== undefined && ` ${t('closed.ask-host', { name: host })}`}
                    </>
                }
            >
                {why === 'unreachable' ? (
                    <Button onClick={() => call.resolve()}>{t('common:try-again')}</Button>
                ) : (
                    <Button variant="default" onClick={() => navigate('/')}>
                        {t('common:to-start')}
                    </Button>
                )}
            </Message>
        </Shell>
    );
}
