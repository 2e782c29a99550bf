// SPDX-License-Identifier: Apache-2.0
import { Button, Select } from '@mantine/core';
import { Mic, Video, Volume2 } from '../parts/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../media/types';
import { useApp } from '../app/app-context';
import { useReadable } from '../hooks/use-readable';
import { playChime } from './chime';
import classes from './DeviceSelects.module.css';

const DEFAULT = '';

/** Which camera, microphone and loudspeaker; the loudspeaker can be heard. */
export function DeviceSelects() {
    const { t } = useTranslation('entry');
    const { devices: model } = useApp();
    const devices = useReadable(model.devices);
    const [playing, setPlaying] = useState(false);
    const options = (list: readonly Device[], name: string) =>
        list.map((device, index) => ({
            value: device.id,
            label: device.label === '' ? `${name} ${index + 1}` : device.label,
        }));
    const test = () => {
        setPlaying(true);
        void playChime(devices.speaker).finally(() => setPlaying(false));
    };
    return (
        <div className={classes.selects}>
            <Select
                aria-label={t('device.microphone')}
                leftSection={<Mic size={16} aria-hidden />}
                placeholder={t('device.no-microphone')}
                disabled={devices.microphones.length === 0}
                value={devices.microphone}
                allowDeselect={false}
                data={options(devices.microphones, t('device.microphone'))}
                onChange={(id) => id !== null && model.chooseMicrophone(id)}
            />
            <Select
                aria-label={t('device.camera')}
                leftSection={<Video size={16} aria-hidden />}
                placeholder={t('device.no-camera')}
                disabled={devices.cameras.length === 0}
                value={devices.camera}
                allowDeselect={false}
                data={options(devices.cameras, t('device.camera'))}
                onChange={(id) => id !== null && model.chooseCamera(id)}
            />
            <div className={classes.speaker}>
                <Select
                    className={classes.grow ?? ''}
                    aria-label={t('device.speaker')}
                    leftSection={<Volume2 size={16} aria-hidden />}
                    disabled={!devices.can_choose_speaker}
                    value={devices.speaker ?? DEFAULT}
                    allowDeselect={false}
                    data={[
                        { value: DEFAULT, label: t('device.speaker-default') },
                        ...options(devices.speakers, t('device.speaker')),
                    ]}
                    onChange={(id) => model.chooseSpeaker(id === DEFAULT ? null : id)}
                />
                <Button variant="default" disabled={playing} onClick={test}>
                    {playing ? t('device.playing') : t('device.test')}
                </Button>
            </div>
        </div>
    );
}
