/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sending to a peer touches lies in a dozen places, last used a frame ago; with a hundred
 * peers all of it has gone from the near caches by then. Asked for early, and for several peers at
 * once, it costs a fraction: the hot path spends its time on waiting for memory otherwise.
 */
#include "media/relay_private.h"

enum { FIRST_TRANSPORT_STEP = 1, SLOT_STEP = 2, RECORD_STEP = 3 };
enum { SLOT_AHEAD = 12, PEER_AHEAD = 8, QUEUE_AHEAD = 4 }; /* of the one that is being served */

_Static_assert(CV_PEER_FETCH_STEPS >= FIRST_TRANSPORT_STEP + (int)CV_TRANSPORT_PREFETCH_STEPS,
               "a step for each of the transport's");

void cv_encoding_fetch(const struct cv_encoding *encoding, size_t i) {
    if (i + SLOT_AHEAD < encoding->slot_count)
        cv_prefetch(encoding->slots[i + SLOT_AHEAD], 1);
    if (i + PEER_AHEAD < encoding->slot_count)
        cv_prefetch(encoding->slots[i + PEER_AHEAD]->peer, offsetof(struct cv_peer, pacer));
    if (i + QUEUE_AHEAD < encoding->slot_count) {
        const struct cv_queue *queue = cv_slot_queue_of(encoding->slots[i + QUEUE_AHEAD]);
        cv_prefetch(cv_queue_end(queue), 1);
    }
}

static struct cv_slot *first_slot(const struct cv_peer *peer, const struct cv_queue *queue) {
    return queue->count > 0 ? peer->slots[queue->items[queue->first].slot] : NULL;
}

static void fetch_record(const struct cv_slot *slot) {
    if (slot->sent_size > 0)
        cv_prefetch(&slot->sent[slot->sent_end & (slot->sent_size - 1u)], sizeof *slot->sent);
}

void cv_peer_fetch(const struct cv_peer *peer, unsigned step) {
    const struct cv_queue *queue = peer->pictures.count > 0 ? &peer->pictures : &peer->sound;
    if (step == 0) {
        cv_prefetch(peer, offsetof(struct cv_peer, slots) + CV_CACHE_LINE_BYTES);
        return;
    }
    if (step == 1) {
        if (peer->bwe)
            cv_bwe_prefetch(peer->bwe, peer->next_twcc);
        cv_prefetch(&queue->items[queue->first], sizeof *queue->items);
    }
    const struct cv_slot *slot = step >= SLOT_STEP ? first_slot(peer, queue) : NULL;
    if (slot && step == SLOT_STEP)
        cv_prefetch(slot, offsetof(struct cv_slot, runs));
    if (slot && step == RECORD_STEP)
        fetch_record(slot);
    if (peer->transport)
        cv_transport_prefetch(peer->transport, slot && step > SLOT_STEP ? slot->ssrc : 0,
                              step - FIRST_TRANSPORT_STEP);
}
