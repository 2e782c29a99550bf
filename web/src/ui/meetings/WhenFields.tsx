// SPDX-License-Identifier: Apache-2.0
import { Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import { allZones, fromWallTime, ownZone, sameClock } from '../../i18n/zone';
import type { Draft, DraftProblem } from './meeting-draft';
import classes from './MeetingForm.module.css';

const DURATIONS = [15, 30, 45, 60, 90, 120, 180, 240, 480];

interface Props {
    readonly draft: Draft;
    readonly problem: DraftProblem | null;
    readonly onChange: (change: Partial<Draft>) => void;
}

/** Day, time, length and time zone; where the zone isn't the viewer's own, what that is on their clock. */
export function WhenFields({ draft, problem, onChange }: Props) {
    const { t } = useTranslation('home');
    const format = useFormat();
    const zones = useMemo(
        () => allZones().map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
        [],
    );
    const start = fromWallTime(draft, draft.zone);
    const elsewhere = start !== null && !sameClock(start, draft.zone, ownZone());
    const durations = [...new Set([...DURATIONS, draft.duration_minutes])].sort((a, b) => a - b);
    const error = problem === 'when' || problem === 'past' ? t(`form.${problem}`) : undefined;
    return (
        <div className={classes.row}>
            {(['date', 'time'] as const).map((what) => (
                <TextInput
                    key={what}
                    label={t(`form.${what}`)}
                    type={what}
                    value={draft[what]}
                    required
                    withAsterisk={false}
                    onChange={(event) => onChange({ [what]: event.currentTarget.value })}
                    error={what === 'date' ? error : undefined}
                />
            ))}
            <Select
                label={t('form.duration')}
                value={String(draft.duration_minutes)}
                allowDeselect={false}
                data={durations.map((minutes) => ({
                    value: String(minutes),
                    label: t('form.minutes', { count: minutes }),
                }))}
                onChange={(value) => onChange({ duration_minutes: Number(value) })}
            />
            <Select
                className={classes.wide ?? ''}
                label={t('form.zone')}
                value={draft.zone}
                searchable
                allowDeselect={false}
                limit={60}
                data={zones}
                nothingFoundMessage={t('form.no-zone')}
                onChange={(value) => onChange({ zone: value ?? draft.zone })}
                description={
                    elsewhere ? t('form.your-time', { time: format.dateTime(start) }) : undefined
                }
            />
        </div>
    );
}
