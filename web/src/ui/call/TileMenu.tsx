// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from '@mantine/core';
import { Ellipsis, PictureInPicture2, Pin, PinOff } from '../parts/icons';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { Person } from '../../state/views';
import { tileKey, type TileId } from './layout';
import { useCallUi } from './call-ui';
import { PersonActions } from './PersonActions';
import { canPictureInPicture, togglePictureInPicture } from '../../state/picture-in-picture';
import classes from './TileMenu.module.css';

interface Props {
    readonly tile: TileId;
    readonly person: Person | undefined;
    readonly video: RefObject<HTMLVideoElement | null>;
    readonly hasVideo: boolean;
}

/** What can be done with a tile and with whom it shows. */
export function TileMenu({ tile, person, video, hasVideo }: Props) {
    const { t } = useTranslation('call');
    const ui = useCallUi();
    const pinned = ui.pinned !== null && tileKey(ui.pinned) === tileKey(tile);
    const PinIcon = pinned ? PinOff : Pin;
    return (
        <Menu position="bottom-end" width={240}>
            <Menu.Target>
                <ActionIcon
                    size={32}
                    radius="xl"
                    className={classes.button ?? ''}
                    aria-label={
                        person
                            ? t('tile.actions', { name: person.participant.name })
                            : t('tile.my-actions')
                    }
                >
                    <Ellipsis size={18} aria-hidden />
                </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
                <Menu.Item
                    leftSection={<PinIcon size={16} aria-hidden />}
                    onClick={() => ui.pin(pinned ? null : tile)}
                >
                    {pinned ? t('tile.unpin') : t('tile.pin')}
                </Menu.Item>
                {hasVideo && canPictureInPicture() && (
                    <Menu.Item
                        leftSection={<PictureInPicture2 size={16} aria-hidden />}
                        onClick={() => video.current && void togglePictureInPicture(video.current)}
                    >
                        {t('picture-in-picture')}
                    </Menu.Item>
                )}
                {person && tile.what === 'camera' && <PersonActions person={person} />}
            </Menu.Dropdown>
        </Menu>
    );
}
