// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from 'react';
import classes from './StateBadge.module.css';

interface Props {
    readonly tone: 'accent' | 'neutral' | 'warning' | 'danger';
    /** With a dot before it. */
    readonly live?: boolean;
    readonly children: ReactNode;
}

/** A word or two on what state something is in. */
export function StateBadge({ tone, live = false, children }: Props) {
    return (
        <span className={classes.badge} data-tone={tone}>
            {live && <span className={classes.dot} aria-hidden="true" />}
            {children}
        </span>
    );
}
