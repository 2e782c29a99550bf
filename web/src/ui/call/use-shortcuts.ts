// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'react';
import type { CallModel } from '../../state/views';
import { useApp } from '../app/app-context';
import { useCallModel } from '../entry/entry-context';
import type { CallUi } from './call-ui';
import { VIEWS } from './layout';

type Name = 'mic' | 'camera' | 'screen' | 'chat' | 'people' | 'hand' | 'view' | 'help';

export const SHORTCUTS: readonly { readonly key: string; readonly name: Name }[] = [
    { key: 'm', name: 'mic' },
    { key: 'v', name: 'camera' },
    { key: 's', name: 'screen' },
    { key: 'c', name: 'chat' },
    { key: 'p', name: 'people' },
    { key: 'h', name: 'hand' },
    { key: 'l', name: 'view' },
    { key: '?', name: 'help' },
];

/** Is the person typing, or in something that wants the keys for itself? */
export function wantsKeys(target: EventTarget | null): boolean {
    return (
        target instanceof Element &&
        target.closest(
            'input, textarea, select, [contenteditable], [role="menu"], [role="listbox"], [role="dialog"], dialog',
        ) !== null
    );
}

/** A focused button is pressed by the space bar: it must not talk at the same time. */
function pressesSomething(event: KeyboardEvent): boolean {
    const { target } = event;
    return (
        event.code === 'Space' &&
        target instanceof Element &&
        target.closest('button, a, summary, [role="button"], [role="tab"], [role="switch"]') !==
            null
    );
}

function run(name: Name, call: CallModel, ui: CallUi): void {
    const own = call.own.getSnapshot();
    switch (name) {
        case 'mic':
            if (!own.push_to_talk.enabled)
                call.setMuted(own.microphone.kind === 'on' && !own.muted);
            break;
        case 'camera':
            call.setCamera(own.camera.kind !== 'on');
            break;
        case 'screen':
            if (own.can_share_screen) call.shareScreen(own.screen.kind !== 'on');
            break;
        case 'chat':
        case 'people':
            ui.togglePanel(name);
            break;
        case 'hand':
            call.setHand(call.people.getSnapshot().me?.hand !== true);
            break;
        case 'view':
            ui.setView(VIEWS[(VIEWS.indexOf(ui.view) + 1) % VIEWS.length] ?? 'auto');
            break;
        case 'help':
            ui.setDialog('shortcuts');
            break;
    }
}

/** Single keys do what the buttons do, except where somebody types. */
export function useShortcuts(ui: CallUi): void {
    const call = useCallModel();
    const { settings } = useApp();
    const held = useRef(false);
    useEffect(() => {
        const talk = (now: boolean) => {
            if (held.current === now) return;
            held.current = now;
            call.talk(now);
        };
        const down = (event: KeyboardEvent) => {
            if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
            if (wantsKeys(event.target)) return;
            const { push_to_talk, push_to_talk_key } = settings.settings.getSnapshot();
            if (push_to_talk && event.code === push_to_talk_key && !pressesSomething(event)) {
                event.preventDefault();
                talk(true);
                return;
            }
            const shortcut = SHORTCUTS.find(({ key }) => key === event.key.toLowerCase());
            if (!shortcut || event.repeat) return;
            event.preventDefault();
            run(shortcut.name, call, ui);
        };
        const up = (event: KeyboardEvent) => {
            if (event.code === settings.settings.getSnapshot().push_to_talk_key) talk(false);
        };
        // The key may come up while another window has the focus.
        const away = () => talk(false);
        window.addEventListener('keydown', down);
        window.addEventListener('keyup', up);
        window.addEventListener('blur', away);
        return () => {
            window.removeEventListener('keydown', down);
            window.removeEventListener('keyup', up);
            window.removeEventListener('blur', away);
        };
    }, [call, settings, ui]);
}
