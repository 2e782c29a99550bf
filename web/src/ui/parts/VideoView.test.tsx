// SPDX-License-Identifier: Apache-2.0
import { act, fireEvent, render, screen } from '@testing-library/react';
import { createRef } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VideoView } from './VideoView';

const stream = () => ({}) as MediaStream;
const videos = () => screen.getAllByLabelText<HTMLVideoElement>('Ana');

describe('VideoView', () => {
    beforeEach(() => {
        vi.useFakeTimers();
        vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue();
    });
    afterEach(() => {
        vi.useRealTimers();
        Reflect.deleteProperty(document, 'pictureInPictureElement');
    });

    /** Shows one stream, then another. */
    function change() {
        const [before, after] = [stream(), stream()];
        const ref = createRef<HTMLVideoElement>();
        const view = (shown: MediaStream) => (
            <VideoView stream={shown} label="Ana" videoRef={ref} />
        );
        const { rerender } = render(view(before));
        const [old] = videos();
        const go = () => rerender(view(after));
        return { before, after, old, ref, go };
    }

    it('keeps the picture before until the next stream has one', () => {
        const { before, after, old, ref, go } = change();
        go();
        const [first, next] = videos() as [HTMLVideoElement, HTMLVideoElement];
        expect(first).toBe(old);
        expect(first.srcObject).toBe(before);
        expect(next.srcObject).toBe(after);
        fireEvent.loadedData(next);
        expect(videos()).toEqual([next]);
        expect(next.srcObject).toBe(after);
        expect(ref.current).toBe(next);
        expect(old?.srcObject).toBeNull();
    });

    it('gives up the picture before when the next stream brings none', () => {
        const { old, go } = change();
        go();
        act(() => void vi.advanceTimersByTime(1499));
        expect(videos()).toContain(old);
        act(() => void vi.advanceTimersByTime(1));
        expect(videos()).toHaveLength(1);
        expect(videos()).not.toContain(old);
    });

    it('stays in a window of its own', () => {
        const { after, old, go } = change();
        Object.defineProperty(document, 'pictureInPictureElement', {
            value: old,
            configurable: true,
        });
        go();
        expect(videos()).toEqual([old]);
        expect(old?.srcObject).toBe(after);
    });
});
