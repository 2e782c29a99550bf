// SPDX-License-Identifier: Apache-2.0
import { Lock } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { clockTime } from '../../i18n/format';
import { useNow } from '../hooks/use-now';
import { Logo } from '../parts/Logo';
import type { InCall } from './CallPage';
import { ClosingSoon } from './ClosingSoon';
import { ProtectionBadge } from './ProtectionBadge';
import classes from './TopBar.module.css';
import { ViewMenu } from './ViewMenu';

interface Props {
    readonly view: InCall;
}

/** What call this is, for how long, and how it is protected. */
export function TopBar({ view }: Props) {
    const { t } = useTranslation('call');
    const now = useNow(1000);
    return (
        <header className={classes.bar}>
            <span className={classes.logo}>
                <Logo size={28} />
            </span>
            <span className={classes.title} aria-hidden="true">
                {view.title}
            </span>
            <span className={classes.time} role="timer" aria-label={t('running')} aria-live="off">
                {clockTime(now - view.joined_at_ms)}
            </span>
            {view.locked && (
                <span className={classes.locked}>
                    <Lock size={14} aria-hidden />
                    {t('locked')}
                </span>
            )}
            <ClosingSoon closes_at={view.closes_at} />
            <span className={classes.space} />
            <ViewMenu />
            <ProtectionBadge />
        </header>
    );
}
