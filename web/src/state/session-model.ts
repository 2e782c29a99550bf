// SPDX-License-Identifier: Apache-2.0

import { ProblemError, type Api, type User } from '../protocol/rest';
import { Store } from './store';
import type { Session, SessionModel } from './views';

type AccountApi = Pick<Api, 'session' | 'signIn' | 'setUp' | 'signOut' | 'signOutEverywhere'>;

export class AccountSession implements SessionModel {
    readonly session = new Store<Session>({ kind: 'asking' });

    constructor(private readonly api: AccountApi) {}

    async refresh(): Promise<void> {
        try {
            this.signedIn(await this.api.session());
        } catch (error) {
            const refused = error instanceof ProblemError && error.status === 401;
            this.session.set({ kind: refused ? 'signed-out' : 'unreachable' });
        }
    }

    async signIn(email: string, password: string): Promise<void> {
        this.signedIn(await this.api.signIn({ email, password }));
    }

    async setUp(setup: Parameters<SessionModel['setUp']>[0]): Promise<void> {
        this.signedIn(await this.api.setUp(setup));
    }

    async signOut(everywhere = false): Promise<void> {
        await (everywhere ? this.api.signOutEverywhere() : this.api.signOut());
        this.session.set({ kind: 'signed-out' });
    }

    private signedIn(user: User): void {
        this.session.set({ kind: 'signed-in', user });
    }
}
