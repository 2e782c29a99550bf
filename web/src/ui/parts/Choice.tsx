// SPDX-License-Identifier: Apache-2.0
import { SegmentedControl } from '@mantine/core';
import { useId, type ReactNode } from 'react';
import classes from './Choice.module.css';

interface Props<Value extends string> {
    readonly label: string;
    readonly options: readonly { readonly value: Value; readonly label: string }[];
    readonly value: Value;
    readonly onChange: (value: Value) => void;
    /** What the choice means. */
    readonly hint?: ReactNode;
}

/** One of a few, side by side, under a label. */
export function Choice<Value extends string>(props: Props<Value>) {
    const { label, options, value, onChange, hint } = props;
    const id = useId();
    return (
        <div role="group" aria-labelledby={id}>
            <div id={id} className={classes.label}>
                {label}
            </div>
            <SegmentedControl
                fullWidth
                value={value}
                data={[...options]}
                onChange={(chosen) => {
                    const option = options.find((candidate) => candidate.value === chosen);
                    if (option) onChange(option.value);
                }}
            />
            {hint !== undefined && <p className={classes.hint}>{hint}</p>}
        </div>
    );
}
