// SPDX-License-Identifier: Apache-2.0
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// During development the page comes from Vite and everything under /api from a daemon that runs beside it.
const daemon = process.env['CONCLAVE_DAEMON'] ?? 'https://localhost:8443';

export default defineConfig({
    plugins: [react()],
    build: {
        outDir: 'dist',
        assetsDir: 'assets',
        // The content security policy allows no data: scripts or styles, and inlined images gain nothing here.
        assetsInlineLimit: 0,
        sourcemap: false,
        target: 'es2022',
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
    },
    server: {
        proxy: { '/api': { target: daemon, changeOrigin: true, secure: false, ws: true } },
    },
    test: {
        restoreMocks: true,
        projects: [
            {
                extends: true,
                test: { name: 'logic', environment: 'node', include: ['src/**/*.test.ts'] },
            },
            {
                extends: true,
                test: {
                    name: 'components',
                    environment: 'jsdom',
                    include: ['src/**/*.test.tsx'],
                    setupFiles: ['src/test-setup.ts'],
                },
            },
        ],
    },
});
