// SPDX-License-Identifier: Apache-2.0

// A call while we are in it: brings together what the server says (who is there), the media session (what comes from them),
// chat and files. Lives from the first welcome to the end; a lost signalling connection doesn't end it.

import type { ChatRoom } from '../media/chat';
import type { ChatEntry } from '../media/chat-types';
import type { Transfer } from '../media/file-types';
import type { ChannelName, IceSettings, PeerId, PeerPath, PeerState, Wanted } from '../media/types';
import type { CallMedia, CallMediaEvents, Way } from '../media/switched-session';
import type { Clock } from '../protocol/clock';
import type {
    Command,
    MediaState,
    MeetingSnapshot,
    Participant,
    ServerEvent,
} from '../protocol/messages';
import { CallNumbers } from './call-numbers';
import type { ChatModel } from './chat-model';
import type { FilesModel } from './files-model';
import { firstWanted } from './first-wanted';
import type { Notices } from './notices';
import type { OwnMediaModel } from './own-media';
import { parseControl } from './control';
import type { PeopleModel } from './people-model';

export type NewSession = (
    options: { readonly me: PeerId; readonly ice: IceSettings },
    events: CallMediaEvents,
) => CallMedia;

export interface ConferenceParts {
    readonly clock: Clock;
    readonly now: () => number;
    readonly people: PeopleModel;
    readonly chat: ChatModel;
    readonly notices: Notices;
    readonly own: OwnMediaModel;
    readonly newSession: NewSession;
    readonly newFiles: (
        wire: {
            send(peer: PeerId, data: string | ArrayBuffer): boolean;
            buffered(peer: PeerId): number;
        },
        offered: (transfer: Transfer) => void,
    ) => FilesModel;
    readonly send: (command: Command) => void;
    /** Called every few seconds. */
    readonly ticked: () => void;
}

export class Conference {
    readonly files: FilesModel;
    private readonly session: CallMedia;
    private readonly room: ChatRoom;
    private media: MediaState = { audio: false, video: false, screen: false };
    private readonly numbers: CallNumbers;
    private way: Way = 'direct';
    private closed = false;

    constructor(
        private readonly me: string,
        meeting: MeetingSnapshot,
        ice: IceSettings,
        /** Whether the others are told that we came, and so begin. */
        announced: boolean,
        private readonly parts: ConferenceParts,
    ) {
        this.session = parts.newSession({ me, ice }, this.sessionEvents());
        this.room = parts.chat.begin({
            me,
            wire: {
                send: (peer, text) => this.session.send(peer, 'chat', text),
                sendAll: (text) => this.session.sendAll('chat', text),
            },
            now: parts.now,
            received: (entry) => this.chatReceived(entry),
        });
        this.files = parts.newFiles(
            {
                send: (peer, data) => this.session.send(peer, 'files', data),
                buffered: (peer) => this.session.buffered(peer, 'files'),
            },
            (transfer) => this.fileOffered(transfer),
        );
        parts.own.events = {
            track: (slot, track) => this.session.setTrack(slot, track),
            state: (media) => this.mediaChanged(media),
            lost: (device, label) =>
                parts.notices.add(
                    label === null
                        ? { kind: 'device-lost', device }
                        : { kind: 'device-changed', device, label },
                ),
            screenEnded: () => parts.notices.add({ kind: 'screen-ended' }),
            screenFailed: () => parts.notices.add({ kind: 'screen-failed' }),
        };
        // Before the peers are added: their connections begin with what we send.
        parts.own.resend();
        this.session.setMode(meeting.mode);
        this.meet(meeting, !announced);
        this.session.watch(firstWanted(meeting.participants.filter(({ id }) => id !== me)));
        this.numbers = new CallNumbers(this.session, parts, () => this.way);
    }

    /** Whether media flows to or from anybody, with or without the server. */
    get isTalking(): boolean {
        return this.parts.people.others().some((person) => person.connection === 'connected');
    }

    peers(): readonly PeerId[] {
        return this.parts.people.others().map((person) => person.participant.id);
    }

    loudness(): ReadonlyMap<string, () => number> {
        return new Map(
            this.session.heard().map((peer) => [peer, () => this.session.audioLevel(peer)]),
        );
    }

    /** The signalling connection is back. `meeting`: the server has forgotten the history, and this is the whole state. */
    resumed(meeting: MeetingSnapshot | null, ice: IceSettings): void {
        this.session.setIce(ice);
        this.session.restart('broken');
        if (meeting !== null) {
            this.session.setMode(meeting.mode);
            this.meet(meeting, true);
            this.parts.send({ type: 'media', ...this.media });
        }
    }

    /** Another network, or the same again: the way to everybody is found anew. */
    networkChanged(): void {
        this.session.restart('all');
    }

    watch(wanted: readonly Wanted[]): void {
        this.session.watch(wanted);
    }

    handle(event: ServerEvent): void {
        switch (event.type) {
            case 'joined':
                this.arrived(event.participant);
                return;
            case 'updated':
                this.updated(event.participant);
                return;
            case 'left':
                this.gone(event.id, event.reason);
                return;
            case 'knock':
                this.parts.people.knock(event.participant);
                this.parts.notices.add({ kind: 'knock', participant: event.participant });
                return;
            case 'knock_gone':
                this.parts.people.knockGone(event.id);
                return;
            case 'signal':
                this.session.receiveSignal(event.from, event);
                return;
            case 'ice':
                this.session.setIce(event);
                return;
            case 'meeting':
                this.session.setMode(event.mode);
                return;
            case 'relay':
            case 'relay_gone':
            case 'slots':
            case 'watched':
            case 'passed':
                this.session.receiveRelay(event);
                return;
            case 'muted': {
                const name = this.parts.people.nameOf(event.by);
                this.parts.own.silence(event.kind);
                this.parts.notices.add({ kind: 'muted-by', media: event.kind, name });
                return;
            }
            default:
                return;
        }
    }

    close(): void {
        this.closed = true;
        this.numbers.stop();
        this.parts.own.events = null;
        this.files.close();
        this.session.close();
        this.parts.chat.end();
        this.parts.people.clear();
    }

    // ---- people come and go

    /** Brings the connections in line with who is there. `begin`: with those who are new to us, the connection too. */
    private meet(meeting: MeetingSnapshot, begin: boolean): void {
        const before = new Set(this.peers());
        this.parts.people.reset(this.me, meeting.participants, meeting.waiting ?? []);
        const now = new Set(this.peers());
        for (const peer of before) {
            if (!now.has(peer)) {
                this.drop(peer);
            }
        }
        for (const peer of now) {
            if (!before.has(peer)) {
                this.add(peer, begin);
            }
        }
    }

    private add(peer: PeerId, offering: boolean): void {
        this.room.addPeer(peer);
        this.session.addPeer(peer, offering);
    }

    private drop(peer: PeerId): void {
        this.session.removePeer(peer);
        this.room.removePeer(peer);
        this.files.exchange.removePeer(peer);
    }

    private arrived(participant: Participant): void {
        const { people, notices } = this.parts;
        const known = people.find(participant.id) !== undefined || participant.id === this.me;
        people.put(participant);
        if (!known) {
            // While they still draw their page, our offer is on its way.
            this.add(participant.id, true);
            notices.add({ kind: 'joined', name: participant.name });
        }
    }

    private updated(participant: Participant): void {
        const { people, notices } = this.parts;
        const before = people.find(participant.id)?.participant;
        people.put(participant);
        if (before === undefined) {
            return;
        }
        if (participant.hand && !before.hand) {
            notices.add({ kind: 'hand', name: participant.name });
        }
        if (before.presence === 'away' && participant.presence === 'present') {
            this.session.peerReturned(participant.id);
        }
    }

    private gone(id: PeerId, reason: 'left' | 'lost' | 'removed' | 'blocked' | 'denied'): void {
        const { people, notices } = this.parts;
        const person = people.find(id);
        if (person !== undefined) {
            const why = reason === 'left' || reason === 'lost' ? reason : 'removed';
            notices.add({ kind: 'left', name: person.participant.name, why });
            this.drop(id);
            people.remove(id);
        }
    }

    // ---- what we send

    private mediaChanged(media: MediaState): void {
        this.media = media;
        this.parts.send({ type: 'media', ...media });
        const { me } = this.parts.people.people.getSnapshot();
        if (me !== null) {
            this.parts.people.putMe({ ...me, media });
        }
        this.session.sendAll('control', this.mediaWords());
    }

    /** The others learn it from us too, so that it holds while the server cannot be reached. */
    private mediaWords(): string {
        return JSON.stringify({ t: 'media', ...this.media });
    }

    // ---- what comes from the session

    private sessionEvents(): CallMediaEvents {
        const { people, notices, send } = this.parts;
        return {
            signal: (to, payload) => send({ type: 'signal', to, ...payload }),
            command: (command) => send(command),
            connection: (peer, state, path) => this.report(peer, state, path),
            way: (way) => this.wayChanged(way),
            full: () => notices.add({ kind: 'relay-full' }),
            picture: (peer, picture, view) => people.setPicture(peer, picture, view),
            sounds: (tracks) => people.setSounds(tracks),
            state: (peer, state, path) => this.connectionChanged(peer, state, path),
            open: (peer, channel) => this.channelOpened(peer, channel),
            message: (peer, channel, data) => this.channelMessage(peer, channel, data),
            drained: (peer, channel) => {
                if (channel === 'files') {
                    this.files.exchange.drained(peer);
                }
            },
            closed: (peer, channel) => {
                if (channel === 'files') {
                    this.files.exchange.closed(peer);
                }
            },
        };
    }

    /** Connections from browser to browser are the server's to know of: it sees nothing of them. */
    private report(peer: PeerId, state: PeerState, path: PeerPath | null): void {
        if (!this.closed) {
            const where = path === null ? {} : { path };
            this.parts.send({ type: 'connection', peer, state, ...where });
        }
    }

    private connectionChanged(peer: PeerId, state: PeerState, path: PeerPath | null): void {
        const { people } = this.parts;
        const before = people.find(peer)?.connection;
        people.setConnection(peer, state, path);
        if (state === 'connected' && before !== 'connected') {
            void this.readSecurity(peer);
        }
    }

    /** Another connection has other keys. Through the server there is one for all (call-numbers.ts). */
    private async readSecurity(peer: PeerId): Promise<void> {
        const facts = await this.session.security(peer).catch(() => null);
        if (facts !== null && this.way === 'direct' && !this.closed) {
            this.parts.people.setSecurity(peer, facts);
        }
    }

    private wayChanged(way: Way): void {
        this.way = way;
        this.parts.people.setWay(way, this.parts.now());
        for (const { participant, connection } of this.parts.people.others()) {
            if (way === 'direct' && connection === 'connected') {
                void this.readSecurity(participant.id);
            }
        }
    }

    private channelOpened(peer: PeerId, channel: ChannelName): void {
        switch (channel) {
            case 'control':
                this.session.send(peer, 'control', this.mediaWords());
                return;
            case 'chat':
                this.room.opened(peer);
                return;
            case 'files':
                this.files.exchange.opened(peer);
        }
    }

    private channelMessage(peer: PeerId, channel: ChannelName, data: string | ArrayBuffer): void {
        if (channel === 'files') {
            this.files.exchange.receive(peer, data);
        } else if (typeof data === 'string') {
            if (channel === 'chat') {
                this.room.receive(peer, data);
            } else {
                const media = parseControl(data);
                if (media !== null) {
                    this.parts.people.setMedia(peer, media);
                }
            }
        }
    }

    private chatReceived(entry: ChatEntry): void {
        this.parts.notices.add({
            kind: 'chat',
            from: this.parts.people.nameOf(entry.from ?? ''),
            private: entry.thread !== 'group',
            text: entry.text,
        });
    }

    private fileOffered(transfer: Transfer): void {
        this.parts.notices.add({
            kind: 'file-offer',
            from: this.parts.people.nameOf(transfer.peer),
            name: transfer.name,
        });
    }
}
