// SPDX-License-Identifier: Apache-2.0
import { Button } from '@mantine/core';
import { ScreenShare, WifiOff } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import type { SignalLink } from '../../state/views';
import { useCut } from './use-cut';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import classes from './Banners.module.css';

interface Props {
    readonly link: SignalLink;
}

/** States that one should not forget: the server out of reach (the call itself goes on), the screen shared. */
export function Banners({ link }: Props) {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const { screen } = useReadable(call.own);
    const cut = useCut(call);
    return (
        <div role="status">
            {link.kind === 'reconnecting' && (
                <div className={classes.banner} data-kind="warning">
                    <WifiOff size={18} aria-hidden />
                    {t('reconnecting')}
                </div>
            )}
            {cut && link.kind === 'up' && (
                <div className={classes.banner} data-kind="warning">
                    <WifiOff size={18} aria-hidden />
                    {t('cut')}
                </div>
            )}
            {screen.kind === 'on' && (
                <div className={classes.banner}>
                    <ScreenShare size={18} aria-hidden />
                    {t('screen.banner')}
                    <Button size="compact-sm" onClick={() => call.shareScreen(false)}>
                        {t('screen.stop')}
                    </Button>
                </div>
            )}
        </div>
    );
}
