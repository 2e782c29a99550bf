// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { Loading } from '../parts/Loading';
import { ProblemNote } from '../parts/ProblemNote';
import { Section } from '../parts/Section';
import { keys } from './keys';
import { RecordCard } from './RecordCard';
import classes from './Records.module.css';

interface Props {
    readonly meeting: string;
}

/** The call data records of a meeting: all that is kept of its calls, and until when. */
export function RecordsSection({ meeting }: Props) {
    const { t } = useTranslation('home');
    const { api } = useApp();
    const records = useQuery({
        queryKey: keys.records(meeting),
        queryFn: () => api.records(meeting),
    });
    return (
        <Section title={t('records.title')} text={t('records.text')} layout="above">
            {records.isPending && <Loading />}
            <ProblemNote error={records.error} />
            {records.data?.items.length === 0 && (
                <p className={classes.none}>{t('records.none')}</p>
            )}
            {records.data?.items.map((record) => (
                <RecordCard key={record.id} record={record} />
            ))}
        </Section>
    );
}
