// SPDX-License-Identifier: Apache-2.0
import { Mic, MicOff } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { ControlButton } from './ControlButton';
import { DeviceMenu } from './DeviceMenu';
import { keyName } from './key-name';
import classes from './Split.module.css';

/** Microphone on and off; with push-to-talk, on for as long as it is held. */
export function MicButton() {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const { settings, devices: model } = useApp();
    const own = useReadable(call.own);
    const devices = useReadable(model.devices);
    const { push_to_talk_key } = useReadable(settings.settings);
    const { enabled, held } = own.push_to_talk;
    const heard = own.microphone.kind === 'on' && !own.muted && (!enabled || held);
    const trouble = own.microphone.kind === 'problem';
    const label = trouble
        ? t('mic.problem')
        : enabled
          ? t('mic.hold', { key: keyName(push_to_talk_key, t('key.space')) })
          : heard
            ? t('mic.mute')
            : t('mic.unmute');
    return (
        <div className={classes.split}>
            <ControlButton
                Icon={heard ? Mic : MicOff}
                label={label}
                off={!heard}
                active={enabled && held}
                loading={own.microphone.kind === 'starting'}
                {...(enabled
                    ? {
                          onPointerDown: (event) => {
                              event.currentTarget.setPointerCapture(event.pointerId);
                              call.talk(true);
                          },
                          onPointerUp: () => call.talk(false),
                          onPointerCancel: () => call.talk(false),
                          onContextMenu: (event) => event.preventDefault(),
                      }
                    : { shortcut: 'M', onClick: () => call.setMuted(heard) })}
            />
            <DeviceMenu
                label={t('mic.choose')}
                name={t('mic.name')}
                devices={devices.microphones}
                chosen={devices.microphone}
                onChoose={model.chooseMicrophone}
            />
        </div>
    );
}
