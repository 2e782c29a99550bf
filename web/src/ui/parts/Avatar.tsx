// SPDX-License-Identifier: Apache-2.0
import classes from './Avatar.module.css';

interface Props {
    readonly name: string;
    readonly size?: 'small' | 'medium' | 'large';
}

/** One letter of the first and one of the last word. */
function initials(name: string): string {
    const words = name.trim().split(/\s+/);
    const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
    return letters.map((word) => [...(word ?? '')][0]?.toLocaleUpperCase() ?? '').join('');
}

/** Initials in a circle; always beside or instead of the name, so it says nothing to a screen reader. */
export function Avatar({ name, size = 'medium' }: Props) {
    return (
        <span className={classes.avatar} data-size={size} aria-hidden="true">
            {initials(name)}
        </span>
    );
}
