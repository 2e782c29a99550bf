// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from './toasts';

const texts = (toasts: Toasts) => toasts.list.getSnapshot().map((toast) => toast.text);

describe('Toasts', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    it('go by themselves, and say so', () => {
        const toasts = new Toasts();
        const onGone = vi.fn();
        toasts.show({ text: 'a', onGone });
        toasts.show({ text: 'b', duration_ms: null });
        vi.advanceTimersByTime(10_000);
        expect(texts(toasts)).toEqual(['b']);
        expect(onGone).toHaveBeenCalledOnce();
    });

    it('tell of an action or of going, never of both', () => {
        const toasts = new Toasts();
        const onGone = vi.fn();
        const run = vi.fn();
        const action = { label: 'Undo', run };
        const id = toasts.show({ text: 'a', actions: [action], onGone });
        toasts.act(id, action);
        toasts.act(id, action);
        vi.advanceTimersByTime(10_000);
        expect(run).toHaveBeenCalledOnce();
        expect(onGone).not.toHaveBeenCalled();
    });

    it('drop the oldest when there are too many', () => {
        const toasts = new Toasts();
        for (const text of 'abcdef') toasts.show({ text, duration_ms: null });
        expect(texts(toasts)).toEqual(['c', 'd', 'e', 'f']);
    });
});
