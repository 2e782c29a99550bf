// SPDX-License-Identifier: Apache-2.0
import { MantineProvider } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, type ReactNode } from 'react';
import { switchLanguage } from '../../i18n';
import { useReadable } from '../hooks/use-readable';
import { theme as mantineTheme } from '../theme/theme';
import { useApp } from './app-context';

interface Props {
    readonly children: ReactNode;
}

/** Makes theme and language what the settings say. */
export function Preferences({ children }: Props) {
    const { theme, language } = useReadable(useApp().settings.settings);
    const night = useMediaQuery('(prefers-color-scheme: dark)', false, {
        getInitialValueInEffect: false,
    });
    const dark = theme === 'dark' || (theme === 'system' && night);

    useEffect(() => {
        // A language that cannot be loaded (no network) leaves the one that is there.
        switchLanguage(language).catch(() => undefined);
    }, [language]);

    useEffect(() => {
        const paper = getComputedStyle(document.body).backgroundColor;
        for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
            meta.setAttribute('content', paper);
        }
    }, [dark]);

    return (
        <MantineProvider
            theme={mantineTheme}
            forceColorScheme={dark ? 'dark' : 'light'}
            withCssVariables={false}
            withGlobalClasses={false}
        >
            {children}
        </MantineProvider>
    );
}
