// SPDX-License-Identifier: Apache-2.0
import { useEffect } from 'react';

/** What the window is called while the page is shown. */
export function useTitle(title: string): void {
    useEffect(() => {
        document.title = title === '' ? 'Conclave' : `${title} · Conclave`;
        return () => {
            document.title = 'Conclave';
        };
    }, [title]);
}
