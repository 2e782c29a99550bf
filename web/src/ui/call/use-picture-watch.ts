// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext, useEffect, useState, type RefObject } from 'react';
import type { CallModel } from '../../state/views';
import type { TileId } from './layout';
import { PictureWatch } from './picture-watch';

export const PictureWatchContext = createContext<PictureWatch | null>(null);

/** Tells the call what is on the page. */
export function usePictureWatchState(call: CallModel): PictureWatch {
    const [watch] = useState(() => new PictureWatch((wanted) => call.watch(wanted)));
    useEffect(() => watch.start(), [watch]);
    return watch;
}

/** Makes it known that a tile stands here. */
export function useOnPage(
    element: RefObject<Element | null>,
    { who, what }: TileId,
    stage: boolean,
): void {
    const watch = useContext(PictureWatchContext);
    useEffect(() => {
        if (watch === null || element.current === null || who === 'me') return;
        return watch.add(element.current, who, what, stage);
    }, [watch, element, who, what, stage]);
}
