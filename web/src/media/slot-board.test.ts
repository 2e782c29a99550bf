// SPDX-License-Identifier: Apache-2.0

import { describe, expect, it } from 'vitest';
import type { FedSlot } from './relay-types';
import { SlotBoard } from './slot-board';
import type { Picture, Wanted } from './types';

function want(peer: string, picture: Picture = 'camera', stage = false): Wanted {
    return { peer, picture, width: 320, height: 180, stage };
}

function fed(mid: string, participant: string | null, some: Partial<FedSlot> = {}): FedSlot {
    return { mid, participant, source: 'camera', state: 'live', ...some };
}

const mids = (slots: ReturnType<SlotBoard['assign']>): [string, string][] =>
    slots.map(({ participant, mid }) => [participant, mid]);

describe('the board of slots', () => {
    it('keeps a picture in its slot while others come and go', () => {
        const board = new SlotBoard(['7', '8', '9']);
        expect(mids(board.assign([want('a'), want('b')]))).toEqual([
            ['a', '7'],
            ['b', '8'],
        ]);
        expect(mids(board.assign([want('c'), want('b')]))).toEqual([
            ['c', '7'],
            ['b', '8'],
        ]);
    });

    it('serves the stage first where slots are few', () => {
        const board = new SlotBoard(['7', '8']);
        const slots = board.assign([want('a'), want('b'), want('c', 'screen', true)]);
        expect(mids(slots)).toEqual([
            ['c', '7'],
            ['a', '8'],
        ]);
    });

    it('shows a picture only where the server says that it is this one', () => {
        const board = new SlotBoard(['7', '8']);
        board.assign([want('a'), want('b')]);
        expect(board.find('a', 'camera')).toBeNull();
        board.feed([fed('7', 'a'), fed('8', 'b', { state: 'starved' })]);
        expect(board.find('a', 'camera')).toEqual({ mid: '7', state: 'live' });
        expect(board.find('b', 'camera')).toEqual({ mid: '8', state: 'starved' });
        // The slot is given to another, and the server hasn't noticed yet.
        board.assign([want('c'), want('b')]);
        expect(board.find('a', 'camera')).toBeNull();
        expect(board.find('c', 'camera')).toBeNull();
        board.feed([fed('7', 'c'), fed('8', null, { state: 'off' })]);
        expect(board.find('c', 'camera')).toEqual({ mid: '7', state: 'live' });
        expect(board.find('b', 'camera')).toBeNull();
    });

    it('tells a screen from a camera', () => {
        const board = new SlotBoard(['7', '8']);
        board.assign([want('a', 'screen'), want('a')]);
        board.feed([fed('7', 'a'), fed('8', 'a')]);
        expect(board.find('a', 'screen')).toBeNull();
        expect(board.find('a', 'camera')).toEqual({ mid: '8', state: 'live' });
    });

    it('knows who is heard where', () => {
        const board = new SlotBoard([]);
        board.feed([
            fed('4', 'a', { source: 'microphone' }),
            fed('5', 'a', { source: 'screen-sound' }),
            fed('6', 'b', { source: 'microphone', state: 'off' }),
        ]);
        expect(board.speakers()).toEqual(['a']);
        expect(board.voice('a', 'microphone')).toBe('4');
        expect(board.voice('a', 'screen-sound')).toBe('5');
        expect(board.voice('b', 'microphone')).toBeNull();
    });
});
