// SPDX-License-Identifier: Apache-2.0
import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { LANGUAGE_NAMES, LANGUAGES } from '../../i18n';
import { useApp } from '../app/app-context';
import { useReadable } from '../hooks/use-readable';
import { Choice } from '../parts/Choice';
import classes from './Appearance.module.css';

const THEMES = ['system', 'light', 'dark'] as const;

/** Theme and language, kept in this browser. */
export function Appearance() {
    const { t } = useTranslation();
    const { settings: model } = useApp();
    const settings = useReadable(model.settings);
    return (
        <div className={classes.fields}>
            <Choice
                label={t('theme.label')}
                options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
                value={settings.theme}
                onChange={(theme) => model.change({ theme })}
            />
            <Select
                label={t('language')}
                allowDeselect={false}
                value={settings.language ?? 'auto'}
                data={[
                    { value: 'auto', label: t('language-of-browser') },
                    ...LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] })),
                ]}
                onChange={(value) => model.change({ language: value === 'auto' ? null : value })}
            />
        </div>
    );
}
