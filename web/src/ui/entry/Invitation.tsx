// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import type { ResolvedLink } from '../../protocol/rest';
import { MeetingWhen } from '../meetings/MeetingWhen';

interface Props {
    readonly meeting: ResolvedLink;
}

/** When it is, and with whom. */
export function Invitation({ meeting }: Props) {
    const { t } = useTranslation('entry');
    return (
        <>
            <MeetingWhen meeting={meeting} withDay />
            {meeting.host_name !== undefined && (
                <>
                    <br />
                    {t('hosted-by', { name: meeting.host_name })}
                </>
            )}
        </>
    );
}
