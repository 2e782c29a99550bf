// SPDX-License-Identifier: Apache-2.0
import type { Grade } from '../../media/types';
import classes from './QualityBars.module.css';

const GRADES: readonly Grade[] = [1, 2, 3, 4];

interface Props {
    readonly grade: Grade | null;
}

/** One to four bars, as a telephone shows its reception. */
export function QualityBars({ grade }: Props) {
    return (
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            {GRADES.map((step) => (
                <rect
                    key={step}
                    x={step * 4 - 4}
                    y={14 - step * 3}
                    width="3"
                    height={step * 3 + 1}
                    rx="1"
                    className={classes.bar}
                    data-lit={grade !== null && step <= grade}
                    data-grade={grade ?? 0}
                />
            ))}
        </svg>
    );
}
