// SPDX-License-Identifier: Apache-2.0

export type When = 'upcoming' | 'rooms' | 'past';

/** What the answers of the server are kept under while the page is open. */
export const keys = {
    lists: ['meetings'] as const,
    list: (when: When) => ['meetings', when] as const,
    meeting: (id: string) => ['meeting', id] as const,
    links: (id: string) => ['meeting', id, 'links'] as const,
    records: (id: string) => ['meeting', id, 'records'] as const,
};
