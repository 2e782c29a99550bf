// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import type { Readable } from '../../state/store';
import classes from './LevelMeter.module.css';

const BARS = 5;

interface Props {
    readonly level: Readable<number>;
    readonly active: boolean;
}

/** Bars that follow a level. They are moved by hand: drawing anew ten times a second would be a waste. */
export function LevelMeter({ level, active }: Props) {
    const meter = useRef<HTMLSpanElement>(null);
    useEffect(() => {
        const element = meter.current;
        if (!active || !element) return;
        const show = () => {
            const lit = Math.min(BARS, Math.ceil(level.getSnapshot() * (BARS + 1)));
            [...element.children].forEach((bar, index) =>
                bar.toggleAttribute('data-lit', index < lit),
            );
        };
        const stop = level.subscribe(show);
        return () => {
            stop();
            for (const bar of element.children) bar.removeAttribute('data-lit');
        };
    }, [active, level]);
    return (
        <span ref={meter} className={classes.meter} aria-hidden="true">
            {Array.from({ length: BARS }, (_, index) => (
                <span key={index} className={classes.bar} />
            ))}
        </span>
    );
}
