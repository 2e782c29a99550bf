// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { useReadable } from '../hooks/use-readable';
import { Callout } from '../parts/Callout';
import { useCallModel } from './entry-context';

/** Why the camera or the microphone can't be used, and what to do about it. One can join without. */
export function DeviceProblems() {
    const { t } = useTranslation('entry');
    const { microphone, camera } = useReadable(useCallModel().own);
    const both =
        microphone.kind === 'problem' &&
        camera.kind === 'problem' &&
        microphone.problem === camera.problem;
    const found = [
        ...(microphone.kind === 'problem'
            ? [
                  {
                      device: both ? ('both' as const) : ('microphone' as const),
                      why: microphone.problem,
                  },
              ]
            : []),
        ...(camera.kind === 'problem' && !both
            ? [{ device: 'camera' as const, why: camera.problem }]
            : []),
    ];
    return (
        <>
            {found.map(({ device, why }) => (
                <Callout key={device} kind="warning" live title={t(`trouble.${device}`)}>
                    {t(`trouble.${why}`)}
                </Callout>
            ))}
        </>
    );
}
