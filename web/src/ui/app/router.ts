// SPDX-License-Identifier: Apache-2.0
import { useMemo, useSyncExternalStore } from 'react';

/** Every page there is. Tokens stand after `#`, which browsers never send to a server. */
export type Route =
    | { readonly page: 'home' }
    | { readonly page: 'setup'; readonly token: string }
    | { readonly page: 'new' }
    | { readonly page: 'link'; readonly token: string }
    | { readonly page: 'owner-call'; readonly meeting: string }
    | { readonly page: 'meeting'; readonly meeting: string }
    | { readonly page: 'account' }
    | { readonly page: 'not-found' };

const id = /^[A-Za-z0-9_-]{1,64}$/;

export function parseRoute(path: string, hash: string): Route {
    const token = hash.startsWith('#') ? hash.slice(1) : hash;
    const [first = '', second = '', ...rest] = path.replace(/^\/|\/$/g, '').split('/');
    if (rest.length === 0 && second !== '') {
        if (first === 'call' && id.test(second)) return { page: 'owner-call', meeting: second };
        if (first === 'meetings' && id.test(second)) return { page: 'meeting', meeting: second };
        return { page: 'not-found' };
    }
    switch (first) {
        case '':
            return { page: 'home' };
        case 'setup':
            return { page: 'setup', token };
        case 'new':
            return { page: 'new' };
        case 'j':
            return { page: 'link', token };
        case 'account':
            return { page: 'account' };
        default:
            return { page: 'not-found' };
    }
}

const listeners = new Set<() => void>();

function tell(): void {
    for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    window.addEventListener('popstate', listener);
    window.addEventListener('hashchange', listener);
    return () => {
        listeners.delete(listener);
        window.removeEventListener('popstate', listener);
        window.removeEventListener('hashchange', listener);
    };
}

const address = (): string => window.location.pathname + window.location.hash;

/** Goes to a page of ours without loading it anew. */
export function navigate(to: string, options: { readonly replace?: boolean } = {}): void {
    if (options.replace === true) window.history.replaceState(null, '', to);
    else window.history.pushState(null, '', to);
    tell();
}

export function useRoute(): Route {
    const current = useSyncExternalStore(subscribe, address);
    return useMemo(() => {
        const hash = current.indexOf('#');
        return hash < 0
            ? parseRoute(current, '')
            : parseRoute(current.slice(0, hash), current.slice(hash));
    }, [current]);
}

/** The page and token of a link that somebody pasted, if it is one of this server's. */
export function localLink(text: string, origin: string): string | null {
    let url: URL;
    try {
        url = new URL(text.trim());
    } catch {
        return null;
    }
    const ours = url.origin === origin && url.pathname === '/j' && url.hash.length > 1;
    return ours ? `/j${url.hash}` : null;
}
