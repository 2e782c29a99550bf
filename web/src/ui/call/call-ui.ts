// SPDX-License-Identifier: Apache-2.0

// What is open on the call page: the interface's own state, apart from the call.

import { createContext, useContext, useMemo, useReducer } from 'react';
import type { Thread } from '../../media/chat-types';
import type { TileId, View } from './layout';

export type Panel = 'people' | 'chat' | 'files';
export type Dialog = 'settings' | 'shortcuts' | 'protection' | 'more';

export interface CallUiState {
    readonly panel: Panel | null;
    readonly dialog: Dialog | null;
    readonly pinned: TileId | null;
    readonly view: View;
    /** Of the tiles, where not all fit; the first is 0. */
    readonly page: number;
    /** Whether our own picture is shown to us. */
    readonly self: boolean;
    /** What the chat panel shows. */
    readonly thread: Thread;
}

type Action =
    | { readonly type: 'panel'; readonly panel: Panel | null }
    | { readonly type: 'toggle'; readonly panel: Panel }
    | { readonly type: 'dialog'; readonly dialog: Dialog | null }
    | { readonly type: 'pin'; readonly tile: TileId | null }
    | { readonly type: 'view'; readonly view: View }
    | { readonly type: 'page'; readonly page: number }
    | { readonly type: 'self'; readonly self: boolean }
    | { readonly type: 'thread'; readonly thread: Thread };

export const closed: CallUiState = {
    panel: null,
    dialog: null,
    pinned: null,
    view: 'auto',
    page: 0,
    self: true,
    thread: 'group',
};

export function reduce(state: CallUiState, action: Action): CallUiState {
    switch (action.type) {
        case 'panel':
            return { ...state, panel: action.panel, dialog: null };
        case 'toggle':
            return {
                ...state,
                panel: state.panel === action.panel ? null : action.panel,
                dialog: null,
            };
        case 'dialog':
            return { ...state, dialog: action.dialog };
        case 'pin':
            return { ...state, pinned: action.tile };
        case 'view':
            return { ...state, view: action.view, page: 0 };
        case 'page':
            return { ...state, page: Math.max(0, action.page) };
        case 'self':
            return { ...state, self: action.self };
        case 'thread':
            return { ...state, panel: 'chat', thread: action.thread };
    }
}

export interface CallUi extends CallUiState {
    setPanel(panel: Panel | null): void;
    togglePanel(panel: Panel): void;
    setDialog(dialog: Dialog | null): void;
    pin(tile: TileId | null): void;
    setView(view: View): void;
    setPage(page: number): void;
    setSelf(self: boolean): void;
    /** Opens the chat with everyone, or with one. */
    openThread(thread: Thread): void;
}

export const CallUiContext = createContext<CallUi | null>(null);

export function useCallUiState(): CallUi {
    const [state, dispatch] = useReducer(reduce, closed);
    return useMemo(
        () => ({
            ...state,
            setPanel: (panel) => dispatch({ type: 'panel', panel }),
            togglePanel: (panel) => dispatch({ type: 'toggle', panel }),
            setDialog: (dialog) => dispatch({ type: 'dialog', dialog }),
            pin: (tile) => dispatch({ type: 'pin', tile }),
            setView: (view) => dispatch({ type: 'view', view }),
            setPage: (page) => dispatch({ type: 'page', page }),
            setSelf: (self) => dispatch({ type: 'self', self }),
            openThread: (thread) => dispatch({ type: 'thread', thread }),
        }),
        [state],
    );
}

export function useCallUi(): CallUi {
    const ui = useContext(CallUiContext);
    if (!ui) throw new Error('CallUiContext is missing');
    return ui;
}
