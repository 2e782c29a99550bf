// SPDX-License-Identifier: Apache-2.0
import { Menu, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import {
    Columns2,
    GalleryVerticalEnd,
    LayoutGrid,
    Sparkles,
    type LucideIcon,
} from '../parts/icons';
import { useCallUi } from './call-ui';
import { VIEWS, type View } from './layout';
import classes from './ViewMenu.module.css';

const ICONS: Readonly<Record<View, LucideIcon>> = {
    auto: Sparkles,
    grid: LayoutGrid,
    speaker: GalleryVerticalEnd,
    side: Columns2,
};

/** How people stand on the stage. */
export function ViewMenu() {
    const { t } = useTranslation('call');
    const { view, self, setView, setSelf } = useCallUi();
    const Icon = ICONS[view];
    return (
        <Menu position="bottom-end" width={260}>
            <Menu.Target>
                <UnstyledButton className={classes.button} aria-label={t('view.open')}>
                    <Icon size={18} aria-hidden />
                    <span className={classes.word}>{t('view.name')}</span>
                </UnstyledButton>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.RadioGroup value={view} onChange={(value) => setView(value as View)}>
                    {VIEWS.map((each) => {
                        const Each = ICONS[each];
                        return (
                            <Menu.RadioItem
                                key={each}
                                value={each}
                                rightSection={<Each size={16} aria-hidden />}
                            >
                                {t(`view.${each}`)}
                            </Menu.RadioItem>
                        );
                    })}
                </Menu.RadioGroup>
                <Menu.Divider />
                <Menu.CheckboxItem checked={!self} onChange={(hidden) => setSelf(!hidden)}>
                    {t('view.hide-self')}
                </Menu.CheckboxItem>
            </Menu.Dropdown>
        </Menu>
    );
}
