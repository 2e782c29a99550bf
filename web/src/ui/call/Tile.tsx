// SPDX-License-Identifier: Apache-2.0
import { Hand, ScreenShare } from '../parts/icons';
import { memo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useCallModel } from '../entry/entry-context';
import { useSelected } from '../hooks/use-selected';
import { Avatar } from '../parts/Avatar';
import { VideoView } from '../parts/VideoView';
import { streamOf, tileKey, type TileId } from './layout';
import { NameTag } from './NameTag';
import { Paused } from './Paused';
import { QualityButton } from './QualityButton';
import { SpeakingRing } from './SpeakingRing';
import classes from './Tile.module.css';
import { TileMenu } from './TileMenu';
import { useOnPage } from './use-picture-watch';

interface Props {
    readonly tile: TileId;
    /** Fills the stage. */
    readonly large?: boolean;
}

const isSame = (a: Props, b: Props): boolean =>
    a.large === b.large && tileKey(a.tile) === tileKey(b.tile);

/** One person's picture, or their screen. There are many of them: each is drawn again for what it shows only. */
export const Tile = memo(function Tile({ tile, large = false }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const mine = tile.who === 'me';
    const person = useSelected(call.people, ({ others }) =>
        others.find(({ participant }) => participant.id === tile.who),
    );
    const me = useSelected(call.people, (people) => (mine ? people.me : null));
    const own = useSelected(call.own, (media) => (mine ? media : null));
    const relayed = useSelected(call.protection, ({ mode }) => mode === 'relayed');
    const video = useRef<HTMLVideoElement>(null);
    const frame = useRef<HTMLDivElement>(null);
    useOnPage(frame, tile, large);

    const participant = me ?? person?.participant ?? null;
    const name = participant?.name ?? '';
    const stream = streamOf(tile, person, own);
    const screen = tile.what === 'screen';
    const muted = own
        ? own.muted || own.microphone.kind !== 'on'
        : participant?.media.audio === false;
    // Through the server there is one connection for all: what ails it is said once, above the stage.
    const broken = person && !relayed && person.connection !== 'connected';
    const trouble = participant?.presence === 'away' ? 'away' : broken ? person.connection : null;
    const starved = screen
        ? person?.screen_starved === true
        : person?.camera_starved === true && person.participant.media.video;
    const label = screen
        ? t('tile.screen', { name })
        : mine
          ? t('tile.me')
          : t('tile.camera', { name });

    return (
        <div
            ref={frame}
            className={classes.tile}
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
                    {screen ? (
                        <ScreenShare size={40} aria-hidden />
                    ) : (
                        <Avatar name={name} size="large" />
                    )}
                </div>
            )}
            {starved && trouble === null && <Paused />}
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
            {!screen && !muted && <SpeakingRing who={tile.who} />}
            <NameTag name={mine ? t('you') : name} muted={muted} screen={screen} />
            <div className={classes.tools}>
                <TileMenu tile={tile} person={person} video={video} hasVideo={stream !== null} />
                {person && !screen && <QualityButton person={person} />}
            </div>
        </div>
    );
}, isSame);
