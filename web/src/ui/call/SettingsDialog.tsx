// SPDX-License-Identifier: Apache-2.0
import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { DeviceProblems } from '../entry/DeviceProblems';
import { DeviceSelects } from '../entry/DeviceSelects';
import { Appearance } from '../pages/Appearance';
import { useReadable } from '../hooks/use-readable';
import { KeyField } from './KeyField';
import { NameField } from './NameField';
import { Dialog } from '../parts/Dialog';
import classes from './SettingsDialog.module.css';

interface Props {
    readonly onClose: () => void;
}

/** Devices, name, push-to-talk and looks, while the call goes on. */
export function SettingsDialog({ onClose }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const { settings: model } = useApp();
    const settings = useReadable(model.settings);
    return (
        <Dialog onClose={onClose} title={t('settings.title')}>
            <div className={classes.sections}>
                <section className={classes.section}>
                    <h3 className={classes.heading}>{t('settings.devices')}</h3>
                    <DeviceProblems />
                    <DeviceSelects />
                </section>
                <section className={classes.section}>
                    <h3 className={classes.heading}>{t('settings.talk')}</h3>
                    <Switch
                        label={t('settings.push-to-talk')}
                        description={t('settings.push-to-talk-hint')}
                        checked={settings.push_to_talk}
                        onChange={(event) =>
                            model.change({ push_to_talk: event.currentTarget.checked })
                        }
                    />
                    {settings.push_to_talk && <KeyField />}
                    <Switch
                        label={t('settings.start-muted')}
                        checked={settings.start_muted}
                        onChange={(event) =>
                            model.change({ start_muted: event.currentTarget.checked })
                        }
                    />
                    <Switch
                        label={t('settings.start-dark')}
                        checked={settings.start_camera_off}
                        onChange={(event) =>
                            model.change({ start_camera_off: event.currentTarget.checked })
                        }
                    />
                </section>
                <section className={classes.section}>
                    <h3 className={classes.heading}>{t('settings.name')}</h3>
                    <NameField />
                </section>
                <section className={classes.section}>
                    <h3 className={classes.heading}>{t('common:appearance')}</h3>
                    <Appearance />
                </section>
            </div>
        </Dialog>
    );
}
