// SPDX-License-Identifier: Apache-2.0
import classes from './Logo.module.css';

interface Props {
    readonly size?: number;
    readonly withName?: boolean;
}

/** An arched door with a keyhole; what you can see through it is the accent. */
export function Logo({ size = 32, withName = false }: Props) {
    return (
        <span className={classes.logo}>
            <svg
                width={size}
                height={size}
                viewBox="0 0 32 32"
                aria-hidden="true"
                focusable="false"
            >
                <rect width="32" height="32" rx="9" className={classes.ground} />
                <path
                    fillRule="evenodd"
                    className={classes.door}
                    d="M8 26V14.5a8 8 0 0 1 16 0V26a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1Zm8-13.2a3 3 0 0 0-1.5 5.6l-.9 4.1h4.8l-.9-4.1a3 3 0 0 0-1.5-5.6Z"
                />
            </svg>
            {withName && <span className={classes.name}>Conclave</span>}
        </span>
    );
}
