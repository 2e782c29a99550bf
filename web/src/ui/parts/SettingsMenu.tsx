// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { Check, Languages, Monitor, Moon, Sun } from './icons';
import { useTranslation } from 'react-i18next';
import { LANGUAGE_NAMES, LANGUAGES } from '../../i18n';
import { useApp } from '../app/app-context';
import { useReadable } from '../hooks/use-readable';

const THEMES = [
    { theme: 'system', Icon: Monitor },
    { theme: 'light', Icon: Sun },
    { theme: 'dark', Icon: Moon },
] as const;

/** Language and theme, reachable before anyone has signed in. */
export function SettingsMenu() {
    const { t, i18n } = useTranslation();
    const { settings: model } = useApp();
    const settings = useReadable(model.settings);
    return (
        <Menu position="bottom-end" width={224}>
            <Menu.Target>
                <Tooltip label={t('appearance')}>
                    <ActionIcon
                        variant="subtle"
                        color="gray"
                        size={40}
                        aria-label={t('appearance')}
                    >
                        <Languages size={20} aria-hidden />
                    </ActionIcon>
                </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.Label>{t('language')}</Menu.Label>
                {LANGUAGES.map((language) => (
                    <Menu.Item
                        key={language}
                        lang={language}
                        role="menuitemradio"
                        aria-checked={i18n.language === language}
                        rightSection={i18n.language === language && <Check size={16} aria-hidden />}
                        onClick={() => model.change({ language })}
                    >
                        {LANGUAGE_NAMES[language]}
                    </Menu.Item>
                ))}
                <Menu.Divider />
                <Menu.Label>{t('theme.label')}</Menu.Label>
                {THEMES.map(({ theme, Icon }) => (
                    <Menu.Item
                        key={theme}
                        role="menuitemradio"
                        aria-checked={settings.theme === theme}
                        leftSection={<Icon size={16} aria-hidden />}
                        rightSection={settings.theme === theme && <Check size={16} aria-hidden />}
                        onClick={() => model.change({ theme })}
                    >
                        {t(`theme.${theme}`)}
                    </Menu.Item>
                ))}
            </Menu.Dropdown>
        </Menu>
    );
}
