// SPDX-License-Identifier: Apache-2.0

const INTERVAL_MS = 500;

/** Bytes per second, smoothed over the last few seconds. */
export class Speedometer {
    private speed = 0;
    private bytes = 0;
    private since_ms: number | null = null;

    get bytes_per_s(): number {
        return Math.round(this.speed);
    }

    add(bytes: number, now_ms: number): void {
        this.since_ms ??= now_ms;
        this.bytes += bytes;
        const passed_ms = now_ms - this.since_ms;
        if (passed_ms >= INTERVAL_MS) {
            const now = (this.bytes * 1000) / passed_ms;
            this.speed = this.speed === 0 ? now : this.speed * 0.6 + now * 0.4;
            this.bytes = 0;
            this.since_ms = now_ms;
        }
    }

    stop(): void {
        this.speed = 0;
        this.bytes = 0;
        this.since_ms = null;
    }
}
