// SPDX-License-Identifier: Apache-2.0

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RestartTimer } from './restart-timer';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function setUp(polite = false) {
    const calls: string[] = [];
    const timer = new RestartTimer({
        restart: () => calls.push('restart'),
        stuck: () => calls.push('stuck'),
    });
    timer.start(polite);
    return { calls, timer };
}

describe('RestartTimer', () => {
    it('leaves a connection alone that comes up', () => {
        const { calls, timer } = setUp();
        timer.follow('connecting');
        vi.advanceTimersByTime(5000);
        timer.follow('connected');
        vi.advanceTimersByTime(600_000);
        expect(calls).toEqual([]);
    });

    it('restarts at once after a failure, after a moment when the path is only interrupted', () => {
        const { calls, timer } = setUp();
        timer.follow('failed');
        vi.advanceTimersByTime(0);
        expect(calls).toEqual(['restart']);
        const other = setUp();
        other.timer.follow('disconnected');
        vi.advanceTimersByTime(1999);
        expect(other.calls).toEqual([]);
        vi.advanceTimersByTime(1);
        expect(other.calls).toEqual(['restart']);
    });

    it('lets an interruption heal by itself', () => {
        const { calls, timer } = setUp();
        timer.follow('disconnected');
        vi.advanceTimersByTime(1000);
        timer.follow('connected');
        vi.advanceTimersByTime(60_000);
        expect(calls).toEqual([]);
    });

    it('waits longer on the polite side', () => {
        const { calls, timer } = setUp(true);
        timer.follow('failed');
        vi.advanceTimersByTime(1499);
        expect(calls).toEqual([]);
        vi.advanceTimersByTime(1);
        expect(calls).toEqual(['restart']);
    });

    it('tries less and less often, and begins anew after some tries in vain', () => {
        const { calls } = setUp();
        vi.advanceTimersByTime(120_000);
        expect(calls.slice(0, 5)).toEqual(['restart', 'restart', 'restart', 'stuck', 'restart']);
        expect(calls.length).toBeLessThan(14);
    });

    it('is silent after its end', () => {
        const { calls, timer } = setUp();
        timer.follow('failed');
        timer.stop();
        vi.advanceTimersByTime(60_000);
        expect(calls).toEqual([]);
    });
});
