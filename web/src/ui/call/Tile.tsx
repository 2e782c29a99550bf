// SPDX-License-Identifier: Apache-2.0
import { Hand } from '../parts/icons';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { Avatar } from '../parts/Avatar';
import { VideoView } from '../parts/VideoView';
import { streamOf, type TileId } from './layout';
import { NameTag } from './NameTag';
import { QualityButton } from './QualityButton';
import classes from './Tile.module.css';
import { TileMenu } from './TileMenu';

interface Props {
    readonly tile: TileId;
    /** Fills the stage. */
    readonly large?: boolean;
}

/** One person's picture, or their screen. */
export function Tile({ tile, large = false }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const people = useReadable(call.people);
    const own = useReadable(call.own);
    const speaking = useReadable(call.speaking);
    const video = useRef<HTMLVideoElement>(null);

    const mine = tile.who === 'me';
    const person = people.others.find(({ participant }) => participant.id === tile.who);
    const participant = mine ? people.me : (person?.participant ?? null);
    const name = participant?.name ?? '';
    const stream = streamOf(tile, person, own);
    const screen = tile.what === 'screen';
    const muted = mine
        ? own.muted || own.microphone.kind !== 'on'
        : participant?.media.audio === false;
    const trouble =
        participant?.presence === 'away'
            ? 'away'
            : person && person.connection !== 'connected'
              ? person.connection
              : null;
    const label = screen
        ? t('tile.screen', { name })
        : mine
          ? t('tile.me')
          : t('tile.camera', { name });

    return (
        <div
            className={classes.tile}
            data-speaking={!screen && !muted && speaking.has(tile.who)}
            data-large={large}
            data-screen={screen}
            role="group"
            aria-label={label}
        >
            {stream ? (
                <VideoView
                    stream={stream}
                    mirrored={mine && !screen}
                    whole={screen}
                    label={label}
                    videoRef={video}
                />
            ) : (
                <div className={classes.blank}>
                    <Avatar name={name} size="large" />
                </div>
            )}
            {trouble !== null && (
                <div className={classes.trouble} role="status">
                    {t(`trouble.${trouble}`, { name })}
                </div>
            )}
            {participant?.hand === true && !screen && (
                <span className={classes.hand}>
                    <Hand size={18} aria-hidden />
                    <span className="cv-hidden">{t('hand-raised')}</span>
                </span>
            )}
            <NameTag name={mine ? t('you') : name} muted={muted} screen={screen} />
            <div className={classes.tools}>
                <TileMenu tile={tile} person={person} video={video} hasVideo={stream !== null} />
                {person && !screen && <QualityButton person={person} />}
            </div>
        </div>
    );
}
