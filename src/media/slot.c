/* SPDX-License-Identifier: Apache-2.0 */
/* A media line that a peer receives: what feeds it, what it sent, and what may be sent again. */
#include "media/relay_private.h"

#include <stdlib.h>

enum { SENT_MS = 600 }; /* how long the ring should reach back */

void cv_slot_init(struct cv_slot *slot, struct cv_peer *peer, struct cv_random random) {
    struct {
        uint32_t base_timestamp;
        uint16_t sequence, rtx_sequence, picture_id, frame_number;
        uint8_t tl0;
    } start;
    cv_random_fill(random, &start, sizeof start);
    *slot = (struct cv_slot){.peer = peer, .base_timestamp = start.base_timestamp};
    /* Below half, so that the first rollover is far away while SRTP's is not yet known. */
    slot->rewrite.next_sequence = start.sequence & 0x7fff;
    slot->next_rtx_sequence = start.rtx_sequence & 0x7fff;
    slot->rewrite.next_picture_id = start.picture_id & 0x7fff;
    slot->rewrite.next_frame_number = start.frame_number;
    slot->rewrite.next_tl0 = start.tl0;
}

void cv_slot_release(struct cv_slot *slot, int64_t now_us) {
    cv_slot_set_source(slot, NULL, now_us);
    for (size_t i = 0; i < CV_SLOT_RUNS; i++)
        slot->runs[i].history = cv_history_unref(slot->runs[i].history);
    free(slot->sent);
    slot->sent = NULL;
}

/* Puts the slot on the lists of the encodings that it looks at, and takes it off the others. */
static void set_encodings(struct cv_slot *slot, struct cv_encoding *current,
                          struct cv_encoding *target, struct cv_encoding *wished) {
    struct cv_encoding *const before[] = {slot->current, slot->target, slot->wished};
    struct cv_encoding *const after[] = {current, target, wished};
    for (size_t i = 0; i < 3; i++)
        if (before[i] && before[i] != current && before[i] != target && before[i] != wished)
            cv_encoding_remove(before[i], slot);
    slot->current = current;
    slot->target = target;
    slot->wished = wished;
    for (size_t i = 0; i < 3; i++)
        if (after[i] && cv_encoding_add(after[i], slot) != CV_OK)
            slot->starved = true; /* it is asked for again with the next allocation */
}

void cv_slot_lose(struct cv_slot *slot, const struct cv_encoding *encoding) {
    if (slot->current == encoding)
        set_encodings(slot, NULL, slot->target, slot->wished);
}

enum cv_slot_state cv_slot_state(const struct cv_slot *slot) {
    if (!slot->source)
        return CV_SLOT_OFF;
    if (!slot->video || slot->current)
        return CV_SLOT_LIVE;
    return slot->starved ? CV_SLOT_STARVED : CV_SLOT_OFF;
}

void cv_slot_changed(struct cv_slot *slot) {
    enum cv_slot_state state = cv_slot_state(slot);
    if (state == slot->told_state)
        return;
    slot->peer->tell_slots = true;
    cv_peer_tell(slot->peer);
}

void cv_slot_set_source(struct cv_slot *slot, struct cv_source *source, int64_t now_us) {
    struct cv_source *before = slot->source;
    if (source == before)
        return;
    set_encodings(slot, NULL, NULL, NULL);
    slot->starved = false;
    slot->source = source;
    if (before)
        cv_source_watch(before, now_us);
    if (source && !slot->video)
        cv_slot_set_target(slot, &source->encodings[0], &source->encodings[0], 0, 0, now_us);
    if (slot->video) {
        slot->peer->allocate_due_us = now_us;
        cv_peer_schedule(slot->peer, now_us);
    }
    slot->peer->tell_slots = true;
    cv_peer_tell(slot->peer);
}

/* Whether only a key frame leads to the layers that are to be sent. */
static bool needs_key_frame(const struct cv_slot *slot) {
    return slot->current->svc &&
           cv_svc_needs_key_frame(slot->current->svc, cv_svc_bound(slot->spatial, slot->temporal),
                                  cv_svc_bound(slot->target_spatial, slot->target_temporal));
}

void cv_slot_set_target(struct cv_slot *slot, struct cv_encoding *target,
                        struct cv_encoding *wished, uint8_t spatial, uint8_t temporal,
                        int64_t now_us) {
    bool over = slot->current && (!target || !cv_encoding_is_live(slot->current, now_us));
    bool changes = over || target != slot->target || wished != slot->wished;
    slot->target_spatial = spatial;
    slot->target_temporal = temporal;
    if (changes)
        set_encodings(slot, over ? NULL : slot->current, target, wished);
    if (slot->video && target && (target != slot->current || needs_key_frame(slot)))
        cv_encoding_ask_key_frame(target, now_us);
    if (changes && slot->source)
        cv_source_watch(slot->source, now_us);
    cv_slot_changed(slot);
}

/* The record of what is sent in this run, for retransmissions of it after the next switch. */
static void open_run(struct cv_slot *slot, const struct cv_encoding *encoding) {
    slot->run = (uint8_t)((slot->run + 1) % CV_SLOT_RUNS);
    struct cv_slot_run *run = &slot->runs[slot->run];
    cv_history_unref(run->history);
    *run = (struct cv_slot_run){
        .history = encoding->history ? cv_history_ref(encoding->history) : NULL,
        .timestamp_offset = slot->rewrite.timestamp_offset,
        .frame_offset = slot->rewrite.frame_offset,
        .csrc = encoding->source->csrc,
    };
    for (size_t i = 0; i < slot->sent_size; i++)
        if (slot->sent[i].run == slot->run)
            slot->sent[i].run = CV_SLOT_UNSENT;
}

/* In two parts, since the product of all would be too large after some years. */
static uint32_t timestamp_at(const struct cv_slot *slot, int64_t at_us) {
    int64_t hz = slot->video ? 90000 : 48000;
    int64_t ticks = at_us / CV_US_PER_S * hz + at_us % CV_US_PER_S * hz / CV_US_PER_S;
    return slot->base_timestamp + (uint32_t)ticks;
}

bool cv_slot_switch(struct cv_slot *slot, const struct cv_packet *packet, int64_t now_us) {
    struct cv_encoding *to = NULL;
    if (slot->wished && packet->encoding == slot->wished->id)
        to = slot->wished;
    else if (slot->target && packet->encoding == slot->target->id)
        to = slot->target;
    /* What followed a late one has gone by. */
    if (!to || !packet->key_frame || packet->late)
        return false;
    uint32_t timestamp = timestamp_at(slot, cv_encoding_captured_us(to, packet->timestamp));
    cv_rewrite_switch(&slot->rewrite, packet, timestamp);
    set_encodings(slot, to, to, slot->wished);
    slot->temporal = slot->target_temporal;
    slot->spatial = slot->target_spatial;
    slot->csrc = to->source->csrc;
    slot->frame_timestamp = packet->timestamp;
    slot->starved = false;
    open_run(slot, to);
    cv_source_watch(to->source, now_us);
    cv_slot_changed(slot);
    return true;
}

/* A ring of twice the size. Where an old record goes, its sequence number decides. */
static bool grow_sent(struct cv_slot *slot) {
    size_t size = slot->sent_size ? 2 * (size_t)slot->sent_size : CV_SLOT_FIRST_SENT;
    struct cv_slot_sent *sent = malloc(size * sizeof *sent);
    if (!sent)
        return false;
    for (size_t i = 0; i < size; i++)
        sent[i].run = CV_SLOT_UNSENT;
    for (size_t i = 0; i < slot->sent_size; i++) {
        uint16_t age = (uint16_t)((slot->sent_end - 1u - i) & (slot->sent_size - 1u));
        sent[(uint16_t)(slot->sent_end - 1 - age) & (size - 1)] = slot->sent[i];
    }
    free(slot->sent);
    slot->sent = sent;
    slot->sent_size = (uint16_t)size;
    return true;
}

static struct cv_slot_sent *record_of(struct cv_slot *slot, uint16_t sequence) {
    return &slot->sent[sequence & (slot->sent_size - 1u)];
}

void cv_slot_remember(struct cv_slot *slot, const struct cv_packet *packet,
                      const struct cv_rewritten *out, int64_t now_us) {
    uint16_t now_ms = (uint16_t)(now_us / CV_US_PER_MS);
    if (slot->sent_size == 0) {
        if (!grow_sent(slot))
            return;
        slot->sent_end = out->sequence;
    }
    const struct cv_slot_sent *old = record_of(slot, out->sequence);
    if (old->run != CV_SLOT_UNSENT && (uint16_t)(now_ms - old->sent_ms) < SENT_MS &&
        slot->sent_size < CV_SLOT_LAST_SENT)
        (void)grow_sent(slot);
    uint16_t ahead = (uint16_t)(out->sequence - slot->sent_end);
    for (uint16_t i = 0; ahead < 0x8000 && i < ahead && i < slot->sent_size; i++)
        record_of(slot, (uint16_t)(out->sequence - 1 - i))->run = CV_SLOT_UNSENT;
    if (ahead < 0x8000)
        slot->sent_end = (uint16_t)(out->sequence + 1);
    *record_of(slot, out->sequence) = (struct cv_slot_sent){
        .sequence = (uint16_t)packet->number,
        .sent_ms = now_ms,
        .picture_id = out->picture_id,
        .tl0 = out->tl0,
        .run = slot->run & 0xf,
        .bound = cv_svc_bound(slot->spatial, slot->temporal) & 0xf,
    };
}

static bool grow_queue(struct cv_queue *queue) {
    size_t capacity = queue->capacity ? 2 * (size_t)queue->capacity : CV_PEER_FIRST_QUEUE;
    struct cv_queued *items =
        capacity <= CV_PEER_MAX_QUEUE ? malloc(capacity * sizeof *items) : NULL;
    if (!items)
        return false;
    for (size_t i = 0; i < queue->count; i++)
        items[i] = queue->items[(queue->first + i) & (queue->capacity - 1u)];
    free(queue->items);
    queue->items = items;
    queue->first = 0;
    queue->capacity = (uint16_t)capacity;
    return true;
}

void cv_slot_queue(struct cv_slot *slot, struct cv_packet *packet, enum cv_queued_kind kind,
                   uint16_t sequence) {
    struct cv_queue *queue = cv_slot_queue_of(slot);
    if (queue->count == queue->capacity && !grow_queue(queue))
        return;
    queue->bytes += packet->payload_size;
    *cv_queue_end(queue) = (struct cv_queued){
        .packet = cv_packet_ref(packet),
        .slot = slot->index,
        .kind = (uint8_t)kind,
        .sequence = sequence,
    };
    queue->count++;
    cv_peer_wake_to_send(slot->peer);
}

/* A token bucket: a quarter of what may be sent, and bursts of half a second of it. */
static bool take_budget(struct cv_peer *peer, size_t bytes, int64_t now_us) {
    int64_t bps = peer->bwe ? cv_bwe_target_bps(peer->bwe) : 2000000;
    int64_t depth_bytes = bps / 16 > 32000 ? bps / 16 : 32000;
    int64_t elapsed_us = now_us - peer->repair_filled_us;
    if (elapsed_us > CV_US_PER_S)
        elapsed_us = CV_US_PER_S;
    peer->repair_budget_bytes += bps / 32 * elapsed_us / CV_US_PER_S;
    peer->repair_filled_us = now_us;
    if (peer->repair_budget_bytes > depth_bytes)
        peer->repair_budget_bytes = depth_bytes;
    if (peer->repair_budget_bytes < (int64_t)bytes)
        return false;
    peer->repair_budget_bytes -= (int64_t)bytes;
    return true;
}

void cv_slot_repair(struct cv_slot *slot, uint16_t sequence, int64_t now_us) {
    struct cv_peer *peer = slot->peer;
    uint16_t now_ms = (uint16_t)(now_us / CV_US_PER_MS);
    if ((uint16_t)(slot->sent_end - 1 - sequence) >= slot->sent_size)
        return;
    struct cv_slot_sent *record = record_of(slot, sequence);
    if (record->run == CV_SLOT_UNSENT || !slot->runs[record->run].history)
        return;
    /* Asked for sooner than an answer can be there: it is under way. */
    uint32_t round_trip_ms = peer->round_trip_us / 1000 * 3 / 4;
    if ((uint16_t)(now_ms - record->sent_ms) < (round_trip_ms < 1000 ? round_trip_ms : 1000))
        return;
    struct cv_packet *packet = cv_history_get(slot->runs[record->run].history, record->sequence);
    if (!packet || !slot->rtx_payload_types[packet->codec] ||
        !take_budget(peer, packet->payload_size, now_us))
        return;
    record->sent_ms = now_ms;
    cv_slot_queue(slot, packet, CV_QUEUED_REPAIR, sequence);
}
