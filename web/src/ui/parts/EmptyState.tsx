// SPDX-License-Identifier: Apache-2.0
import type { LucideIcon } from './icons';
import type { ReactNode } from 'react';
import classes from './EmptyState.module.css';
import { Medallion } from './Medallion';

interface Props {
    readonly Icon: LucideIcon;
    readonly title: string;
    readonly text: string;
    readonly children?: ReactNode;
}

/** Where there is nothing (yet): what would be here, and how it comes. */
export function EmptyState({ Icon, title, text, children }: Props) {
    return (
        <div className={classes.empty}>
            <Medallion Icon={Icon} size="medium" />
            <strong className={classes.title}>{title}</strong>
            <p className={classes.text}>{text}</p>
            {children}
        </div>
    );
}
