// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format';
import type { Person } from '../../state/views';
import { Avatar } from '../parts/Avatar';
import classes from './ProtectionDialog.module.css';

interface Props {
    readonly person: Person;
}

/** How the connection to one person is protected, as the browser tells it. */
export function PeerSecurity({ person }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const format = useFormat();
    const { security, path, participant, connection } = person;
    const cipher = [security?.dtls, security?.cipher, security?.srtp].filter(
        (part) => part != null,
    );
    return (
        <section className={classes.peer}>
            <h3 className={classes.name}>
                <Avatar name={participant.name} size="small" />
                {participant.name}
            </h3>
            <dl className={classes.facts}>
                <dt>{t('protection.state')}</dt>
                <dd>
                    {t(`common:connection.${connection}`)}
                    {path !== null && `, ${t(`common:path.${path}`)}`}
                </dd>
                {security && (
                    <>
                        <dt>{t('protection.since')}</dt>
                        <dd>{format.exact(security.since_ms)}</dd>
                        <dt>{t('protection.cipher')}</dt>
                        <dd>
                            {cipher.length === 0 ? t('protection.not-told') : cipher.join(' · ')}
                        </dd>
                        <dt>{t('protection.mine')}</dt>
                        <dd className={classes.print}>
                            {security.local_fingerprint ?? t('protection.not-told')}
                        </dd>
                        <dt>{t('protection.theirs')}</dt>
                        <dd className={classes.print}>
                            {security.remote_fingerprint ?? t('protection.not-told')}
                        </dd>
                    </>
                )}
            </dl>
        </section>
    );
}
