// SPDX-License-Identifier: Apache-2.0
import { Loader, Tooltip, UnstyledButton } from '@mantine/core';
import type { LucideIcon } from '../parts/icons';
import type { ComponentPropsWithoutRef } from 'react';
import { Count } from '../parts/Count';
import classes from './ControlButton.module.css';

type Props = Omit<ComponentPropsWithoutRef<'button'>, 'className' | 'disabled'> & {
    readonly Icon: LucideIcon;
    /** What it does; also its tooltip. */
    readonly label: string;
    readonly shortcut?: string;
    /** Pressed in: what it stands for is on. */
    readonly active?: boolean;
    /** Something is off that is usually on. */
    readonly off?: boolean;
    readonly expanded?: boolean;
    readonly loading?: boolean;
    /** Things that wait; 0 shows nothing. */
    readonly badge?: number;
    readonly badgeLabel?: string;
    /** A small number beside the icon. */
    readonly count?: number;
    readonly className?: string | undefined;
};

/** A round button of the control bar. */
export function ControlButton(props: Props) {
    const {
        Icon,
        label,
        shortcut,
        active,
        off,
        expanded,
        loading,
        badge,
        badgeLabel,
        count,
        className,
        ...others
    } = props;
    const waiting = badge !== undefined && badge > 0;
    return (
        <Tooltip label={shortcut === undefined ? label : `${label} (${shortcut})`}>
            <UnstyledButton
                {...others}
                className={`${classes.button} ${className ?? ''}`}
                data-active={active === true}
                data-off={off === true}
                aria-label={waiting && badgeLabel !== undefined ? `${label}, ${badgeLabel}` : label}
                aria-keyshortcuts={shortcut}
                aria-expanded={expanded}
                aria-busy={loading}
            >
                {loading === true ? (
                    <Loader size={20} color="currentColor" aria-hidden />
                ) : (
                    <Icon size={22} aria-hidden />
                )}
                {count !== undefined && <span className={classes.count}>{count}</span>}
                {waiting && (
                    <span className={classes.badge} aria-hidden="true">
                        <Count count={badge} />
                    </span>
                )}
            </UnstyledButton>
        </Tooltip>
    );
}
