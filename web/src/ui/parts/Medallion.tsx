// SPDX-License-Identifier: Apache-2.0
import type { LucideIcon } from './icons';
import classes from './Medallion.module.css';

interface Props {
    readonly Icon: LucideIcon;
    readonly size?: 'medium' | 'large';
    /** Something is being waited for. */
    readonly breathing?: boolean;
}

/** A sign in a round field, over words that say the same. */
export function Medallion({ Icon, size = 'large', breathing = false }: Props) {
    return (
        <span className={classes.medallion} data-size={size} data-breathing={breathing}>
            <Icon size={size === 'large' ? 32 : 28} aria-hidden />
        </span>
    );
}
