// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useOpened } from '../entry/entry-context';
import { recallInvitation } from '../app/invitations';
import classes from './Alone.module.css';
import type { InCall } from './CallPage';
import { InviteButton } from './InviteButton';
import { Logo } from '../parts/Logo';

interface Props {
    readonly view: InCall;
}

/** While nobody else is here. */
export function Alone({ view }: Props) {
    const { t } = useTranslation('call');
    const { entry } = useOpened();
    const canInvite = 'meeting' in entry || recallInvitation(entry.link) !== null;
    return (
        <div className={classes.alone}>
            <div className={classes.card}>
                <Logo size={48} />
                <h2 className={classes.title}>{t('alone.title')}</h2>
                <p className={classes.text}>
                    {canInvite ? t('alone.invite') : t('alone.wait', { title: view.title })}
                </p>
                <InviteButton />
            </div>
        </div>
    );
}
