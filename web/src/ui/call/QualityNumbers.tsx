// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useFormat, type Formatter } from '../../i18n/format';
import type { AudioNumbers, PeerPath, Quality, VideoNumbers } from '../../media/types';
import classes from './QualityNumbers.module.css';

interface Props {
    readonly name: string;
    readonly path: PeerPath | null;
    readonly quality: Quality | null;
}

function videoText(video: VideoNumbers, format: Formatter): string {
    const size = `${video.width} × ${video.height}`;
    return [video.codec, size, `${Math.round(video.fps)} fps`, format.bitrate(video.bitrate_bps)]
        .filter((part) => part !== null)
        .join(' · ');
}

function audioText(audio: AudioNumbers, format: Formatter): string {
    return [audio.codec, format.bitrate(audio.bitrate_bps)]
        .filter((part) => part !== null)
        .join(' · ');
}

/** The numbers behind the bars. */
export function QualityNumbers({ name, path, quality }: Props) {
    const { t } = useTranslation(['call', 'common']);
    const format = useFormat();
    const rows: [string, string][] = [];
    if (path) rows.push([t('quality.path'), t(`common:path.${path}`)]);
    if (quality) {
        if (quality.rtt_ms !== null)
            rows.push([t('quality.rtt'), `${Math.round(quality.rtt_ms)} ms`]);
        rows.push([t('quality.loss'), format.percent(quality.loss)]);
        if (quality.jitter_ms !== null)
            rows.push([t('quality.jitter'), `${Math.round(quality.jitter_ms)} ms`]);
        const { receiving, sending } = quality;
        if (receiving.video) rows.push([t('quality.video-in'), videoText(receiving.video, format)]);
        if (receiving.screen)
            rows.push([t('quality.screen-in'), videoText(receiving.screen, format)]);
        if (receiving.audio) rows.push([t('quality.audio-in'), audioText(receiving.audio, format)]);
        if (sending.video) rows.push([t('quality.video-out'), videoText(sending.video, format)]);
        if (sending.audio) rows.push([t('quality.audio-out'), audioText(sending.audio, format)]);
    }
    return (
        <>
            <h2 className={classes.title}>{t('quality.title', { name })}</h2>
            {rows.length === 0 && <p className={classes.none}>{t('quality.unknown')}</p>}
            <dl className={classes.rows}>
                {rows.map(([label, value]) => (
                    <div key={label} className={classes.row}>
                        <dt>{label}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
            </dl>
        </>
    );
}
