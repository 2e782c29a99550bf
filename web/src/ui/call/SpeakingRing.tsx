// SPDX-License-Identifier: Apache-2.0
import { useCallModel } from '../entry/entry-context';
import { useSelected } from '../hooks/use-selected';
import classes from './Tile.module.css';

interface Props {
    /** As in a tile's id. */
    readonly who: string;
}

/** Lies over a picture, and is seen while its person speaks. */
export function SpeakingRing({ who }: Props) {
    const speaks = useSelected(useCallModel().speaking, (speaking) => speaking.has(who));
    return <span className={classes.ring} data-speaking={speaks} aria-hidden />;
}
