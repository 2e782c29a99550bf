// SPDX-License-Identifier: Apache-2.0
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type en from './locales/en';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
    en: 'English',
    de: 'Deutsch',
};

declare module 'i18next' {
    interface CustomTypeOptions {
        defaultNS: 'common';
        resources: typeof en;
    }
}

const load: Readonly<Record<Language, () => Promise<{ readonly default: typeof en }>>> = {
    en: () => import('./locales/en'),
    de: () => import('./locales/de'),
};

/** The first of the wanted languages that we have; English where there is none. */
export function pickLanguage(wanted: readonly string[]): Language {
    for (const tag of wanted) {
        const [base] = tag.toLowerCase().split('-');
        const found = LANGUAGES.find((language) => language === base);
        if (found) return found;
    }
    return 'en';
}

/** Loads a language and switches to it; the chosen one, or where that is null the browser's. */
export async function switchLanguage(chosen: string | null): Promise<void> {
    const language = pickLanguage(chosen === null ? navigator.languages : [chosen]);
    const { default: texts } = await load[language]();
    if (!i18next.isInitialized) {
        await i18next.use(initReactI18next).init({
            lng: language,
            resources: { [language]: texts },
            defaultNS: 'common',
            // React escapes what it shows.
            interpolation: { escapeValue: false },
            returnNull: false,
            // The library would write an advertisement into the console.
            showSupportNotice: false,
        });
    }
    for (const [namespace, entries] of Object.entries(texts)) {
        i18next.addResourceBundle(language, namespace, entries);
    }
    await i18next.changeLanguage(language);
    document.documentElement.lang = language;
}
