// SPDX-License-Identifier: Apache-2.0

// What is open on the call page: the interface's own state, apart from the call.

import { createContext, useContext, useMemo, useReducer } from 'react';
import type { Thread } from '../../media/chat-types';
import type { TileId } from './layout';

export type Panel = 'people' | 'chat' | 'files';
export type Dialog = 'settings' | 'shortcuts' | 'protection' | 'more';

export interface CallUiState {
    readonly panel: Panel | null;
    readonly dialog: Dialog | null;
    readonly pinned: TileId | null;
    /** What the chat panel shows. */
    readonly thread: Thread;
}

type Action =
    | { readonly type: 'panel'; readonly panel: Panel | null }
    | { readonly type: 'toggle'; readonly panel: Panel }
    | { readonly type: 'dialog'; readonly dialog: Dialog | null }
    | { readonly type: 'pin'; readonly tile: TileId | null }
    | { readonly type: 'thread'; readonly thread: Thread };

export const closed: CallUiState = { panel: null, dialog: null, pinned: null, thread: 'group' };

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
        case 'thread':
            return { ...state, panel: 'chat', thread: action.thread };
    }
}

export interface CallUi extends CallUiState {
    setPanel(panel: Panel | null): void;
    togglePanel(panel: Panel): void;
    setDialog(dialog: Dialog | null): void;
    pin(tile: TileId | null): void;
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
