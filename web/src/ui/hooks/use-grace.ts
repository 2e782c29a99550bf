// SPDX-License-Identifier: Apache-2.0
import { useCallback, useEffect, useRef, useState } from 'react';

export interface Grace {
    /** Seconds until it happens; null when nothing is under way. */
    readonly left: number | null;
    start(): void;
    undo(): void;
    /** Does it without waiting on. */
    now(): void;
}

/** Lets something happen only after a few seconds, in which it can be undone. Leaving the page does it at once. */
export function useGrace(seconds: number, run: () => void): Grace {
    const [left, setLeft] = useState<number | null>(null);
    const waiting = useRef(false);
    const action = useRef(run);
    useEffect(() => {
        action.current = run;
    });

    const now = useCallback(() => {
        if (!waiting.current) return;
        waiting.current = false;
        setLeft(null);
        action.current();
    }, []);

    useEffect(() => {
        if (left === null) return;
        const timer = setTimeout(() => (left <= 1 ? now() : setLeft(left - 1)), 1000);
        return () => clearTimeout(timer);
    }, [left, now]);

    useEffect(() => {
        window.addEventListener('pagehide', now);
        return () => {
            window.removeEventListener('pagehide', now);
            now();
        };
    }, [now]);

    return {
        left,
        start: () => {
            waiting.current = true;
            setLeft(seconds);
        },
        undo: () => {
            waiting.current = false;
            setLeft(null);
        },
        now,
    };
}
