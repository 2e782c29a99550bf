// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext, useState } from 'react';
import type { People } from '../../state/views';

export type PeerNames = ReadonlyMap<string, string>;

export const PeerNamesContext = createContext<PeerNames>(new Map());

/** The names of all who have been here: what they wrote and sent stays when they leave. */
export function useNamesSeen(people: People): PeerNames {
    const [names, setNames] = useState<PeerNames>(new Map());
    const fresh = people.others.filter(({ participant: { id, name } }) => names.get(id) !== name);
    if (fresh.length > 0) {
        setNames(
            new Map([
                ...names,
                ...fresh.map(({ participant: { id, name } }) => [id, name] as const),
            ]),
        );
    }
    return names;
}

export function usePeerName(): (id: string) => string {
    const names = useContext(PeerNamesContext);
    return (id) => names.get(id) ?? '';
}
