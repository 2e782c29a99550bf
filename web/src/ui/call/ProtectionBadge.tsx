// SPDX-License-Identifier: Apache-2.0
import { UnstyledButton } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { LoaderCircle, ShieldCheck } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { useCallUi } from './call-ui';
import classes from './ProtectionBadge.module.css';

/** How the call is protected; opens to the facts. */
export function ProtectionBadge() {
    const { t } = useTranslation('call');
    const { setDialog } = useCallUi();
    const protection = useReadable(useCallModel().protection);
    const encrypted = protection.state === 'encrypted';
    const Icon = encrypted ? ShieldCheck : LoaderCircle;
    // On a phone the meeting's title needs the room.
    const words = useMediaQuery('(max-width: 600px)', false) ? 'short' : 'badge';
    const text = t(`protection.${words}.${encrypted ? protection.mode : 'pending'}`);
    return (
        <UnstyledButton
            className={classes.badge}
            data-encrypted={encrypted}
            aria-label={t('protection.open', { state: text })}
            aria-haspopup="dialog"
            onClick={() => setDialog('protection')}
        >
            <Icon size={16} aria-hidden />
            {text}
        </UnstyledButton>
    );
}
