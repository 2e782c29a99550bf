// SPDX-License-Identifier: Apache-2.0
import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useGrace } from './use-grace';

describe('useGrace', () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    const second = () => act(() => vi.advanceTimersByTimeAsync(1000));

    it('counts down, then does it once', async () => {
        const run = vi.fn();
        const { result } = renderHook(() => useGrace(2, run));
        expect(result.current.left).toBeNull();
        act(() => result.current.start());
        expect(result.current.left).toBe(2);
        await second();
        expect(result.current.left).toBe(1);
        expect(run).not.toHaveBeenCalled();
        await second();
        await second();
        expect(run).toHaveBeenCalledOnce();
        expect(result.current.left).toBeNull();
    });

    it('does nothing once undone', async () => {
        const run = vi.fn();
        const { result, unmount } = renderHook(() => useGrace(2, run));
        act(() => result.current.start());
        act(() => result.current.undo());
        await second();
        await second();
        unmount();
        expect(run).not.toHaveBeenCalled();
    });

    it('does it at once when told to, and when the page is left', () => {
        const run = vi.fn();
        const { result, unmount } = renderHook(() => useGrace(9, run));
        act(() => result.current.start());
        act(() => result.current.now());
        expect(run).toHaveBeenCalledTimes(1);
        act(() => result.current.start());
        unmount();
        expect(run).toHaveBeenCalledTimes(2);
    });
});
