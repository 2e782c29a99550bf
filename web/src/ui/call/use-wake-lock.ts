// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'react';

/** Keeps the screen from going dark in the middle of a conversation. */
export function useWakeLock(): void {
    useEffect(() => {
        if (!('wakeLock' in navigator)) return;
        let lock: WakeLockSentinel | null = null;
        let over = false;
        const hold = () => {
            if (document.visibilityState !== 'visible') return;
            navigator.wakeLock.request('screen').then(
                (granted) => {
                    if (over) void granted.release();
                    else lock = granted;
                },
                // Low battery, say: then the screen does what it does.
                () => undefined,
            );
        };
        hold();
        // The browser lets go of it whenever the page is hidden.
        document.addEventListener('visibilitychange', hold);
        return () => {
            over = true;
            document.removeEventListener('visibilitychange', hold);
            void lock?.release();
        };
    }, []);
}
