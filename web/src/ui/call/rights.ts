// SPDX-License-Identifier: Apache-2.0

// What is worth offering to whom. The server decides; these only keep buttons away that it would refuse.

import type { Role } from '../../protocol/messages';

export const runsMeeting = (role: Role): boolean => role === 'host' || role === 'moderator';

/** Mute, remove, block: hosts and moderators, never towards the host. */
export const mayModerate = (mine: Role, theirs: Role): boolean =>
    runsMeeting(mine) && theirs !== 'host';

/** Make a moderator, or take it back. */
export const mayPromote = (mine: Role, theirs: Role): boolean =>
    mine === 'host' && theirs !== 'host';
