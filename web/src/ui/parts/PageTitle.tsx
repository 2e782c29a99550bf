// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, type ReactNode } from 'react';
import { useTitle } from '../hooks/use-title';
import classes from './PageTitle.module.css';

interface Props {
    readonly title: string;
    /** Under the title. */
    readonly children?: ReactNode;
    /** Takes the focus when the page opens, so that a screen reader reads on from here. */
    readonly focus?: boolean;
}

export function PageTitle({ title, children, focus = true }: Props) {
    const heading = useRef<HTMLHeadingElement>(null);
    useTitle(title);
    useEffect(() => {
        if (focus) heading.current?.focus({ preventScroll: true });
    }, [focus]);
    return (
        <div className={classes.head}>
            <h1 ref={heading} tabIndex={-1} className={classes.title}>
                {title}
            </h1>
            {children !== undefined && <div className={classes.under}>{children}</div>}
        </div>
    );
}
