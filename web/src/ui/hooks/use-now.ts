// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'react';

/** The time, read anew every `every_ms`. */
export function useNow(every_ms: number): number {
    const [now, setNow] = useState(() => Date.now());
    useEffect(() => {
        const timer = setInterval(() => setNow(Date.now()), every_ms);
        return () => clearInterval(timer);
    }, [every_ms]);
    return now;
}
