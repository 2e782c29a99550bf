// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext } from 'react';

export type PeerNames = ReadonlyMap<string, string>;

export const PeerNamesContext = createContext<PeerNames>(new Map());

export function usePeerName(): (id: string) => string {
    const names = useContext(PeerNamesContext);
    return (id) => names.get(id) ?? '';
}
