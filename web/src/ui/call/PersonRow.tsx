// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from '@mantine/core';
import { Ellipsis, Hand, Mic, MicOff, ScreenShare, VideoOff } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import type { Participant } from '../../protocol/messages';
import type { Person } from '../../state/views';
import { Avatar } from '../parts/Avatar';
import panel from './Panel.module.css';
import classes from './PeoplePanel.module.css';
import { PersonActions } from './PersonActions';

interface Props {
    readonly participant: Participant;
    /** Null: that is us. */
    readonly person: Person | null;
}

/** One line of the list of people. */
export function PersonRow({ participant, person }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const { name, role, media, hand, presence } = participant;
    return (
        <li className={classes.row} data-me={person === null}>
            <Avatar name={name} />
            <span className={classes.who}>
                <span className={panel.name}>{person ? name : t('people.me', { name })}</span>
                <span className={classes.role}>
                    {presence === 'away' ? t('people.away') : t(`common:role.${role}`)}
                </span>
            </span>
            <span className={classes.signs}>
                {hand && <Hand size={18} data-raised role="img" aria-label={t('hand-raised')} />}
                {media.screen && (
                    <ScreenShare size={18} role="img" aria-label={t('people.shares')} />
                )}
                {!media.video && (
                    <VideoOff size={18} role="img" aria-label={t('people.no-camera')} />
                )}
                {media.audio ? (
                    <Mic size={18} role="img" aria-label={t('people.mic-on')} />
                ) : (
                    <MicOff size={18} role="img" aria-label={t('muted')} />
                )}
            </span>
            {person && (
                <Menu position="bottom-end" width={240}>
                    <Menu.Target>
                        <ActionIcon
                            variant="subtle"
                            color="gray"
                            size={36}
                            aria-label={t('tile.actions', { name })}
                        >
                            <Ellipsis size={18} aria-hidden />
                        </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                        <PersonActions person={person} />
                    </Menu.Dropdown>
                </Menu>
            )}
        </li>
    );
}
