// SPDX-License-Identifier: Apache-2.0
import './ui/theme/styles';
import { createRoot } from 'react-dom/client';
import { switchLanguage } from './i18n';
import { createApp } from './state/app';
import { App } from './ui/App';
import { installTrustedTypes } from './ui/app/trusted-types';

async function start(root: HTMLElement): Promise<void> {
    installTrustedTypes();
    const app = createApp();
    void app.session.refresh();
    await switchLanguage(app.settings.settings.getSnapshot().language);
    createRoot(root).render(<App app={app} />);
}

const root = document.getElementById('root');
if (root) void start(root);
