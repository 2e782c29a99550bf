// SPDX-License-Identifier: Apache-2.0
import { Button, Menu } from '@mantine/core';
import { CalendarPlus, ChevronDown, DoorOpen, Plus, Video } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { navigate } from '../app/router';
import classes from './NewMeetingMenu.module.css';

export type NewKind = 'scheduled' | 'room';

interface Props {
    readonly onSchedule: (kind: NewKind) => void;
}

/** The three kinds of meeting, and how to make one. */
export function NewMeetingMenu({ onSchedule }: Props) {
    const { t } = useTranslation('home');
    const items = [
        { kind: 'instant', Icon: Video, run: () => navigate('/new') },
        { kind: 'scheduled', Icon: CalendarPlus, run: () => onSchedule('scheduled') },
        { kind: 'room', Icon: DoorOpen, run: () => onSchedule('room') },
    ] as const;
    return (
        <Menu position="bottom-end" width={304}>
            <Menu.Target>
                <Button
                    leftSection={<Plus size={18} aria-hidden />}
                    rightSection={<ChevronDown size={16} aria-hidden />}
                >
                    {t('new.button')}
                </Button>
            </Menu.Target>
            <Menu.Dropdown>
                {items.map(({ kind, Icon, run }) => (
                    <Menu.Item
                        key={kind}
                        leftSection={<Icon size={20} aria-hidden className={classes.icon} />}
                        onClick={run}
                    >
                        <span className={classes.name}>{t(`new.${kind}.name`)}</span>
                        <span className={classes.text}>{t(`new.${kind}.text`)}</span>
                    </Menu.Item>
                ))}
            </Menu.Dropdown>
        </Menu>
    );
}
