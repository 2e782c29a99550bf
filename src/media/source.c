/* SPDX-License-Identifier: Apache-2.0 */
/* What is sent in a room: sources, their encodings, and who gets their packets. */
#include "media/relay_private.h"

#include "base/grow.h"

#include <assert.h>
#include <stdlib.h>

enum {
    FIRST_SLOTS = 4,
};

static const uint64_t first_cycle = UINT64_C(1) << 16; /* so that late packets stay above zero */

static void open_encoding(struct cv_encoding *encoding, struct cv_source *source, size_t index) {
    *encoding = (struct cv_encoding){
        .source = source,
        .id = ++source->room->relay->next_encoding,
        .index = (uint8_t)index,
        .key_frame_asked_us = -CV_KEY_FRAME_REPEAT_US,
    };
}

struct cv_source *cv_source_new(struct cv_room *room, const struct cv_id *participant,
                                enum cv_source_kind kind, size_t encoding_count, uint32_t csrc) {
    assert(encoding_count <= CV_ENCODING_MAX);
    struct cv_source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    *source = (struct cv_source){
        .room = room,
        .participant = *participant,
        .kind = kind,
        .worker = room->relay->config.worker,
        .csrc = csrc,
        .voice = CV_SPEAKER_NONE,
        .encoding_count = (uint8_t)encoding_count,
        .watched = (uint8_t)((1u << encoding_count) - 1),
    };
    for (size_t i = 0; i < encoding_count; i++)
        open_encoding(&source->encodings[i], source, i);
    cv_list_append(&room->sources, &source->in_room);
    return source;
}

/* Nothing of the stream is sent any more; what was sent may still be asked for until it is old. */
static void release_encoding(struct cv_encoding *encoding) {
    if (encoding->history)
        cv_history_close(encoding->history);
    encoding->history = cv_history_unref(encoding->history);
    free(encoding->svc);
    free(encoding->slots);
}

static void forget_voice(struct cv_source *source) {
    struct cv_room *room = source->room;
    if (source->voice == CV_SPEAKER_NONE)
        return;
    cv_speaker_remove(room->speaker, source->voice);
    room->voices[source->voice] = NULL;
    source->voice = CV_SPEAKER_NONE;
    for (size_t i = 0; i < CV_RELAY_LOUDEST; i++)
        if (room->loudest[i] == source)
            room->loudest[i] = NULL;
}

struct cv_source *cv_source_free(struct cv_source *source, int64_t now_us) {
    if (!source)
        return NULL;
    struct cv_room *room = source->room;
    cv_list_remove(&source->in_room);
    cv_source_leave(source);
    if (source->peer)
        cv_bridge_gone(source);
    forget_voice(source);
    CV_LIST_EACH(it, &room->peers) {
        struct cv_peer *peer = CV_CONTAINER_OF(it, struct cv_peer, in_room);
        for (size_t i = 0; i < peer->slot_count; i++)
            if (peer->slots[i]->source == source)
                cv_slot_set_source(peer->slots[i], NULL, now_us);
    }
    for (size_t i = 0; i < source->encoding_count; i++)
        release_encoding(&source->encodings[i]);
    free(source);
    return NULL;
}

void cv_source_allow(struct cv_source *source, bool allowed) {
    source->allowed = allowed;
    if (!allowed && source->voice != CV_SPEAKER_NONE)
        cv_speaker_silence(source->room->speaker, source->voice);
}

void cv_source_expire(struct cv_source *source, int64_t now_us) {
    for (size_t i = 0; i < source->encoding_count; i++)
        if (source->encodings[i].history)
            cv_history_expire(source->encodings[i].history, now_us);
}

void cv_encoding_restart(struct cv_encoding *encoding, int64_t now_us) {
    encoding->id = ++encoding->source->room->relay->next_encoding;
    encoding->epoch++;
    encoding->highest = 0;
    encoding->has_clock = false;
    if (encoding->svc)
        *encoding->svc = (struct cv_svc){.generation = encoding->svc->generation};
    for (size_t i = encoding->slot_count; i > 0; i--) /* removing moves the last one up */
        cv_slot_lose(encoding->slots[i - 1], encoding);
    if (encoding->history) {
        cv_history_close(encoding->history);
        encoding->history = cv_history_unref(encoding->history);
    }
    if (encoding->slot_count > 0)
        cv_encoding_ask_key_frame(encoding, now_us);
}

bool cv_encoding_is_live(const struct cv_encoding *encoding, int64_t now_us) {
    bool screen = encoding->source->kind == CV_SOURCE_SCREEN;
    return encoding->seen_us > 0 &&
           now_us - encoding->seen_us < (screen ? CV_SCREEN_LIVE_US : CV_ENCODING_LIVE_US);
}

/* RFC 3550 appendix A.1, less its probation: who sent it is authenticated. */
uint64_t cv_encoding_number(const struct cv_encoding *encoding, uint16_t sequence) {
    if (encoding->highest == 0)
        return first_cycle + sequence;
    return encoding->highest + (uint64_t)(int64_t)(int16_t)(sequence - encoding->highest);
}

/* The bounds of those who get a frame of this temporal layer, where its payload alone tells it. */
static uint16_t takers_of(unsigned temporal) {
    unsigned first = temporal < CV_SVC_TEMPORAL ? temporal : 0;
    return (uint16_t)((1u << CV_SVC_TEMPORAL) - (1u << first));
}

/* While the encoding was off, nothing is measured; but what is sent seldom takes little. */
static void meter(struct cv_encoding *encoding, const struct cv_packet *packet, bool was_live,
                  int64_t now_us) {
    if (!was_live) {
        memset(encoding->bound_bytes, 0, sizeof encoding->bound_bytes);
        encoding->metered_us = now_us;
    }
    uint16_t bounds = packet->layered ? packet->mark.needed : takers_of(packet->temporal);
    for (; bounds; bounds &= (uint16_t)(bounds - 1))
        encoding->bound_bytes[__builtin_ctz(bounds)] += packet->payload_size;
    int64_t elapsed_us = now_us - encoding->metered_us;
    if (elapsed_us < CV_METER_US)
        return;
    for (unsigned bound = 0; bound < CV_SVC_BOUNDS; bound++) {
        int64_t bps = (int64_t)encoding->bound_bytes[bound] * 8 * CV_US_PER_S / elapsed_us;
        int64_t old_bps = encoding->bound_bps[bound];
        encoding->bound_bps[bound] = (uint32_t)(old_bps ? (3 * old_bps + bps) / 4 : bps);
        encoding->bound_bytes[bound] = 0;
    }
    encoding->metered_us = now_us;
}

static void keep(struct cv_encoding *encoding, struct cv_packet *packet) {
    struct cv_room *room = encoding->source->room;
    if (!encoding->history)
        encoding->history = cv_history_new(&room->relay->pool, &room->budget);
    if (encoding->history && packet->payload_size > 0)
        cv_history_put(encoding->history, packet);
}

static void deliver_video(struct cv_encoding *encoding, struct cv_packet *packet, bool was_live,
                          int64_t now_us) {
    meter(encoding, packet, was_live, now_us);
    keep(encoding, packet);
    if (!packet->key_frame || packet->late)
        return;
    encoding->key_frame_wanted = false;
    if (packet->width) {
        encoding->width = packet->width;
        encoding->height = packet->height;
    }
}

static void pad(struct cv_packet *packet, size_t size) {
    if (packet->payload_size == 0)
        return;
    uint8_t *padding = packet->data + packet->payload_size;
    memset(padding, 0, size);
    padding[size - 1] = (uint8_t)size; /* RFC 3550 section 5.1 */
    packet->padding_size = (uint8_t)size;
}

/*
 * libwebrtc cuts a frame into packets that differ by a byte, the smaller ones first, and a run that
 * leaves as one segmented send needs equal ones: the smaller get padding.
 */
static void even_out(const struct cv_encoding *encoding, struct cv_packet *last) {
    struct cv_packet *frame[CV_EVEN_PACKETS];
    size_t count = 0, largest = 0;
    for (struct cv_packet *packet = last;
         packet && packet->timestamp == last->timestamp && count < CV_EVEN_PACKETS;
         packet = cv_history_get(encoding->history, (uint16_t)(last->number - count))) {
        frame[count++] = packet;
        if (packet->payload_size > largest)
            largest = packet->payload_size;
    }
    for (size_t i = 0; i < count; i++) {
        size_t gap = largest - frame[i]->payload_size;
        if (gap > 0 && gap <= CV_EVEN_BYTES)
            pad(frame[i], gap);
    }
}

/* The rest of a frame is awaited for a moment; its end lets all go. */
static void hold(struct cv_relay *relay, const struct cv_packet *packet, int64_t now_us) {
    if (packet->marker || packet->ends_frame)
        relay->held_until_us = 0;
    else if (!relay->held_until_us)
        relay->held_until_us = now_us + CV_HOLD_US;
}

void cv_encoding_deliver(struct cv_encoding *encoding, struct cv_packet *packet, int64_t now_us) {
    struct cv_source *source = encoding->source;
    packet->number = cv_encoding_number(encoding, (uint16_t)packet->number);
    packet->encoding = encoding->id;
    packet->arrived_us = now_us;
    packet->late = packet->number < encoding->highest;
    if (!packet->late)
        encoding->highest = packet->number;
    bool was_live = cv_encoding_is_live(encoding, now_us);
    encoding->seen_us = now_us;
    if (!encoding->has_clock)
        cv_encoding_set_clock(encoding, packet->timestamp, now_us);
    if (cv_source_is_video(source))
        deliver_video(encoding, packet, was_live, now_us);
    else
        cv_room_heard(source->room, source, packet, now_us);
    for (size_t i = 0; i < encoding->slot_count; i++) {
        cv_encoding_fetch(encoding, i);
        cv_slot_queue(encoding->slots[i], packet, CV_QUEUED_MEDIA, 0);
    }
    if (cv_source_is_video(source) && encoding->slot_count >= CV_HOLD_AUDIENCE) {
        hold(source->room->relay, packet, now_us);
        if (packet->marker && encoding->history)
            even_out(encoding, packet);
    }
    if (source->peer)
        cv_bridge_packet(encoding, packet);
}

bool cv_encoding_take(struct cv_encoding *encoding, size_t bytes, int64_t now_us) {
    int64_t bps = cv_source_is_video(encoding->source) ? CV_PICTURES_MAX_BPS : CV_SOUND_MAX_BPS;
    int64_t elapsed_us = now_us - encoding->allowed_us;
    if (elapsed_us > CV_US_PER_S)
        elapsed_us = CV_US_PER_S;
    encoding->allowed_us = now_us;
    encoding->allowance_bytes += bps / 8 * elapsed_us / CV_US_PER_S;
    if (encoding->allowance_bytes > bps / 8)
        encoding->allowance_bytes = bps / 8;
    if (encoding->allowance_bytes < (int64_t)bytes)
        return false;
    encoding->allowance_bytes -= (int64_t)bytes;
    return true;
}

enum cv_err cv_encoding_add(struct cv_encoding *encoding, struct cv_slot *slot) {
    for (size_t i = 0; i < encoding->slot_count; i++)
        if (encoding->slots[i] == slot)
            return CV_OK;
    struct cv_slot **slots = cv_grow(encoding->slots, encoding->slot_count,
                                     &encoding->slot_capacity, sizeof(*slots), FIRST_SLOTS);
    if (!slots)
        return CV_ERR_MEMORY;
    encoding->slots = slots;
    encoding->slots[encoding->slot_count++] = slot;
    return CV_OK;
}

void cv_encoding_remove(struct cv_encoding *encoding, struct cv_slot *slot) {
    for (size_t i = 0; i < encoding->slot_count; i++)
        if (encoding->slots[i] == slot) {
            encoding->slots[i] = encoding->slots[--encoding->slot_count];
            return;
        }
}

void cv_encoding_ask_key_frame(struct cv_encoding *encoding, int64_t now_us) {
    struct cv_peer *peer = encoding->source->peer;
    encoding->key_frame_wanted = true;
    if (now_us - encoding->key_frame_asked_us < CV_KEY_FRAME_REPEAT_US) {
        if (peer)
            cv_peer_wake(peer); /* its deadline is sooner now */
        return;
    }
    if (!peer) {
        encoding->key_frame_asked_us = now_us;
        cv_bridge_key(encoding);
        return;
    }
    peer->feedback_due = true;
    cv_peer_wake(peer);
}

static int64_t clock_hz(const struct cv_encoding *encoding) {
    return cv_source_is_video(encoding->source) ? 90000 : 48000;
}

int64_t cv_encoding_captured_us(const struct cv_encoding *encoding, uint32_t timestamp) {
    int64_t ticks = (int32_t)(timestamp - encoding->clock_timestamp);
    return encoding->clock_us + ticks * CV_US_PER_S / clock_hz(encoding);
}

void cv_encoding_set_clock(struct cv_encoding *encoding, uint32_t timestamp, int64_t at_us) {
    encoding->has_clock = true;
    encoding->clock_timestamp = timestamp;
    encoding->clock_us = at_us;
}

void cv_source_watch(struct cv_source *source, int64_t now_us) {
    uint8_t mask = 0;
    for (size_t i = 0; i < source->encoding_count; i++) {
        struct cv_encoding *encoding = &source->encodings[i];
        unsigned bit = 1u << i;
        if (encoding->slot_count > 0 || encoding->workers) {
            encoding->unwatched_since_us = 0;
            mask |= (uint8_t)bit;
            continue;
        }
        encoding->key_frame_wanted = false;
        if (encoding->unwatched_since_us == 0) {
            encoding->unwatched_since_us = now_us;
            if (!source->peer) {
                source->room->watch_due_us = now_us + CV_WATCH_OFF_US;
                cv_room_schedule(source->room);
            }
        }
        if (now_us - encoding->unwatched_since_us < CV_WATCH_OFF_US)
            mask |= source->watched & (uint8_t)bit;
    }
    if (mask == source->watched)
        return;
    source->watched = mask;
    if (!source->peer) {
        cv_bridge_want(source);
        return;
    }
    source->peer->tell_watched = true;
    cv_peer_tell(source->peer);
}

int64_t cv_source_watch_deadline(const struct cv_source *source) {
    int64_t deadline_us = CV_TIME_NEVER;
    for (size_t i = 0; i < source->encoding_count; i++) {
        const struct cv_encoding *encoding = &source->encodings[i];
        int64_t off_us = encoding->unwatched_since_us + CV_WATCH_OFF_US;
        if (encoding->unwatched_since_us > 0 && source->watched >> i & 1 && off_us < deadline_us)
            deadline_us = off_us;
    }
    return deadline_us;
}
