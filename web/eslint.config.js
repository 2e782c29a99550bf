// SPDX-License-Identifier: Apache-2.0
import js from '@eslint/js';
import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import ts from 'typescript-eslint';

/** The direction rule: ui → state → (protocol, media). A folder may not import from the ones named here. */
function keepApart(folder, forbidden, packages = []) {
    return {
        files: [`src/${folder}/**/*.{ts,tsx}`],
        rules: {
            'no-restricted-imports': [
                'error',
                {
                    patterns: [
                        ...forbidden.map((name) => ({
                            group: [`**/${name}`, `**/${name}/**`],
                            message: `${folder} must not know ${name}: ui → state → (protocol, media)`,
                        })),
                        ...packages.map((name) => ({
                            group: [name, `${name}/*`],
                            message: `${folder} must not depend on ${name}`,
                        })),
                    ],
                },
            ],
        },
    };
}

const reactPackages = [
    'react',
    'react-dom',
    '@mantine/*',
    'react-i18next',
    '@tanstack/react-query',
];

export default ts.config(
    { ignores: ['dist/', 'coverage/'] },
    js.configs.recommended,
    ...ts.configs.strict,
    {
        rules: {
            'no-console': 'error',
            eqeqeq: ['error', 'always', { null: 'ignore' }],
            'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
            '@typescript-eslint/consistent-type-imports': 'error',
            '@typescript-eslint/no-empty-function': 'off',
        },
    },
    {
        files: ['{src,gallery}/**/*.{ts,tsx}'],
        languageOptions: { globals: globals.browser },
    },
    {
        files: ['{src/ui,gallery}/**/*.{ts,tsx}', 'src/main.tsx'],
        plugins: { 'react-hooks': hooks, 'jsx-a11y': a11y },
        rules: { ...hooks.configs.recommended.rules, ...a11y.flatConfigs.recommended.rules },
    },
    { files: ['src/**/*.test.{ts,tsx}', 'src/**/api-types.ts'], rules: { 'max-lines': 'off' } },
    { files: ['scripts/**', '*.config.*'], languageOptions: { globals: globals.node } },
    { files: ['scripts/service-worker.js'], languageOptions: { globals: globals.serviceworker } },
    keepApart('protocol', ['media', 'state', 'ui', 'i18n'], reactPackages),
    keepApart('media', ['protocol', 'state', 'ui', 'i18n'], reactPackages),
    keepApart('state', ['ui', 'i18n'], reactPackages),
);
