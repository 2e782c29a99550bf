// SPDX-License-Identifier: Apache-2.0
import { Menu, UnstyledButton } from '@mantine/core';
import { CalendarDays, LogOut, UserRound } from './icons';
import { useTranslation } from 'react-i18next';
import type { User } from '../../protocol/rest';
import { useApp } from '../app/app-context';
import { navigate } from '../app/router';
import classes from './AccountMenu.module.css';
import { Avatar } from './Avatar';

interface Props {
    readonly user: User;
}

/** Who is signed in, and the way out. */
export function AccountMenu({ user }: Props) {
    const { t } = useTranslation();
    const { session } = useApp();
    const signOut = () => {
        // When the server cannot be reached, the page says so by itself.
        session.signOut().then(
            () => navigate('/'),
            () => session.refresh(),
        );
    };
    return (
        <Menu position="bottom-end" width={240}>
            <Menu.Target>
                <UnstyledButton
                    className={classes.button}
                    aria-label={t('account-of', { name: user.name })}
                >
                    <Avatar name={user.name} />
                </UnstyledButton>
            </Menu.Target>
            <Menu.Dropdown>
                <div className={classes.who}>
                    <strong>{user.name}</strong>
                    <span>{user.email}</span>
                </div>
                <Menu.Divider />
                <Menu.Item
                    leftSection={<CalendarDays size={16} aria-hidden />}
                    onClick={() => navigate('/')}
                >
                    {t('meetings')}
                </Menu.Item>
                <Menu.Item
                    leftSection={<UserRound size={16} aria-hidden />}
                    onClick={() => navigate('/account')}
                >
                    {t('account')}
                </Menu.Item>
                <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={signOut}>
                    {t('sign-out')}
                </Menu.Item>
            </Menu.Dropdown>
        </Menu>
    );
}
