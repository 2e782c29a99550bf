// SPDX-License-Identifier: Apache-2.0
import { Menu, UnstyledButton } from '@mantine/core';
import { Check, ChevronUp } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../media/types';
import classes from './Split.module.css';

interface Props {
    readonly label: string;
    /** What such a device is called where the browser doesn't say. */
    readonly name: string;
    readonly devices: readonly Device[];
    readonly chosen: string | null;
    readonly onChoose: (id: string) => void;
}

/** The arrow beside a button: which device. */
export function DeviceMenu({ label, name, devices, chosen, onChoose }: Props) {
    const { t } = useTranslation('call');
    return (
        <Menu position="top" width={288}>
            <Menu.Target>
                <UnstyledButton className={classes.chevron} aria-label={label}>
                    <ChevronUp size={16} aria-hidden />
                </UnstyledButton>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.Label>{label}</Menu.Label>
                {devices.length === 0 && <Menu.Item disabled>{t('no-device')}</Menu.Item>}
                {devices.map((device, index) => (
                    <Menu.Item
                        key={device.id}
                        role="menuitemradio"
                        aria-checked={device.id === chosen}
                        rightSection={device.id === chosen && <Check size={16} aria-hidden />}
                        onClick={() => onChoose(device.id)}
                    >
                        {device.label === '' ? `${name} ${index + 1}` : device.label}
                    </Menu.Item>
                ))}
            </Menu.Dropdown>
        </Menu>
    );
}
