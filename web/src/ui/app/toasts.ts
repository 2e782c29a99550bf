// SPDX-License-Identifier: Apache-2.0
import { createContext, useContext } from 'react';
import { Store } from '../../state/store';

export interface ToastAction {
    readonly label: string;
    readonly run: () => void;
}

export interface Toast {
    readonly id: number;
    readonly text: string;
    /** Under the text. */
    readonly detail?: string;
    readonly tone?: 'neutral' | 'warning';
    readonly actions?: readonly ToastAction[];
    /** Null: stays until it is answered or closed. */
    readonly duration_ms?: number | null;
    /** Called when it goes without an action: closed, or its time is up. */
    readonly onGone?: () => void;
}

const DEFAULT_MS = 6000;
/** More than this at a time help nobody; the oldest go. */
const MOST = 4;

/** Short remarks at the edge of the window. */
export class Toasts {
    readonly list = new Store<readonly Toast[]>([]);
    private next = 1;
    private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();

    show(toast: Omit<Toast, 'id'>): number {
        const id = this.next++;
        this.list.update((list) => [...list, { ...toast, id }]);
        const duration_ms = toast.duration_ms === undefined ? DEFAULT_MS : toast.duration_ms;
        if (duration_ms !== null) {
            this.timers.set(
                id,
                setTimeout(() => this.close(id), duration_ms),
            );
        }
        for (const old of this.list.getSnapshot().slice(0, -MOST)) this.close(old.id);
        return id;
    }

    /** Takes it away and tells it so. */
    close(id: number): void {
        this.take(id)?.onGone?.();
    }

    act(id: number, action: ToastAction): void {
        if (this.take(id)) action.run();
    }

    /** Takes it away without a word. */
    take(id: number): Toast | undefined {
        const toast = this.list.getSnapshot().find((candidate) => candidate.id === id);
        clearTimeout(this.timers.get(id));
        this.timers.delete(id);
        if (toast) this.list.update((list) => list.filter((candidate) => candidate !== toast));
        return toast;
    }
}

export const ToastContext = createContext<Toasts | null>(null);

export function useToasts(): Toasts {
    const toasts = useContext(ToastContext);
    if (!toasts) throw new Error('ToastContext is missing');
    return toasts;
}
