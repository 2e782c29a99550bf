// SPDX-License-Identifier: Apache-2.0
import { WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { SignalLink } from '../../state/views';
import classes from './LinkBanner.module.css';

interface Props {
    readonly link: SignalLink;
}

/** While the server is out of reach. The call itself doesn't need it: picture and sound go on. */
export function LinkBanner({ link }: Props) {
    const { t } = useTranslation('call');
    return (
        <div role="status">
            {link.kind === 'reconnecting' && (
                <div className={classes.banner}>
                    <WifiOff size={18} aria-hidden />
                    {t('reconnecting')}
                </div>
            )}
        </div>
    );
}
