// SPDX-License-Identifier: Apache-2.0

// What a person may do in a call, and what they see of it: the part of the call's model that has no course of its own.

import type { Thread } from '../media/chat-types';
import type { Wanted } from '../media/types';
import type { Command, MediaKind } from '../protocol/messages';
import { ChatModel } from './chat-model';
import type { Conference } from './conference';
import { FilesModel } from './files-model';
import { Notices } from './notices';
import type { OwnMediaModel } from './own-media';
import { PeopleModel } from './people-model';
import { Store, type Readable } from './store';
import type { Chat, Files, OwnMedia, People, Protection } from './views';

export abstract class CallActions {
    readonly people: Readable<People>;
    readonly own: Readable<OwnMedia>;
    readonly protection: Readable<Protection>;
    readonly sounds: Readable<readonly MediaStream[]>;
    readonly speaker = new Store<string | null>(null);
    readonly chat = new Store<Chat>(ChatModel.empty);
    readonly files = new Store<Files>(FilesModel.empty);
    readonly notices: Notices['list'];

    protected readonly peopleModel = new PeopleModel();
    protected readonly chatModel = new ChatModel(this.chat);
    protected readonly noticeList = new Notices();
    /** Null while we aren't in. */
    protected conference: Conference | null = null;

    constructor(protected readonly media: OwnMediaModel) {
        this.people = this.peopleModel.people;
        this.protection = this.peopleModel.protection;
        this.sounds = this.peopleModel.sounds;
        this.own = media.own;
        this.notices = this.noticeList.list;
    }

    /** False when there is nobody to send it to. */
    protected abstract send(command: Command): boolean;

    setMuted(muted: boolean): void {
        this.media.setMuted(muted);
    }

    setCamera(on: boolean): void {
        this.media.setCamera(on);
    }

    shareScreen(on: boolean): void {
        this.media.shareScreen(on);
    }

    talk(held: boolean): void {
        this.media.talk(held);
    }

    setHand(raised: boolean): void {
        const { me } = this.people.getSnapshot();
        if (me !== null && this.send({ type: 'hand', raised })) {
            this.peopleModel.putMe({ ...me, hand: raised });
        }
    }

    rename(name: string): void {
        this.send({ type: 'rename', name });
    }

    admit(participant: string): void {
        this.send({ type: 'admit', participant });
    }

    deny(participant: string): void {
        this.send({ type: 'deny', participant });
    }

    lock(locked: boolean): void {
        this.send({ type: 'lock', locked });
    }

    setLobby(enabled: boolean): void {
        this.send({ type: 'lobby', enabled });
    }

    setRelayed(relayed: boolean): void {
        this.send({ type: 'mode', relayed });
    }

    watch(wanted: readonly Wanted[]): void {
        this.conference?.watch(wanted);
    }

    mute(participant: string, kind: MediaKind): void {
        this.send({ type: 'mute', participant, kind });
    }

    remove(participant: string, block: boolean): void {
        this.send({ type: 'remove', participant, block });
    }

    setRole(participant: string, role: 'moderator' | 'participant'): void {
        this.send({ type: 'role', participant, role });
    }

    endForAll(): void {
        this.send({ type: 'end' });
    }

    say(thread: Thread, text: string): 'empty' | 'too-long' | 'gone' | null {
        return this.conference === null ? 'gone' : this.chatModel.say(thread, text);
    }

    markRead(thread: Thread): void {
        this.chatModel.markRead(thread);
    }

    offerFiles(files: readonly File[], to: 'group' | { readonly peer: string }): void {
        const { conference } = this;
        if (this.protection.getSnapshot().mode === 'relayed') {
            this.noticeList.add({ kind: 'file-refused', reason: 'relayed' });
        } else if (conference !== null) {
            const peers = to === 'group' ? conference.peers() : [to.peer];
            const scope = to === 'group' ? 'group' : 'private';
            for (const reason of new Set(conference.files.offer(files, peers, scope))) {
                this.noticeList.add({ kind: 'file-refused', reason });
            }
        }
    }

    acceptFile(id: string): void {
        this.conference?.files.exchange.accept(id);
    }

    declineFile(id: string): void {
        this.conference?.files.exchange.decline(id);
    }

    pauseFile(id: string): void {
        this.conference?.files.exchange.pause(id);
    }

    resumeFile(id: string): void {
        this.conference?.files.exchange.resume(id);
    }

    cancelFile(id: string): void {
        this.conference?.files.exchange.cancel(id);
    }

    saveFile(id: string): void {
        this.conference?.files.save(id);
    }

    dismiss(notice: number): void {
        this.noticeList.dismiss(notice);
    }
}
