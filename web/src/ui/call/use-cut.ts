// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';
import type { CallModel } from '../../state/views';
import { useReadable } from '../hooks/use-readable';

/** A break that is over before one has read of it isn't worth a word. */
const SHORT_MS = 1000;

/** Whether the one connection through which all comes is down. */
export function useCut(call: CallModel): boolean {
    const { others } = useReadable(call.people);
    const { mode } = useReadable(call.protection);
    const down = mode === 'relayed' && others.some(({ connection }) => connection !== 'connected');
    const [long, setLong] = useState(false);
    useEffect(() => {
        if (!down) return;
        const timer = setTimeout(() => setLong(true), SHORT_MS);
        return () => {
            clearTimeout(timer);
            setLong(false);
        };
    }, [down]);
    return long;
}
