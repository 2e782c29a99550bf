// SPDX-License-Identifier: Apache-2.0
import { useTranslation } from 'react-i18next';
import { WifiOff } from '../parts/icons';
import classes from './Tile.module.css';

/** The connection has no room for this picture: what is seen stands still. */
export function Paused() {
    const { t } = useTranslation('call');
    return (
        <div className={classes.paused} role="status">
            <WifiOff size={16} aria-hidden />
            <span className={classes.words}>{t('tile.paused')}</span>
        </div>
    );
}
