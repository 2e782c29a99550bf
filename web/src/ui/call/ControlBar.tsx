// SPDX-License-Identifier: Apache-2.0
import {
    Ellipsis,
    FolderUp,
    Hand,
    MessageSquareText,
    ScreenShare,
    ScreenShareOff,
    UsersRound,
} from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { useSelected } from '../hooks/use-selected';
import { CameraButton } from './CameraButton';
import type { InCall } from './CallPage';
import { useCallUi } from './call-ui';
import { ControlButton } from './ControlButton';
import classes from './ControlBar.module.css';
import { LeaveButton } from './LeaveButton';
import { MicButton } from './MicButton';

interface Props {
    readonly view: InCall;
}

/** All that is done often, in one row. */
export function ControlBar({ view }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const ui = useCallUi();
    const own = useReadable(call.own);
    const raised = useSelected(call.people, ({ me }) => me?.hand === true);
    const others = useSelected(call.people, (people) => people.others.length);
    const waiting = useSelected(call.people, (people) => people.waiting.length);
    const unread = useSelected(call.chat, (chat) => chat.unread);
    const offers = useSelected(call.files, (files) => files.offers);
    const sharing = own.screen.kind === 'on';
    return (
        <div className={classes.bar} role="toolbar" aria-label={t('controls')}>
            <div className={classes.group}>
                <MicButton />
                <CameraButton />
                {own.can_share_screen && (
                    <ControlButton
                        Icon={sharing ? ScreenShareOff : ScreenShare}
                        label={sharing ? t('screen.stop') : t('screen.start')}
                        shortcut="S"
                        active={sharing}
                        loading={own.screen.kind === 'starting'}
                        className={classes.wide}
                        onClick={() => call.shareScreen(!sharing)}
                    />
                )}
                <ControlButton
                    Icon={Hand}
                    label={raised ? t('hand.lower') : t('hand.raise')}
                    shortcut="H"
                    active={raised}
                    className={classes.wide}
                    onClick={() => call.setHand(!raised)}
                />
            </div>
            <div className={classes.group}>
                <ControlButton
                    Icon={UsersRound}
                    label={t('panel.people')}
                    shortcut="P"
                    active={ui.panel === 'people'}
                    expanded={ui.panel === 'people'}
                    badge={waiting}
                    badgeLabel={t('people.waiting-count', { count: waiting })}
                    count={others + 1}
                    className={classes.wide}
                    onClick={() => ui.togglePanel('people')}
                />
                <ControlButton
                    Icon={MessageSquareText}
                    label={t('panel.chat')}
                    shortcut="C"
                    active={ui.panel === 'chat'}
                    expanded={ui.panel === 'chat'}
                    badge={unread}
                    badgeLabel={t('chat.unread', { count: unread })}
                    onClick={() => ui.togglePanel('chat')}
                />
                <ControlButton
                    Icon={FolderUp}
                    label={t('panel.files')}
                    active={ui.panel === 'files'}
                    expanded={ui.panel === 'files'}
                    badge={offers}
                    badgeLabel={t('files.offers', { count: offers })}
                    className={classes.wide}
                    onClick={() => ui.togglePanel('files')}
                />
                <ControlButton
                    Icon={Ellipsis}
                    label={t('more')}
                    active={ui.dialog === 'more'}
                    badge={0}
                    onClick={() => ui.setDialog('more')}
                />
            </div>
            <LeaveButton role={view.role} />
        </div>
    );
}
