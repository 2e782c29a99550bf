// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { Volume2 } from '../parts/icons';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { Sound } from './Sound';
import classes from './Sounds.module.css';

/** Everybody's voice, and the sound of their screens, on the chosen loudspeaker. */
export function Sounds() {
    const { t } = useTranslation('call');
    const sounds = useReadable(useCallModel().sounds);
    const { speaker } = useReadable(useApp().devices.devices);
    // After a reload the browser wants a click before it lets anything be heard.
    const [silenced, setSilenced] = useState(false);
    const [round, setRound] = useState(0);
    const silence = () => setSilenced(true);
    return (
        <>
            {sounds.map((stream) => (
                <Sound
                    key={stream.id}
                    stream={stream}
                    speaker={speaker}
                    round={round}
                    onSilenced={silence}
                />
            ))}
            {silenced && (
                <div className={classes.silenced} role="alert">
                    <Button
                        size="lg"
                        leftSection={<Volume2 size={20} aria-hidden />}
                        onClick={() => {
                            setSilenced(false);
                            setRound(round + 1);
                        }}
                    >
                        {t('sound-on')}
                    </Button>
                </div>
            )}
        </>
    );
}
