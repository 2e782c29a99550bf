// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import { safeFileName } from './file-name';

describe('safeFileName', () => {
    it.each([
        ['report.pdf', 'report.pdf'],
        ['../../etc/passwd', '_.._etc_passwd'],
        ['..\\..\\boot.ini', '_.._boot.ini'],
        ['.bashrc', 'bashrc'],
        ['...', 'file'],
        ['', 'file'],
        ['   ', 'file'],
        ['CON', '_CON'],
        ['nul.txt', '_nul.txt'],
        ['a\u0000b\u001fc', 'a_b_c'],
        ['invoice\u202efdp.exe', 'invoice_fdp.exe'],
        ['<img src=x onerror=alert(1)>.png', '_img src=x onerror=alert(1)_.png'],
        ['C:\\x', 'C__x'],
        ['e\u0301.txt', '\u00e9.txt'],
        ['Ωμέγα 文件 🎉.tar.gz', 'Ωμέγα 文件 🎉.tar.gz'],
    ])('makes %j into %j', (name, safe) => {
        expect(safeFileName(name)).toBe(safe);
    });

    it('cuts a long name and keeps its extension', () => {
        const safe = safeFileName(`${'a'.repeat(300)}.jpeg`);
        expect([...safe]).toHaveLength(120);
        expect(safe.endsWith('a.jpeg')).toBe(true);
    });

    it('never cuts a character in two', () => {
        const safe = safeFileName('🎉'.repeat(200));
        expect([...safe].every((character) => character === '🎉')).toBe(true);
    });
});
