// SPDX-License-Identifier: Apache-2.0
import { ChevronRight, ShieldCheck } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import type { ResolvedLink } from '../../protocol/rest';
import classes from './Kept.module.css';

interface Props {
    readonly meeting: ResolvedLink;
}

/** What is kept of the call and who learns what, in plain words, before anything happens. */
export function Kept({ meeting }: Props) {
    const { t } = useTranslation('entry');
    const days = meeting.retention?.records_days;
    return (
        <details className={classes.kept}>
            <summary className={classes.summary}>
                <ShieldCheck size={18} aria-hidden className={classes.shield} />
                <span>{t('kept.title')}</span>
                <ChevronRight size={16} aria-hidden className={classes.chevron} />
            </summary>
            <dl className={classes.list}>
                <dt>{t('kept.not.title')}</dt>
                <dd>{t(meeting.topology === 'mesh' ? 'kept.not.text' : 'kept.not.text-auto')}</dd>
                <dt>
                    {days === undefined
                        ? t('kept.record.title')
                        : t('kept.record.title-days', { count: days })}
                </dt>
                <dd>{t('kept.record.text')}</dd>
                <dt>{t('kept.others.title')}</dt>
                <dd>{t('kept.others.text')}</dd>
            </dl>
        </details>
    );
}
