// SPDX-License-Identifier: Apache-2.0
import { File as NodeFile } from 'node:buffer';
import { webcrypto } from 'node:crypto';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// Globals of Node's only from versions 19 and 20 on.
globalThis.crypto ??= webcrypto as typeof crypto;
globalThis.File ??= NodeFile as unknown as typeof File;

afterEach(cleanup);

// What the page itself waits with, for a second at most, comes later still where the machine is busy.
configure({ asyncUtilTimeout: 5000 });

// What jsdom lacks and the component library asks for.
if (typeof window !== 'undefined') {
    window.matchMedia ??= vi.fn((query: string) => ({
        matches: false,
        media: query,
        onchange: null,
        addListener: () => undefined,
        removeListener: () => undefined,
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
        dispatchEvent: () => false,
    }));
    globalThis.ResizeObserver ??= class {
        observe() {}
        unobserve() {}
        disconnect() {}
    };
    Element.prototype.scrollIntoView ??= () => undefined;
}
