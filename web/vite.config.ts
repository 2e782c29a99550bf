// SPDX-License-Identifier: Apache-2.0
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// During development the page comes from Vite and everything under /api from a daemon that runs beside it.
const daemon = process.env['CONCLAVE_DAEMON'] ?? 'https://localhost:8443';

// What the daemon sends (docs/web-client.md), but for Strict-Transport-Security: this is plain HTTP.
const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy':
        'camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), fullscreen=(self), ' +
        'picture-in-picture=(self), screen-wake-lock=(self), clipboard-write=(self), autoplay=(self), ' +
        'geolocation=(), usb=(), serial=(), hid=(), midi=(), payment=(), accelerometer=(), gyroscope=(), ' +
        'magnetometer=(), browsing-topics=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
};
// Not during development, when modules are replaced by inline scripts and styles.
const policy = {
    'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; " +
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; " +
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default",
};
const proxy = { '/api': { target: daemon, changeOrigin: true, secure: false, ws: true } };

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
    server: { headers, proxy },
    preview: { headers: { ...headers, ...policy }, proxy },
    test: {
        restoreMocks: true,
        projects: [
            {
                extends: true,
                test: {
                    name: 'logic',
                    environment: 'node',
                    include: ['src/{protocol,i18n,ui}/**/*.test.ts'],
                },
            },
            {
                extends: true,
                test: {
                    name: 'components',
                    // A loaded machine draws slowly.
                    testTimeout: 30_000,
                    environment: 'jsdom',
                    include: ['src/{media,state}/**/*.test.ts', 'src/**/*.test.tsx'],
                    setupFiles: ['src/test-setup.ts'],
                },
            },
        ],
    },
});
