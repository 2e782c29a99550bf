// SPDX-License-Identifier: Apache-2.0
import { Menu } from '@mantine/core';
import {
    Ban,
    MessageCircle,
    MicOff,
    ScreenShareOff,
    Shield,
    ShieldOff,
    UserX,
    VideoOff,
} from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import type { Person } from '../../state/views';
import { useCallUi } from './call-ui';
import { mayModerate, mayPromote } from './rights';

interface Props {
    readonly person: Person;
}

/** The items of a menu about somebody: a private word, and what hosts and moderators may do. */
export function PersonActions({ person }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const ui = useCallUi();
    const me = useReadable(call.people).me;
    const { id, media, role } = person.participant;
    const moderate = me !== null && mayModerate(me.role, role);
    return (
        <>
            <Menu.Item
                leftSection={<MessageCircle size={16} aria-hidden />}
                onClick={() => ui.openThread({ peer: id })}
            >
                {t('person.chat')}
            </Menu.Item>
            {moderate && <Menu.Divider />}
            {moderate && media.audio && (
                <Menu.Item
                    leftSection={<MicOff size={16} aria-hidden />}
                    onClick={() => call.mute(id, 'audio')}
                >
                    {t('person.mute')}
                </Menu.Item>
            )}
            {moderate && media.video && (
                <Menu.Item
                    leftSection={<VideoOff size={16} aria-hidden />}
                    onClick={() => call.mute(id, 'video')}
                >
                    {t('person.stop-camera')}
                </Menu.Item>
            )}
            {moderate && media.screen && (
                <Menu.Item
                    leftSection={<ScreenShareOff size={16} aria-hidden />}
                    onClick={() => call.mute(id, 'screen')}
                >
                    {t('person.stop-screen')}
                </Menu.Item>
            )}
            {me !== null && mayPromote(me.role, role) && (
                <Menu.Item
                    leftSection={
                        role === 'moderator' ? (
                            <ShieldOff size={16} aria-hidden />
                        ) : (
                            <Shield size={16} aria-hidden />
                        )
                    }
                    onClick={() =>
                        call.setRole(id, role === 'moderator' ? 'participant' : 'moderator')
                    }
                >
                    {role === 'moderator' ? t('person.demote') : t('person.promote')}
                </Menu.Item>
            )}
            {moderate && (
                <>
                    <Menu.Divider />
                    <Menu.Item
                        color="red"
                        leftSection={<UserX size={16} aria-hidden />}
                        onClick={() => call.remove(id, false)}
                    >
                        {t('person.remove')}
                    </Menu.Item>
                    <Menu.Item
                        color="red"
                        leftSection={<Ban size={16} aria-hidden />}
                        onClick={() => call.remove(id, true)}
                    >
                        {t('person.block')}
                    </Menu.Item>
                </>
            )}
        </>
    );
}
