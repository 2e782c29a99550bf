// SPDX-License-Identifier: Apache-2.0

// One call from its link to its end.
//
//   resolving ─► unknown | signed-out | unreachable | too-early | over
//       └─► ready ──join──► entering ─► lobby ─► in-call ─► ended
//             ▲                │                    │ a lost connection shows in `link`; the call goes on
//             └── refused ─────┘                    └─ place gone: goes in again by itself, once
//
// A page that was loaded anew by mistake begins at `entering` with the place it kept.

import type { Quality } from '../media/types';
import type { Clock, Timer } from '../protocol/clock';
import {
    type Command,
    type MeetingSnapshot,
    type ServerEvent,
    type ServerEventOf,
    type Welcome,
} from '../protocol/messages';
import { isMeetingSnapshot } from '../protocol/parse';
import type { Api, ResolvedLink } from '../protocol/rest';
import { SignalClient } from '../protocol/signal-client';
import type { SignalEnd, SignalEnvironment, SignalState, WayIn } from '../protocol/signal-types';
import { CallActions } from './call-actions';
import { Conference, type ConferenceParts, type NewSession } from './conference';
import { endingOf } from './endings';
import { entryKey, readyAgain, resolveEntry, viewAfterRefusal, type Entry } from './entry';
import { inCallView, isPassing, meetingChange, UP, type InCall } from './in-call-view';
import { FilesModel } from './files-model';
import type { OwnMediaModel } from './own-media';
import { forgetPlace, keepPlace, recallPlace, type Place } from './place';
import type { KeyValue } from './settings-model';
import { SpeechMonitor } from './speech-monitor';
import { Store, type Readable } from './store';
import type { CallModel, CallView, EntryChoice, SignalLink } from './views';

export interface CallEnvironment {
    readonly api: Pick<Api, 'meeting' | 'resolveLink'>;
    readonly signalling: SignalEnvironment;
    readonly clock: Clock;
    /** Milliseconds since 1970. */
    readonly now: () => number;
    readonly places: KeyValue;
    readonly newSession: NewSession;
    /** Calls back when the network is lost, back, or another. Returns what ends it. */
    readonly watchNetwork: (changed: (network: 'lost' | 'back' | 'other') => void) => () => void;
}

/** A meeting that isn't open yet is asked about again this often at least. */
const ASK_AGAIN_MS = 60_000;

export class Call extends CallActions implements CallModel {
    readonly view = new Store<CallView>({ kind: 'resolving' });
    readonly speaking: Readable<ReadonlySet<string>>;

    private readonly speech: SpeechMonitor;
    private readonly stopWatching: () => void;
    private client: SignalClient;
    private meeting: ResolvedLink | null = null;
    private choice: EntryChoice | null = null;
    private me: { readonly id: string; readonly name: string } | null = null;
    private token: string | null = null;
    private ice: Welcome['ice'] = { servers: [], policy: 'all', expires_at: null };
    private timer: Timer | null = null;
    private disposed = false;
    /** When we last went in again by ourselves. */
    private again_at_ms = Number.NEGATIVE_INFINITY;

    constructor(
        private readonly entry: Entry,
        media: OwnMediaModel,
        private readonly environment: CallEnvironment,
    ) {
        super(media);
        this.speech = new SpeechMonitor(
            environment.clock,
            () => media.heardTrack,
            () => this.conference?.loudness() ?? new Map(),
        );
        this.speaking = this.speech.speaking;
        this.client = this.newClient();
        const stops = [
            this.speaking.subscribe(() => this.followSpeech()),
            environment.watchNetwork((network) => this.networkChanged(network)),
            // So that a reload right after a change finds it.
            media.own.subscribe(() => {
                if (this.conference !== null) {
                    this.keepPlace();
                }
            }),
        ];
        this.stopWatching = () => stops.forEach((stop) => stop());
        const place = recallPlace(environment.places, entryKey(entry), environment.now());
        if (place === null) {
            this.resolve();
        } else {
            this.choice = place;
            this.prepare(place);
            this.enter({ resume: place.token });
        }
    }

    level = (person: string): Readable<number> => this.speech.level(person);
    quality = (person: string): Readable<Quality | null> => this.peopleModel.quality(person);

    resolve(): void {
        this.timer?.cancel();
        this.timer = null;
        if (this.view.getSnapshot().kind !== 'too-early') {
            this.view.set({ kind: 'resolving' });
        }
        void resolveEntry(this.environment.api, this.entry).then((view) => this.resolved(view));
    }

    warm(): void {
        if (this.view.getSnapshot().kind === 'ready') {
            this.client.warm();
        }
    }

    join(choice: EntryChoice): void {
        if (this.view.getSnapshot().kind !== 'ready') {
            return;
        }
        this.choice = choice;
        this.enter(this.wayIn(choice));
    }

    again(): void {
        if (this.view.getSnapshot().kind === 'ended') {
            this.client = this.newClient();
            this.resolve();
        }
    }

    leave(): void {
        this.client.leave();
    }

    dispose(): void {
        this.disposed = true;
        this.timer?.cancel();
        this.stopWatching();
        this.client.leave();
        this.endConference();
        this.speech.stop();
        this.media.stop();
    }

    // ---- before the call

    private resolved(view: CallView): void {
        const { kind } = this.view.getSnapshot();
        if (this.disposed || (kind !== 'resolving' && kind !== 'too-early')) {
            return;
        }
        if ('meeting' in view) {
            this.meeting = view.meeting;
        }
        this.view.set(view);
        if (view.kind === 'ready') {
            this.prepare(null);
            this.client.warm();
        } else if (view.kind === 'too-early') {
            const opens_in_ms = Date.parse(view.opens_at ?? '') - this.environment.now();
            const wait_ms = Number.isNaN(opens_in_ms) ? ASK_AGAIN_MS : opens_in_ms + 500;
            this.timer = this.environment.clock.after(
                Math.min(Math.max(wait_ms, 1000), ASK_AGAIN_MS),
                () => this.resolve(),
            );
        }
    }

    /** Opens microphone and camera: for the device check, or as they were before a reload. */
    private prepare(before: Place | null): void {
        this.speech.start();
        void this.media.start(before);
    }

    private wayIn({ name, hide_address }: EntryChoice): WayIn {
        return 'link' in this.entry
            ? { link: this.entry.link, name, hide_address }
            : { meeting: this.entry.meeting, hide_address };
    }

    private enter(wayIn: WayIn): void {
        this.view.set({ kind: 'entering', meeting: this.meeting });
        this.client.enter(wayIn);
    }

    // ---- signalling

    private newClient(): SignalClient {
        const client: SignalClient = new SignalClient(this.environment.signalling, {
            state: (state) => this.ifCurrent(client, () => this.signalState(state)),
            welcome: (welcome) => this.ifCurrent(client, () => this.welcomed(welcome)),
            event: (event) => this.ifCurrent(client, () => this.handle(event)),
            worthWaiting: () => this.conference?.isTalking ?? false,
            refusedCommand: (error, command) =>
                this.ifCurrent(client, () => this.commandRefused(error, command)),
        });
        return client;
    }

    private ifCurrent(client: SignalClient, then: () => void): void {
        if (client === this.client && !this.disposed) {
            then();
        }
    }

    protected send(command: Command): boolean {
        return this.client.send(command);
    }

    private welcomed(welcome: Welcome): void {
        this.me = welcome.you;
        this.token = welcome.resume;
        this.ice = welcome.ice;
        this.keepPlace();
        const { meeting } = welcome;
        if (meeting === undefined) {
            this.conference?.resumed(null, welcome.ice);
        } else if (!isMeetingSnapshot(meeting) || welcome.you.presence === 'lobby') {
            this.view.set({ kind: 'lobby', title: meeting.title, link: UP });
        } else if (this.conference === null) {
            this.goIn(welcome.you.id, meeting, welcome.mode === 'new');
        } else {
            this.showMeeting(meeting, welcome.you.role);
            this.conference.resumed(meeting, welcome.ice);
        }
    }

    private goIn(me: string, meeting: MeetingSnapshot, announced: boolean): void {
        const { role } = meeting.participants.find((p) => p.id === me) ?? { role: 'guest' };
        this.conference = new Conference(me, meeting, this.ice, announced, this.parts());
        this.showMeeting(meeting, role);
    }

    private showMeeting(meeting: MeetingSnapshot, role: InCall['role']): void {
        const before = this.view.getSnapshot();
        const joined_at_ms =
            before.kind === 'in-call' ? before.joined_at_ms : this.environment.now();
        this.view.set(inCallView(meeting, role, joined_at_ms));
    }

    private parts(): ConferenceParts {
        const { clock, now, newSession } = this.environment;
        return {
            clock,
            now,
            newSession,
            people: this.peopleModel,
            chat: this.chatModel,
            notices: this.noticeList,
            own: this.media,
            newFiles: (wire, offered) => new FilesModel(this.files, { clock, now, wire, offered }),
            send: (command) => void this.send(command),
            ticked: () => this.keepPlace(),
        };
    }

    private handle(event: ServerEvent): void {
        switch (event.type) {
            case 'admitted':
                this.me = event.you;
                this.goIn(event.you.id, event.meeting, true);
                return;
            case 'meeting':
                this.updateInCall(meetingChange(event));
                break;
            case 'speaker':
                if (event.participant !== null && event.participant !== this.me?.id) {
                    this.speaker.set(event.participant);
                }
                return;
            case 'ice':
                this.ice = event;
                break;
            case 'updated':
                if (event.participant.id === this.me?.id) {
                    this.me = event.participant;
                    this.updateInCall({ role: event.participant.role });
                }
        }
        this.conference?.handle(event);
    }

    /** From browser to browser nobody tells us who is loudest. */
    private followSpeech(): void {
        const view = this.view.getSnapshot();
        const others = [...this.speaking.getSnapshot()].filter((id) => id !== 'me');
        const [first] = others;
        if (view.kind === 'in-call' && view.mode === 'direct' && first !== undefined) {
            const current = this.speaker.getSnapshot();
            if (current === null || !others.includes(current)) {
                this.speaker.set(first);
            }
        }
    }

    private updateInCall(change: Partial<InCall>): void {
        this.view.update((view) => (view.kind === 'in-call' ? { ...view, ...change } : view));
    }

    private commandRefused(error: ServerEventOf<'error'>, command: Command | null): void {
        // What crossed with somebody's leaving, or with a change of the mode, is nobody's concern.
        if (command !== null && isPassing(command)) {
            return;
        }
        this.noticeList.add({ kind: 'refused', command: command?.type ?? null, code: error.code });
    }

    private signalState(state: SignalState): void {
        switch (state.kind) {
            case 'joined':
                this.setLink(UP);
                return;
            case 'reconnecting': {
                const { since_ms, attempt } = state;
                this.setLink({ kind: 'reconnecting', since_ms, attempt });
                return;
            }
            case 'closed':
                this.signalEnded(state.end);
                return;
            default:
                return;
        }
    }

    private setLink(link: SignalLink): void {
        this.view.update((view) =>
            view.kind === 'in-call' || view.kind === 'lobby' ? { ...view, link } : view,
        );
    }

    private networkChanged(network: 'lost' | 'back' | 'other'): void {
        if (network === 'lost') {
            this.client.networkLost();
            return;
        }
        this.client.networkBack();
        this.conference?.networkChanged();
    }

    // ---- the end

    private signalEnded(end: SignalEnd): void {
        forgetPlace(this.environment.places);
        const before = this.view.getSnapshot();
        const placeLost = end.why === 'refused' && end.refused.code === 'resume-failed';
        if (before.kind === 'entering' && end.why !== 'left') {
            this.client = this.newClient();
            if (placeLost) {
                this.resolve();
            } else if (end.why === 'refused') {
                this.view.set(viewAfterRefusal(end.refused, this.meeting));
            } else {
                this.view.set(
                    readyAgain(this.meeting, end.why === 'unreachable' ? 'unreachable' : 'failed'),
                );
            }
            return;
        }
        this.endConference();
        if (placeLost && this.goInAgain()) {
            return;
        }
        this.media.stop();
        this.speech.stop();
        const ending = endingOf(end);
        const may_return =
            ending.kind === 'left' || ending.kind === 'lost' || ending.kind === 'replaced';
        this.view.set({ kind: 'ended', ending, may_return });
    }

    /** The place is gone, and the person never meant to leave. */
    private goInAgain(): boolean {
        const now_ms = this.environment.now();
        if (this.choice === null || now_ms - this.again_at_ms < ASK_AGAIN_MS) {
            return false;
        }
        this.again_at_ms = now_ms;
        this.client = this.newClient();
        this.enter(this.wayIn(this.choice));
        return true;
    }

    private endConference(): void {
        this.conference?.close();
        this.conference = null;
        this.noticeList.clear();
        this.speaker.set(null);
    }

    private keepPlace(): void {
        if (this.token !== null && this.me !== null) {
            keepPlace(this.environment.places, {
                entry: entryKey(this.entry),
                token: this.token,
                name: this.me.name,
                hide_address: this.choice?.hide_address ?? false,
                muted: this.media.isMuted,
                camera: this.media.wantsCamera,
                at_ms: this.environment.now(),
            });
        }
    }
}
