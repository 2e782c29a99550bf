// SPDX-License-Identifier: Apache-2.0
import classes from './Count.module.css';

interface Props {
    readonly count: number;
    /** What a screen reader says instead of the bare number. */
    readonly label?: string;
}

/** How many wait to be looked at. */
export function Count({ count, label }: Props) {
    return (
        <span className={classes.count}>
            <span aria-hidden="true">{count > 99 ? '99+' : count}</span>
            {label !== undefined && <span className="cv-hidden">{label}</span>}
        </span>
    );
}
