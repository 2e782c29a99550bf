// SPDX-License-Identifier: Apache-2.0
import { UnstyledButton } from '@mantine/core';
import {
    FolderUp,
    Hand,
    Keyboard,
    Maximize,
    Minimize,
    ScreenShare,
    ScreenShareOff,
    Settings,
    ShieldCheck,
    UsersRound,
    type LucideIcon,
} from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { useCallUi } from './call-ui';
import { isFullScreen, toggleFullScreen } from './full-screen';
import { Dialog } from '../parts/Dialog';
import { Count } from '../parts/Count';
import classes from './MoreSheet.module.css';

interface Item {
    readonly Icon: LucideIcon;
    readonly label: string;
    /** How many wait there, and that in words. */
    readonly badge?: number;
    readonly says?: string;
    /** In the control bar where that is wide enough. */
    readonly narrow?: boolean;
    readonly run: () => void;
}

interface Props {
    readonly onClose: () => void;
}

/** All that the control bar has no room for. */
export function MoreSheet({ onClose }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const call = useCallModel();
    const ui = useCallUi();
    const own = useReadable(call.own);
    const people = useReadable(call.people);
    const files = useReadable(call.files);
    const sharing = own.screen.kind === 'on';
    const raised = people.me?.hand === true;
    const full = isFullScreen();
    const items: readonly Item[] = [
        {
            Icon: UsersRound,
            label: t('panel.people'),
            badge: people.waiting.length,
            says: t('people.waiting-count', { count: people.waiting.length }),
            narrow: true,
            run: () => ui.setPanel('people'),
        },
        {
            Icon: FolderUp,
            label: t('panel.files'),
            badge: files.offers,
            says: t('files.offers', { count: files.offers }),
            narrow: true,
            run: () => ui.setPanel('files'),
        },
        {
            Icon: Hand,
            label: raised ? t('hand.lower') : t('hand.raise'),
            narrow: true,
            run: () => call.setHand(!raised),
        },
        ...(own.can_share_screen
            ? [
                  {
                      Icon: sharing ? ScreenShareOff : ScreenShare,
                      label: sharing ? t('screen.stop') : t('screen.start'),
                      narrow: true,
                      run: () => call.shareScreen(!sharing),
                  },
              ]
            : []),
        { Icon: Settings, label: t('settings.title'), run: () => ui.setDialog('settings') },
        { Icon: ShieldCheck, label: t('protection.menu'), run: () => ui.setDialog('protection') },
        { Icon: Keyboard, label: t('shortcuts.title'), run: () => ui.setDialog('shortcuts') },
        ...(document.fullscreenEnabled
            ? [
                  {
                      Icon: full ? Minimize : Maximize,
                      label: full ? t('full-screen.leave') : t('full-screen.enter'),
                      run: toggleFullScreen,
                  },
              ]
            : []),
    ];
    return (
        <Dialog onClose={onClose} title={t('more')} size="xs">
            <ul className={classes.list}>
                {items.map(({ Icon, label, badge = 0, says = '', narrow = false, run }) => (
                    <li key={label} data-narrow={narrow} className={classes.line}>
                        <UnstyledButton
                            className={classes.item}
                            onClick={() => {
                                onClose();
                                run();
                            }}
                        >
                            <Icon size={20} aria-hidden />
                            {label}
                            {badge > 0 && (
                                <span className={classes.badge}>
                                    <Count count={badge} label={says} />
                                </span>
                            )}
                        </UnstyledButton>
                    </li>
                ))}
            </ul>
        </Dialog>
    );
}
