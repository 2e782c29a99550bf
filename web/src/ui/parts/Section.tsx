// SPDX-License-Identifier: Apache-2.0
import { useId, type ReactNode } from 'react';
import classes from './Section.module.css';

interface Props {
    readonly title: string;
    readonly text?: ReactNode;
    readonly children: ReactNode;
    /** Beside the title. */
    readonly action?: ReactNode;
    /** Title beside the content where there is room, or always above it. */
    readonly layout?: 'beside' | 'above';
}

/** A part of a page, under a heading of its own. */
export function Section({ title, text, children, action, layout = 'beside' }: Props) {
    const id = useId();
    return (
        <section className={classes.section} data-layout={layout} aria-labelledby={id}>
            <div className={classes.head}>
                <div>
                    <h2 id={id} className={classes.title}>
                        {title}
                    </h2>
                    {text !== undefined && <p className={classes.text}>{text}</p>}
                </div>
                {action}
            </div>
            <div className={classes.body}>{children}</div>
        </section>
    );
}
