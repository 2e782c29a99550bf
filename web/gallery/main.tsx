// SPDX-License-Identifier: Apache-2.0

// The pages of the client with made-up content: `npm run dev`, then /gallery/?scene=NAME&theme=dark&lang=de. Never built
// into what is served.

import { createRoot } from 'react-dom/client';
import { switchLanguage } from '../src/i18n';
import type { Settings } from '../src/state/views';
import '../src/ui/theme/styles';
import { App } from '../src/ui/App';
import { installTrustedTypes } from '../src/ui/app/trusted-types';
import { scenes } from './scenes';

const parameters = new URLSearchParams(window.location.search);
const theme = (parameters.get('theme') ?? 'system') as Settings['theme'];
const language = parameters.get('lang');
const name = parameters.get('scene') ?? '';
const scene = scenes[name];
const root = document.getElementById('root');

installTrustedTypes();
await switchLanguage(language);
if (root && scene) {
    const { app, path } = scene();
    app.settings.change({ theme, language });
    window.history.replaceState(null, '', path);
    createRoot(root).render(<App app={app} />);
} else if (root) {
    root.innerHTML = Object.keys(scenes)
        .map((each) => `<p><a href="?scene=${each}">${each}</a></p>`)
        .join('');
}
