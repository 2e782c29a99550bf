// SPDX-License-Identifier: Apache-2.0

// The content security policy turns off every way of running a text as code (Trusted Types), but for addresses of
// workers, and those only through this policy: scripts of our own origin.

interface PolicyFactory {
    createPolicy(
        name: 'default',
        rules: { createScriptURL: (url: string) => string | null },
    ): unknown;
}

/** The address, if a worker may start from it. */
export function allowedScript(address: string, base: string): string | null {
    const url = new URL(address, base);
    const ours = url.origin === new URL(base).origin;
    return ours && (url.pathname === '/sw.js' || url.pathname.startsWith('/assets/'))
        ? url.href
        : null;
}

/** To be called once, before anything starts a worker. */
export function installTrustedTypes(): void {
    const { trustedTypes } = window as { readonly trustedTypes?: PolicyFactory };
    trustedTypes?.createPolicy('default', {
        createScriptURL: (address) => allowedScript(address, window.location.origin),
    });
}
