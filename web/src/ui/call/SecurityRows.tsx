// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { SecurityFacts } from '../../media/types';
import classes from './ProtectionDialog.module.css';

interface Props {
    readonly security: SecurityFacts;
    /** What the other side's fingerprint is called. */
    readonly theirs: string;
}

/** Since when, cipher and fingerprints: rows of a list of facts. */
export function SecurityRows({ security, theirs }: Props) {
    const { t } = useTranslation('call');
    const format = useFormat();
    const cipher = [security.dtls, security.cipher, security.srtp].filter((part) => part != null);
    return (
        <>
            <dt>{t('protection.since')}</dt>
            <dd>{format.exact(security.since_ms)}</dd>
            <dt>{t('protection.cipher')}</dt>
            <dd>{cipher.length === 0 ? t('protection.not-told') : cipher.join(' · ')}</dd>
            <dt>{t('protection.mine')}</dt>
            <dd className={classes.print}>
                {security.local_fingerprint ?? t('protection.not-told')}
            </dd>
            <dt>{theirs}</dt>
            <dd className={classes.print}>
                {security.remote_fingerprint ?? t('protection.not-told')}
            </dd>
        </>
    );
}
