// SPDX-License-Identifier: Apache-2.0
import { useState, type ReactNode } from 'react';
import { useCallModel } from '../entry/entry-context';
import { useReadable } from '../hooks/use-readable';
import { PeerNamesContext, type PeerNames } from './peer-names';

interface Props {
    readonly children: ReactNode;
}

/** Knows the names of all who have been here: what they wrote and sent stays when they leave. */
export function NamesSeen({ children }: Props) {
    const { others } = useReadable(useCallModel().people);
    const [names, setNames] = useState<PeerNames>(new Map());
    const fresh = others.filter(({ participant: { id, name } }) => names.get(id) !== name);
    if (fresh.length > 0) {
        setNames(
            new Map([
                ...names,
                ...fresh.map(({ participant: { id, name } }) => [id, name] as const),
            ]),
        );
    }
    return <PeerNamesContext value={names}>{children}</PeerNamesContext>;
}
