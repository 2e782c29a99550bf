// SPDX-License-Identifier: Apache-2.0
import type { CSSProperties } from 'react';
import { columnsFor, tileKey, type TileId } from './layout';
import classes from './Stage.module.css';
import { Tile } from './Tile';

interface Props {
    readonly tiles: readonly TileId[];
    /** Of the place that it fills, in CSS pixels. */
    readonly width: number;
    readonly height: number;
}

/** Tiles of one size, as large as they can be; the last row stands in the middle. */
export function Grid({ tiles, width, height }: Props) {
    const columns = columnsFor(tiles.length, width, height);
    const shape = { '--columns': columns, '--rows': Math.ceil(tiles.length / columns) };
    return (
        <div className={classes.grid} style={shape as CSSProperties}>
            {tiles.map((tile) => (
                <div key={tileKey(tile)} className={classes.cell}>
                    <Tile tile={tile} />
                </div>
            ))}
        </div>
    );
}
