// SPDX-License-Identifier: Apache-2.0

import { FileExchange, type OfferRefusal } from '../media/file-exchange';
import { FileStorage, saveAs } from '../media/file-storage';
import type { FileEnvironment, Transfer } from '../media/file-types';
import type { Clock, Timer } from '../protocol/clock';
import type { Store } from './store';
import type { Files } from './views';

/** Progress is shown this often: every chunk would be too often. */
const SHOW_EVERY_MS = 150;

export interface FilesModelOptions {
    readonly clock: Clock;
    readonly now: () => number;
    readonly wire: Pick<FileEnvironment, 'send' | 'buffered'>;
    readonly offered: (transfer: Transfer) => void;
}

/** The files of one call. */
export class FilesModel {
    readonly exchange: FileExchange;
    private readonly storage = new FileStorage();
    private timer: Timer | null = null;

    constructor(
        private readonly files: Store<Files>,
        private readonly options: FilesModelOptions,
    ) {
        const { wire, now, offered } = options;
        this.exchange = new FileExchange({
            send: (peer, data) => wire.send(peer, data),
            buffered: (peer) => wire.buffered(peer),
            openSink: (size) => this.storage.openSink(size),
            hash: (file) => this.storage.hash(file),
            now,
            changed: () => this.changed(),
            offered,
        });
    }

    static readonly empty: Files = { transfers: [], offers: 0 };

    offer(
        files: readonly File[],
        peers: readonly string[],
        scope: 'group' | 'private',
    ): readonly OfferRefusal[] {
        return files.flatMap((file) => this.exchange.offer(file, peers, scope) ?? []);
    }

    save(id: string): void {
        const received = this.exchange.received(id);
        if (received !== null) {
            saveAs(received.file, received.name);
        }
    }

    close(): void {
        this.timer?.cancel();
        this.timer = null;
        this.exchange.close();
        this.storage.close();
        this.files.set(FilesModel.empty);
    }

    private changed(): void {
        this.timer ??= this.options.clock.after(SHOW_EVERY_MS, () => {
            this.timer = null;
            const transfers = this.exchange.transfers();
            const offers = transfers.filter(
                ({ direction, state }) => direction === 'receiving' && state.kind === 'offered',
            ).length;
            this.files.set({ transfers, offers });
        });
    }
}
