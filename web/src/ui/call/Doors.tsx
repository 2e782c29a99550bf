// SPDX-License-Identifier: Apache-2.0
import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import type { InCall } from './CallPage';

interface Props {
    readonly view: InCall;
}

/** Lock and lobby: who else gets in, and how; and whether the call goes through the server. */
export function Doors({ view }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    return (
        <>
            <Switch
                label={t('doors.lobby')}
                description={t('doors.lobby-hint')}
                checked={view.lobby}
                onChange={(event) => call.setLobby(event.currentTarget.checked)}
            />
            <Switch
                label={t('doors.lock')}
                description={t('doors.lock-hint')}
                checked={view.locked}
                onChange={(event) => call.lock(event.currentTarget.checked)}
            />
            {view.topology === 'auto' && (
                <Switch
                    label={t('doors.relay')}
                    description={
                        view.mode === 'relayed' && !view.relay_asked
                            ? t('doors.relay-needed')
                            : t('doors.relay-hint')
                    }
                    checked={view.relay_asked || view.mode === 'relayed'}
                    disabled={view.mode === 'relayed' && !view.relay_asked}
                    onChange={(event) => call.setRelayed(event.currentTarget.checked)}
                />
            )}
        </>
    );
}
