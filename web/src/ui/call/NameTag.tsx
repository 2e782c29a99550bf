// SPDX-License-Identifier: Apache-2.0
import { MicOff, ScreenShare } from '../parts/icons';
import { useTranslation } from 'react-i18next';
import classes from './NameTag.module.css';

interface Props {
    readonly name: string;
    readonly muted: boolean;
    readonly screen: boolean;
}

/** In the corner of a tile: whose it is, and whether they can be heard. */
export function NameTag({ name, muted, screen }: Props) {
    const { t } = useTranslation('call');
    return (
        <span className={classes.tag}>
            {screen && <ScreenShare size={14} aria-hidden />}
            {!screen && muted && <MicOff size={14} aria-hidden className={classes.muted} />}
            <span className={classes.name}>{name}</span>
            {!screen && muted && <span className="cv-hidden">{t('muted')}</span>}
        </span>
    );
}
