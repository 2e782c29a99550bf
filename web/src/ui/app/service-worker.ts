// SPDX-License-Identifier: Apache-2.0

// The page's side of the service worker (scripts/service-worker.js).

let registration: Promise<ServiceWorkerRegistration | null> | null = null;

function register(): Promise<ServiceWorkerRegistration | null> {
    // Refused where the certificate isn't trusted: everything else works without it.
    registration ??= navigator.serviceWorker.register('/sw.js').catch(() => null);
    return registration;
}

/** Calls `ready` once a new version lies waiting, with what switches to it. Returns what ends the watch. */
export function watchForUpdates(ready: (update: () => void) => void): () => void {
    if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return () => undefined;
    let watching = true;
    const offer = (waiting: ServiceWorker) => {
        // Without a controller this is the first visit: nothing is old yet.
        if (!watching || !navigator.serviceWorker.controller) return;
        ready(() => {
            navigator.serviceWorker.addEventListener(
                'controllerchange',
                () => window.location.reload(),
                {
                    once: true,
                },
            );
            waiting.postMessage('take-over');
        });
    };
    void register().then((found) => {
        if (!found || !watching) return;
        if (found.waiting) offer(found.waiting);
        found.addEventListener('updatefound', () => {
            const coming = found.installing;
            coming?.addEventListener('statechange', () => {
                if (coming.state === 'installed') offer(coming);
            });
        });
    });
    return () => {
        watching = false;
    };
}
