// SPDX-License-Identifier: Apache-2.0
import { Lock } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { Logo } from '../parts/Logo';
import type { InCall } from './CallPage';
import { ClosingSoon } from './ClosingSoon';
import { Elapsed } from './Elapsed';
import { ProtectionBadge } from './ProtectionBadge';
import classes from './TopBar.module.css';
import { ViewMenu } from './ViewMenu';

interface Props {
    readonly view: InCall;
}

/** What call this is, for how long, and how it is protected. */
export function TopBar({ view }: Props) {
    const { t } = useTranslation('call');
    return (
        <header className={classes.bar}>
            <span className={classes.logo}>
                <Logo size={28} />
            </span>
            <span className={classes.title} aria-hidden="true">
                {view.title}
            </span>
            <Elapsed since_ms={view.joined_at_ms} className={classes.time} />
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
