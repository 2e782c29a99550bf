// SPDX-License-Identifier: Apache-2.0
import { useState, useSyncExternalStore } from 'react';
import type { AppModel, CallModel } from '../../state/views';

export type Entry = { readonly link: string } | { readonly meeting: string };

/** Opens a call when somebody looks at it, and throws it away when nobody does any more. */
class CallHolder {
    private call: CallModel | null = null;

    constructor(
        private readonly app: AppModel,
        private readonly entry: Entry,
    ) {}

    readonly getSnapshot = (): CallModel | null => this.call;

    readonly subscribe = (changed: () => void): (() => void) => {
        this.call = this.app.openCall(this.entry);
        changed();
        return () => {
            this.call?.dispose();
            this.call = null;
        };
    };
}

/** The call that an entry leads to; null for the moment until it is open. */
export function useCall(app: AppModel, entry: Entry): CallModel | null {
    const [holder] = useState(() => new CallHolder(app, entry));
    return useSyncExternalStore(holder.subscribe, holder.getSnapshot);
}
