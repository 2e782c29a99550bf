// SPDX-License-Identifier: Apache-2.0
import type { TFunction } from 'i18next';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallModel, Notice } from '../../state/views';
import { useToasts, type Toast } from '../app/toasts';
import { useCallModel } from '../entry/entry-context';
import type { CallUi, Panel } from './call-ui';

type NewToast = Omit<Toast, 'id'>;

/** What is said about something that happened; null where it can be seen anyway. */
function toToast(
    notice: Notice,
    call: CallModel,
    ui: CallUi,
    t: TFunction<'call'>,
): NewToast | null {
    switch (notice.kind) {
        case 'joined':
            return { text: t('notice.joined', { name: notice.name }) };
        case 'left':
            return { text: t(`notice.left-${notice.why}`, { name: notice.name }) };
        case 'knock': {
            const { id, name } = notice.participant;
            return {
                text: t('notice.knock', { name }),
                duration_ms: null,
                actions: [
                    { label: t('people.admit'), run: () => call.admit(id) },
                    { label: t('people.deny'), run: () => call.deny(id) },
                ],
            };
        }
        case 'muted-by':
            return {
                text: t(`notice.muted-${notice.media}`, { name: notice.name }),
                tone: 'warning',
            };
        case 'hand':
            return { text: t('notice.hand', { name: notice.name }) };
        case 'chat':
            if (ui.panel === 'chat') return null;
            return {
                text: t(notice.private ? 'notice.chat-private' : 'notice.chat', {
                    name: notice.from,
                }),
                detail: notice.text,
                actions: [{ label: t('notice.read'), run: () => ui.setPanel('chat') }],
            };
        case 'file-offer':
            if (ui.panel === 'files') return null;
            return {
                text: t('notice.file', { name: notice.from }),
                detail: notice.name,
                duration_ms: 12_000,
                actions: [{ label: t('notice.look'), run: () => ui.setPanel('files') }],
            };
        case 'device-lost':
            return { text: t(`notice.lost-${notice.device}`), tone: 'warning' };
        case 'device-changed':
            return { text: t(`notice.now-${notice.device}`, { label: notice.label }) };
        case 'screen-ended':
            return { text: t('notice.screen-ended') };
        case 'screen-failed':
            return { text: t('notice.screen-failed'), tone: 'warning' };
        case 'relay-full':
            return { text: t('notice.relay-full'), tone: 'warning' };
        case 'refused':
            return { text: t('notice.refused'), tone: 'warning' };
        case 'file-refused':
            return { text: t(`notice.file-${notice.reason}`), tone: 'warning' };
    }
}

/** Turns what the call has to tell into toasts, each once. A knock that is answered elsewhere goes
 * away by itself. */
export function useCallToasts(ui: CallUi): void {
    const { t } = useTranslation('call');
    const call = useCallModel();
    const toasts = useToasts();
    const latest = useRef({ ui, t });
    const knocks = useRef(new Map<string, number>());
    const remarks = useRef(new Map<number, Panel>());
    useEffect(() => {
        latest.current = { ui, t };
    });

    // Whoever opens the panel by another way has no use for the remark any more.
    const { panel } = ui;
    useEffect(() => {
        for (const [id, about] of remarks.current) {
            if (about !== panel) continue;
            toasts.take(id);
            remarks.current.delete(id);
        }
    }, [panel, toasts]);

    useEffect(() => {
        const shown = knocks.current;
        const tell = () => {
            for (const notice of call.notices.getSnapshot()) {
                call.dismiss(notice.id);
                const toast = toToast(notice, call, latest.current.ui, latest.current.t);
                if (!toast) continue;
                const id = toasts.show(toast);
                if (notice.kind === 'chat') remarks.current.set(id, 'chat');
                if (notice.kind === 'file-offer') remarks.current.set(id, 'files');
                if (notice.kind === 'knock') shown.set(notice.participant.id, id);
            }
        };
        const sweep = () => {
            const waiting = new Set(call.people.getSnapshot().waiting.map(({ id }) => id));
            for (const [participant, toast] of shown) {
                if (waiting.has(participant)) continue;
                shown.delete(participant);
                toasts.take(toast);
            }
        };
        tell();
        const stops = [call.notices.subscribe(tell), call.people.subscribe(sweep)];
        return () => {
            for (const stop of stops) stop();
            for (const toast of shown.values()) toasts.take(toast);
            shown.clear();
        };
    }, [call, toasts]);
}
