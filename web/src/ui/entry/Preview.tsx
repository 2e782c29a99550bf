// SPDX-License-Identifier: Apache-2.0
import { ActionIcon } from '@mantine/core';
import { Mic, MicOff, Video, VideoOff } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useReadable } from '../hooks/use-readable';
import { LevelMeter } from '../parts/LevelMeter';
import { VideoView } from '../parts/VideoView';
import { useCallModel } from './entry-context';
import classes from './Preview.module.css';

/** One's own picture and the level of one's microphone, with the two switches; none of it leaves the browser. */
export function Preview() {
    const { t } = useTranslation('entry');
    const call = useCallModel();
    const own = useReadable(call.own);
    const micOn = own.microphone.kind === 'on' && !own.muted;
    const cameraOn = own.camera.kind === 'on';
    return (
        <div className={classes.preview}>
            {cameraOn && own.camera_stream ? (
                <VideoView stream={own.camera_stream} mirrored label={t('preview')} />
            ) : (
                <p className={classes.dark}>
                    {own.camera.kind === 'starting' ? t('camera-starting') : t('camera-off')}
                </p>
            )}
            <div className={classes.bar}>
                <LevelMeter level={call.level('me')} active={micOn} />
                <div className={classes.switches}>
                    <ActionIcon
                        size={48}
                        radius="xl"
                        className={classes.switch ?? ''}
                        data-off={!micOn}
                        loading={own.microphone.kind === 'starting'}
                        aria-label={micOn ? t('mic-mute') : t('mic-unmute')}
                        onClick={() => call.setMuted(micOn)}
                    >
                        {micOn ? <Mic size={22} aria-hidden /> : <MicOff size={22} aria-hidden />}
                    </ActionIcon>
                    <ActionIcon
                        size={48}
                        radius="xl"
                        className={classes.switch ?? ''}
                        data-off={!cameraOn}
                        loading={own.camera.kind === 'starting'}
                        aria-label={cameraOn ? t('camera-stop') : t('camera-start')}
                        onClick={() => call.setCamera(!cameraOn)}
                    >
                        {cameraOn ? (
                            <Video size={22} aria-hidden />
                        ) : (
                            <VideoOff size={22} aria-hidden />
                        )}
                    </ActionIcon>
                </div>
            </div>
        </div>
    );
}
