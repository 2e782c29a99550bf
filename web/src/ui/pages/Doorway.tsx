// SPDX-License-Identifier: Apache-2.0
import classes from './Doorway.module.css';

/** Two people and, between them, a keyhole: decoration. */
export function Doorway() {
    return (
        <svg className={classes.art} viewBox="0 0 264 112" aria-hidden="true" focusable="false">
            <rect className={classes.room} x="1" y="9" width="94" height="94" rx="18" />
            <circle className={classes.person} cx="48" cy="47" r="15" />
            <path className={classes.person} d="M20 103a28 28 0 0 1 56 0Z" />
            <rect className={classes.room} x="169" y="9" width="94" height="94" rx="18" />
            <circle className={classes.person} cx="216" cy="47" r="15" />
            <path className={classes.person} d="M188 103a28 28 0 0 1 56 0Z" />
            <path className={classes.line} d="M95 56h14M155 56h14" />
            <circle className={classes.lock} cx="132" cy="56" r="23" />
            <path
                className={classes.keyhole}
                d="M132 43a6.5 6.5 0 0 0-3.4 12l-2.3 13h11.4l-2.3-13a6.5 6.5 0 0 0-3.4-12Z"
            />
        </svg>
    );
}
