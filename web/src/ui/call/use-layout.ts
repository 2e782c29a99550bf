// SPDX-License-Identifier: Apache-2.0
import { useState } from 'react';
import type { People } from '../../state/views';
import type { CallUi } from './call-ui';
import { arrange, roomOn, tilesOf, type Arrangement, type Layout } from './layout';
import { follow, NOBODY } from './order';

interface Size {
    readonly width: number;
    readonly height: number;
}

/** What stands on the stage now. The order is kept from one drawing to the next, so that tiles stay where they are. */
export function useLayout(people: People, speaker: string | null, ui: CallUi, size: Size): Layout {
    const [order, setOrder] = useState(NOBODY);
    const room = roomOn(size.width, size.height);
    const { view, pinned, page, self } = ui;
    const arrangement = (ids: readonly string[]): Arrangement => ({
        view,
        pinned,
        page,
        self,
        room,
        order: ids,
    });
    const before = arrange(people, arrangement(order.ids));
    const leads = view === 'speaker' || view === 'side';
    const firstPage = arrange(people, { ...arrangement(order.ids), page: 0 });
    const next = follow(
        order,
        people.others.map(({ participant }) => participant.id),
        speaker,
        {
            visible: new Set(
                tilesOf(before).flatMap(({ who, what }) => (what === 'camera' ? who : [])),
            ),
            head: leads
                ? 1
                : tilesOf(firstPage).filter(({ who, what }) => what === 'camera' && who !== 'me')
                      .length,
        },
    );
    if (next !== order) setOrder(next);
    return next === order ? before : arrange(people, arrangement(next.ids));
}
