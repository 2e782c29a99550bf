// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext } from 'react';
import type { CallModel } from '../../state/views';
import type { Entry } from './use-call';

interface Opened {
    readonly call: CallModel;
    /** How we came: by a link, or as the owner. */
    readonly entry: Entry;
}

export const EntryContext = createContext<Opened | null>(null);

export function useOpened(): Opened {
    const opened = useContext(EntryContext);
    if (!opened) throw new Error('EntryContext is missing');
    return opened;
}

export const useCallModel = (): CallModel => useOpened().call;
