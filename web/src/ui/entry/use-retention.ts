// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext } from 'react';

/** For how many days call records are kept, as the link told before the call; null when it didn't. */
export const RetentionContext = createContext<number | null>(null);

export const useRetention = (): number | null => useContext(RetentionContext);
