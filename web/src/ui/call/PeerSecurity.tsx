// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import type { Person } from '../../state/views';
import { Avatar } from '../parts/Avatar';
import facts from '../parts/Facts.module.css';
import classes from './ProtectionDialog.module.css';
import { SecurityRows } from './SecurityRows';

interface Props {
    readonly person: Person;
}

/** How the connection to one person is protected, as the browser tells it. */
export function PeerSecurity({ person }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const { security, path, participant, connection } = person;
    return (
        <section className={classes.peer}>
            <h3 className={classes.name}>
                <Avatar name={participant.name} size="small" />
                {participant.name}
            </h3>
            <dl className={facts.facts}>
                <dt>{t('protection.state')}</dt>
                <dd>
                    {t(`common:connection.${connection}`)}
                    {path !== null && `, ${t(`common:path.${path}`)}`}
                </dd>
                {security && <SecurityRows security={security} theirs={t('protection.theirs')} />}
            </dl>
        </section>
    );
}
