// SPDX-License-Identifier: Apache-2.0

// A microphone or camera of ours: what is wanted of it, and what has come of that.
//
// Opening takes time and asks the person; whatever is wanted meanwhile is looked at afterwards, so that two quick presses of
// a button end in the state that was asked for last, and no track is left open.

import type { Opened } from '../media/devices';
import type { SourceState } from './views';

export interface CaptureHandlers {
    open(id: string | null): Promise<Opened>;
    /** The state or the track changed. */
    changed(): void;
    /** The device went away under us; `replaced` tells whether another took its place. */
    lost(replaced: MediaStreamTrack | null): void;
}

export class CaptureSource {
    private current: SourceState = { kind: 'off' };
    private open: MediaStreamTrack | null = null;
    private wanted = false;
    private id: string | null = null;
    /** The id that `open` was asked for; another than its own when it fell back. */
    private opened_for: string | null = null;
    private busy = false;

    constructor(private readonly handlers: CaptureHandlers) {}

    get state(): SourceState {
        return this.current;
    }

    get track(): MediaStreamTrack | null {
        return this.open;
    }

    get device(): string | null {
        return this.open?.getSettings().deviceId ?? null;
    }

    get isWanted(): boolean {
        return this.wanted;
    }

    want(on: boolean): void {
        this.wanted = on;
        void this.settle();
    }

    choose(id: string | null): void {
        this.id = id;
        void this.settle();
    }

    /** Something changed about the devices here: one that was missing may be there now. */
    retry(): void {
        if (this.current.kind === 'problem' && this.wanted) {
            this.current = { kind: 'off' };
            void this.settle();
        }
    }

    /** Takes what was opened elsewhere (both kinds at once, for one question instead of two). */
    async adopt(id: string | null, opening: Promise<Opened>): Promise<void> {
        this.wanted = true;
        this.id = id;
        this.busy = true;
        this.setState({ kind: 'starting' });
        this.take(await opening, id);
        this.busy = false;
        await this.settle();
    }

    private async settle(): Promise<void> {
        if (this.busy) {
            return;
        }
        this.busy = true;
        while (!this.isSettled()) {
            if (this.wanted) {
                const { id } = this;
                if (this.open === null) {
                    this.setState({ kind: 'starting' });
                }
                this.take(await this.handlers.open(id), id);
            } else {
                this.drop();
                this.setState({ kind: 'off' });
            }
        }
        this.busy = false;
    }

    private isSettled(): boolean {
        if (!this.wanted) {
            return this.open === null && this.current.kind === 'off';
        }
        return (
            this.opened_for === this.id && (this.open !== null || this.current.kind === 'problem')
        );
    }

    private take(opened: Opened, id: string | null): void {
        this.opened_for = id;
        if (opened.kind === 'problem') {
            if (this.open === null) {
                this.setState({ kind: 'problem', problem: opened.problem });
            }
            return;
        }
        if (!this.wanted) {
            opened.track.stop();
            return;
        }
        this.drop();
        const { track } = opened;
        this.open = track;
        // Not said of a track that we stop ourselves.
        track.onended = () => void this.replace(track);
        this.setState({ kind: 'on' });
    }

    /** The device was pulled out, or its use withdrawn. */
    private async replace(ended: MediaStreamTrack): Promise<void> {
        if (this.open !== ended) {
            return;
        }
        this.open = null;
        this.opened_for = null;
        this.id = null;
        this.setState({ kind: 'off' });
        await this.settle();
        this.handlers.lost(this.open);
    }

    private drop(): void {
        if (this.open !== null) {
            this.open.onended = null;
            this.open.stop();
            this.open = null;
        }
    }

    private setState(state: SourceState): void {
        this.current = state;
        this.handlers.changed();
    }
}
