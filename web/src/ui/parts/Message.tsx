// SPDX-License-Identifier: Apache-2.0
import type { LucideIcon } from './icons';
import type { ReactNode } from 'react';
import { Medallion } from './Medallion';
import classes from './Message.module.css';
import { PageTitle } from './PageTitle';

interface Props {
    readonly Icon: LucideIcon;
    readonly title: string;
    readonly text: ReactNode;
    /** What can be done now. */
    readonly children?: ReactNode;
}

/** A page that says one thing. */
export function Message({ Icon, title, text, children }: Props) {
    return (
        <div className={classes.message}>
            <Medallion Icon={Icon} />
            <PageTitle title={title}>{text}</PageTitle>
            {children !== undefined && <div className={classes.actions}>{children}</div>}
        </div>
    );
}
