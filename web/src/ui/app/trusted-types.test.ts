// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { allowedScript } from './trusted-types';

const base = 'https://meet.example.org';

it('lets workers start from our own files', () => {
    expect(allowedScript('/sw.js', base)).toBe(`${base}/sw.js`);
    expect(allowedScript(`${base}/assets/file-worker-1a.js`, base)).toBe(
        `${base}/assets/file-worker-1a.js`,
    );
});

it.each([
    'https://elsewhere.example.org/assets/a.js',
    'data:text/javascript,1',
    'blob:https://meet.example.org/1',
    '/api/v1/server',
    '/assets/../api/v1/x',
])('refuses %s', (address) => {
    expect(allowedScript(address, base)).toBeNull();
});
