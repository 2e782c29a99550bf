// SPDX-License-Identifier: Apache-2.0
import { Video, VideoOff } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import { useApp } from '../app/app-context';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { ControlButton } from './ControlButton';
import { DeviceMenu } from './DeviceMenu';
import classes from './Split.module.css';

/** Camera on and off, and which. */
export function CameraButton() {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const { devices: model } = useApp();
    const own = useReadable(call.own);
    const devices = useReadable(model.devices);
    const on = own.camera.kind === 'on';
    const label =
        own.camera.kind === 'problem'
            ? t('camera.problem')
            : on
              ? t('camera.stop')
              : t('camera.start');
    return (
        <div className={classes.split}>
            <ControlButton
                Icon={on ? Video : VideoOff}
                label={label}
                shortcut="V"
                off={!on}
                loading={own.camera.kind === 'starting'}
                onClick={() => call.setCamera(!on)}
            />
            <DeviceMenu
                label={t('camera.choose')}
                name={t('camera.name')}
                devices={devices.cameras}
                chosen={devices.camera}
                onChoose={model.chooseCamera}
            />
        </div>
    );
}
