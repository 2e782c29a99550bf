// SPDX-License-Identifier: Apache-2.0
import { CircleAlert, Info, TriangleAlert } from './icons';
import type { ReactNode } from 'react';
import classes from './Callout.module.css';

const ICONS = { info: Info, warning: TriangleAlert, danger: CircleAlert };

interface Props {
    readonly kind: keyof typeof ICONS;
    readonly title?: string;
    readonly children?: ReactNode;
    /** Read out when it appears: for what went wrong after something the person did. */
    readonly live?: boolean;
}

/** A boxed remark. */
export function Callout({ kind, title, children, live = false }: Props) {
    const Icon = ICONS[kind];
    return (
        <div className={classes.callout} data-kind={kind} role={live ? 'alert' : undefined}>
            <Icon size={20} aria-hidden className={classes.icon} />
            <div className={classes.text}>
                {title !== undefined && <strong>{title}</strong>}
                {children}
            </div>
        </div>
    );
}
