// SPDX-License-Identifier: Apache-2.0

// What the interface shows of a call, and what it may do. The models behind these live beside this file.

import type { ChatEntry, Thread } from '../media/chat-types';
import type { Transfer } from '../media/file-types';
import type {
    Device,
    DeviceProblem,
    PeerPath,
    PeerState,
    Quality,
    SecurityFacts,
    Wanted,
} from '../media/types';
import type { ErrorCode, MediaKind, Mode, Participant, Role, Topology } from '../protocol/messages';
import type { Api, ResolvedLink, User } from '../protocol/rest';
import type { Readable } from './store';

// ---- where in the course of a call we are

/** Why "join" led nowhere; the person may try again. */
export type EntryProblem = 'locked' | 'full' | 'blocked' | 'signed-out' | 'unreachable' | 'failed';

export type Ending =
    /** We hung up. */
    | { readonly kind: 'left' }
    | { readonly kind: 'meeting-ended' }
    | { readonly kind: 'removed' }
    | { readonly kind: 'denied' }
    | { readonly kind: 'revoked' }
    /** The session by which we were in has ended, here or in another window. */
    | { readonly kind: 'signed-out' }
    /** The same place was taken up in another window. */
    | { readonly kind: 'replaced' }
    /** The connection could not be brought back in time. */
    | { readonly kind: 'lost' };

export type SignalLink =
    | { readonly kind: 'up' }
    | { readonly kind: 'reconnecting'; readonly since_ms: number; readonly attempt: number };

export type CallView =
    | { readonly kind: 'resolving' }
    /** No such link, revoked, or not ours to use: nobody can tell. */
    | { readonly kind: 'unknown' }
    /** A meeting of an account, and nobody is signed in. */
    | { readonly kind: 'signed-out' }
    | { readonly kind: 'unreachable' }
    | {
          readonly kind: 'too-early';
          readonly meeting: ResolvedLink;
          readonly opens_at: string | null;
      }
    | {
          readonly kind: 'over';
          readonly why: 'ended' | 'expired';
          readonly meeting: ResolvedLink | null;
      }
    /** The device check: may join. */
    | {
          readonly kind: 'ready';
          readonly meeting: ResolvedLink;
          readonly problem: EntryProblem | null;
      }
    | { readonly kind: 'entering'; readonly meeting: ResolvedLink | null }
    | { readonly kind: 'lobby'; readonly title: string; readonly link: SignalLink }
    | {
          readonly kind: 'in-call';
          readonly title: string;
          readonly role: Role;
          readonly locked: boolean;
          readonly lobby: boolean;
          readonly topology: Topology;
          /** The way that the call takes, or is changing to. */
          readonly mode: Mode;
          /** Somebody who may has asked for the server's way. */
          readonly relay_asked: boolean;
          readonly capacity: number;
          readonly closes_at: string | null;
          readonly joined_at_ms: number;
          readonly link: SignalLink;
      }
    | { readonly kind: 'ended'; readonly ending: Ending; readonly may_return: boolean };

// ---- the people

export interface Person {
    readonly participant: Participant;
    readonly connection: PeerState;
    readonly path: PeerPath | null;
    /** Null: not to be seen now. */
    readonly camera: MediaStream | null;
    /** It stands still: the connection has no room for it. */
    readonly camera_starved: boolean;
    readonly screen: MediaStream | null;
    readonly screen_starved: boolean;
    readonly security: SecurityFacts | null;
}

export interface People {
    /** Null before we are in. */
    readonly me: Participant | null;
    readonly others: readonly Person[];
    /** In the lobby; host and moderators only. */
    readonly waiting: readonly Participant[];
}

/** How the call as a whole is protected, for the badge. */
export interface Protection {
    readonly mode: Mode;
    /** `pending` until somebody is connected. */
    readonly state: 'pending' | 'encrypted';
    readonly since_ms: number | null;
    /** A direct connection runs through a relay (TURN), which sees only ciphertext. */
    readonly relayed: boolean;
    /** Of the connection to the server, when the call goes through it and the browser has told. */
    readonly server: SecurityFacts | null;
}

// ---- what we send

export type SourceState =
    | { readonly kind: 'off' }
    | { readonly kind: 'starting' }
    | { readonly kind: 'on' }
    | { readonly kind: 'problem'; readonly problem: DeviceProblem };

export interface OwnMedia {
    readonly microphone: SourceState;
    /** The microphone is open but silent. */
    readonly muted: boolean;
    readonly camera: SourceState;
    readonly screen: SourceState;
    readonly screen_has_sound: boolean;
    /** For a video element of our own picture. */
    readonly camera_stream: MediaStream | null;
    readonly screen_stream: MediaStream | null;
    /** Push-to-talk: is it on, and is the key down? */
    readonly push_to_talk: { readonly enabled: boolean; readonly held: boolean };
    readonly can_share_screen: boolean;
}

export interface Devices {
    readonly microphones: readonly Device[];
    readonly cameras: readonly Device[];
    readonly speakers: readonly Device[];
    /** Ids in use; null where there is none. */
    readonly microphone: string | null;
    readonly camera: string | null;
    /** Null is the system's own choice. */
    readonly speaker: string | null;
    readonly can_choose_speaker: boolean;
}

// ---- chat, files

export interface Conversation {
    readonly thread: Thread;
    readonly entries: readonly ChatEntry[];
    readonly unread: number;
}

export interface Chat {
    readonly group: Conversation;
    /** Private threads by peer id, in the order in which they began. */
    readonly private: readonly Conversation[];
    readonly unread: number;
}

export interface Files {
    readonly transfers: readonly Transfer[];
    /** Offers that wait for our answer. */
    readonly offers: number;
}

// ---- things that happen, to be told once

export type Notice = { readonly id: number } & (
    | { readonly kind: 'joined'; readonly name: string }
    | { readonly kind: 'left'; readonly name: string; readonly why: 'left' | 'lost' | 'removed' }
    | { readonly kind: 'knock'; readonly participant: Participant }
    | { readonly kind: 'muted-by'; readonly media: MediaKind; readonly name: string }
    | { readonly kind: 'hand'; readonly name: string }
    | {
          readonly kind: 'chat';
          readonly from: string;
          readonly private: boolean;
          readonly text: string;
      }
    | { readonly kind: 'file-offer'; readonly from: string; readonly name: string }
    | { readonly kind: 'device-lost'; readonly device: 'microphone' | 'camera' }
    | {
          readonly kind: 'device-changed';
          readonly device: 'microphone' | 'camera';
          readonly label: string;
      }
    | { readonly kind: 'screen-ended' }
    | { readonly kind: 'screen-failed' }
    | { readonly kind: 'relay-full' }
    | { readonly kind: 'refused'; readonly command: string | null; readonly code: ErrorCode }
    | { readonly kind: 'file-refused'; readonly reason: 'too-big' | 'empty' | 'nobody' | 'relayed' }
);

// ---- what may be done

export interface EntryChoice {
    /** Needed unless the link carries a label or we are signed in. */
    readonly name: string;
    /** Use relays only, so that nobody in the call learns our address. */
    readonly hide_address: boolean;
}

/** One call from its link to its end. Made by `openCall`, thrown away with `dispose`. */
export interface CallModel {
    readonly view: Readable<CallView>;
    readonly people: Readable<People>;
    readonly own: Readable<OwnMedia>;
    readonly protection: Readable<Protection>;
    readonly chat: Readable<Chat>;
    readonly files: Readable<Files>;
    /** Everybody's voice and the sound of their screens, to be played. */
    readonly sounds: Readable<readonly MediaStream[]>;
    /** Who of the others speaks, or did last. */
    readonly speaker: Readable<string | null>;
    /** Ids of those who speak; our own is 'me'. */
    readonly speaking: Readable<ReadonlySet<string>>;
    /** Not yet shown notices, oldest first; `dismiss` takes one away. */
    readonly notices: Readable<readonly Notice[]>;

    /** 0 to 1, some 10 times a second while somebody subscribes; 'me' is our own microphone. */
    level(person: string): Readable<number>;
    /** How the connection to one of the others is doing, every few seconds; null as long as that isn't known. */
    quality(person: string): Readable<Quality | null>;

    /** Asks again what the link leads to (after `unreachable`, or when it was too early). */
    resolve(): void;
    /** Tell that the person is about to press "join" (pointer over it, focus on it): connects ahead, says nothing. */
    warm(): void;
    join(choice: EntryChoice): void;
    /** From the `ended` view: back to the device check. */
    again(): void;
    leave(): void;
    dispose(): void;

    setMuted(muted: boolean): void;
    setCamera(on: boolean): void;
    shareScreen(on: boolean): void;
    /** The push-to-talk key or button goes down or up. */
    talk(held: boolean): void;
    setHand(raised: boolean): void;
    rename(name: string): void;

    admit(participant: string | 'all'): void;
    deny(participant: string): void;
    lock(locked: boolean): void;
    setLobby(enabled: boolean): void;
    /** Asks for the way through the server, or lets it decide again. */
    setRelayed(relayed: boolean): void;
    /** The pictures of others that are on the page; the rest needn't be sent. */
    watch(wanted: readonly Wanted[]): void;
    mute(participant: string, kind: MediaKind): void;
    remove(participant: string, block: boolean): void;
    setRole(participant: string, role: 'moderator' | 'participant'): void;
    endForAll(): void;

    /** Null, or why the text was not sent. */
    say(thread: Thread, text: string): 'empty' | 'too-long' | 'gone' | null;
    markRead(thread: Thread): void;

    /** To everyone, or to one. */
    offerFiles(files: readonly File[], to: 'group' | { readonly peer: string }): void;
    acceptFile(id: string): void;
    declineFile(id: string): void;
    pauseFile(id: string): void;
    resumeFile(id: string): void;
    cancelFile(id: string): void;
    /** Hands a received file to the browser as a download. */
    saveFile(id: string): void;

    dismiss(notice: number): void;
}

/** Cameras, microphones and loudspeakers, and the choice among them; shared by the device check, the call and settings. */
export interface DevicesModel {
    readonly devices: Readable<Devices>;
    chooseMicrophone(id: string): void;
    chooseCamera(id: string): void;
    chooseSpeaker(id: string | null): void;
}

export interface Settings {
    readonly theme: 'system' | 'light' | 'dark';
    /** Null follows the browser. */
    readonly language: string | null;
    readonly microphone: string | null;
    readonly camera: string | null;
    readonly speaker: string | null;
    readonly push_to_talk: boolean;
    /** KeyboardEvent.code. */
    readonly push_to_talk_key: string;
    readonly start_muted: boolean;
    readonly start_camera_off: boolean;
    readonly hide_address: boolean;
}

export interface SettingsModel {
    readonly settings: Readable<Settings>;
    change(change: Partial<Settings>): void;
}

export type Session =
    | { readonly kind: 'asking' }
    | { readonly kind: 'signed-out' }
    | { readonly kind: 'signed-in'; readonly user: User }
    | { readonly kind: 'unreachable' };

/** Who is signed in. The methods reject as `Api` does. */
export interface SessionModel {
    readonly session: Readable<Session>;
    refresh(): Promise<void>;
    signIn(email: string, password: string): Promise<void>;
    setUp(setup: {
        readonly token: string;
        readonly name: string;
        readonly email: string;
        readonly password: string;
    }): Promise<void>;
    signOut(everywhere?: boolean): Promise<void>;
}

/** The root: made once, by `createApp` in app.ts. */
export interface AppModel {
    readonly api: Api;
    readonly session: SessionModel;
    readonly settings: SettingsModel;
    readonly devices: DevicesModel;
    /** By link token, or as the owner by the meeting's id. A page that was reloaded gets its place back. */
    openCall(entry: { readonly link: string } | { readonly meeting: string }): CallModel;
}
