// SPDX-License-Identifier: Apache-2.0
import { Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { LogOut, PhoneOff } from '../parts/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Role } from '../../protocol/messages';
import { useCallModel } from '../entry/entry-context';
import { ConfirmDialog } from '../parts/ConfirmDialog';
import classes from './LeaveButton.module.css';
import { runsMeeting } from './rights';

interface Props {
    readonly role: Role;
}

/** The way out; hosts and moderators may end the meeting for everyone. */
export function LeaveButton({ role }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const [ending, setEnding] = useState(false);
    const face = (
        <>
            <PhoneOff size={22} aria-hidden />
            <span className={classes.word}>{t('leave.button')}</span>
        </>
    );
    if (!runsMeeting(role)) {
        return (
            <Tooltip label={t('leave.call')}>
                <UnstyledButton
                    className={classes.leave}
                    aria-label={t('leave.call')}
                    onClick={() => call.leave()}
                >
                    {face}
                </UnstyledButton>
            </Tooltip>
        );
    }
    return (
        <>
            <Menu position="top-end" width={248}>
                <Menu.Target>
                    <UnstyledButton className={classes.leave} aria-label={t('leave.call')}>
                        {face}
                    </UnstyledButton>
                </Menu.Target>
                <Menu.Dropdown>
                    <Menu.Item
                        leftSection={<LogOut size={16} aria-hidden />}
                        onClick={() => call.leave()}
                    >
                        {t('leave.call')}
                    </Menu.Item>
                    <Menu.Item
                        color="red"
                        leftSection={<PhoneOff size={16} aria-hidden />}
                        onClick={() => setEnding(true)}
                    >
                        {t('leave.end')}
                    </Menu.Item>
                </Menu.Dropdown>
            </Menu>
            <ConfirmDialog
                opened={ending}
                title={t('leave.end-title')}
                action={t('leave.end-confirm')}
                onConfirm={() => call.endForAll()}
                onClose={() => setEnding(false)}
            >
                {t('leave.end-text')}
            </ConfirmDialog>
        </>
    );
}
