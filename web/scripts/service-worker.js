// SPDX-License-Identifier: Apache-2.0

// Keeps the shell of the client (its page, scripts, styles, icons) so that it opens at once and also without a network.
// Nothing of a meeting or an account ever gets here: whatever is under /api, and all that is not in the list below, goes
// past it untouched. The build fills in the list and a name that changes with it.

const CACHE = 'shell-@VERSION@';
const FILES = new Set(/* @FILES@ */ []);
const PAGE = '/';

self.addEventListener('install', (event) => {
    event.waitUntil(
        caches
            .open(CACHE)
            .then((cache) =>
                cache.addAll([...FILES].map((path) => new Request(path, { cache: 'no-cache' }))),
            ),
    );
});

// A new version waits until the person wants it, or no window of the old one is left.
self.addEventListener('message', (event) => {
    if (event.data === 'take-over') self.skipWaiting();
});

self.addEventListener('activate', (event) => {
    event.waitUntil(
        caches
            .keys()
            .then((names) => names.filter((name) => name !== CACHE))
            .then((old) => Promise.all(old.map((name) => caches.delete(name))))
            .then(() => self.clients.claim()),
    );
});

async function fromCacheFirst(request) {
    return (await caches.match(request)) ?? fetch(request);
}

async function fromNetworkFirst(request) {
    try {
        return await fetch(request);
    } catch (error) {
        const kept = await caches.match(PAGE);
        if (kept) return kept;
        throw error;
    }
}

self.addEventListener('fetch', (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== self.location.origin) return;
    if (request.mode === 'navigate') {
        if (!url.pathname.startsWith('/api/')) event.respondWith(fromNetworkFirst(request));
    } else if (url.pathname.startsWith('/assets/') && FILES.has(url.pathname)) {
        event.respondWith(fromCacheFirst(request));
    }
});
