// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useReadable } from '../hooks/use-readable';
import { useApp } from '../app/app-context';
import { Link } from '../app/Link';
import { AccountMenu } from './AccountMenu';
import { Logo } from './Logo';
import { SettingsMenu } from './SettingsMenu';
import classes from './Shell.module.css';

interface Props {
    readonly children: ReactNode;
    /** `narrow` for a single form, `full` where the page sets its own width. */
    readonly width?: 'page' | 'narrow' | 'full';
}

/** The frame of every page but the call: name of the product, menus, content. */
export function Shell({ children, width = 'page' }: Props) {
    const { t } = useTranslation();
    const session = useReadable(useApp().session.session);
    return (
        <>
            <a href="#content" className={classes.skip} onClick={skipToContent}>
                {t('skip-to-content')}
            </a>
            <header className={classes.bar}>
                <Link href="/" className={classes.home} aria-label={t('home-link')}>
                    <Logo withName />
                </Link>
                <div className={classes.menus}>
                    <SettingsMenu />
                    {session.kind === 'signed-in' && <AccountMenu user={session.user} />}
                </div>
            </header>
            <main id="content" tabIndex={-1} className={classes.content} data-width={width}>
                {children}
            </main>
        </>
    );
}

/** The address keeps its fragment, which may be a token. */
function skipToContent(event: { preventDefault(): void }): void {
    event.preventDefault();
    document.getElementById('content')?.focus();
}
