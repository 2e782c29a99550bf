// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext } from 'react';
import type { AppModel } from '../../state/views';

export const AppContext = createContext<AppModel | null>(null);

/** The models that everything on the page stands on. */
export function useApp(): AppModel {
    const app = useContext(AppContext);
    if (!app) throw new Error('AppContext is missing');
    return app;
}
