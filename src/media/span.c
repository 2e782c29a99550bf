/* SPDX-License-Identifier: Apache-2.0 */
/* A room that spans several workers: whom to tell what, and what to make of what they tell. */
#include "media/relay_private.h"

#include "base/grow.h"
#include "media/rtp_extension.h"

#include <stdlib.h>

enum {
    MAX_SOURCES = 8192, /* of one worker */
    MAX_QUEUED_PACKETS = 4096,
    MAX_QUEUED = 16384, /* a worker that is told too much at once gets it with the next round */
    FIRST_QUEUED = 64,
    FIRST_SOURCES = 16,
};

/* Clocks of one machine are one; a record that says otherwise is wrong. */
#define CLOCK_TOLERANCE_US (60 * CV_US_PER_S)

static uint64_t bit_of(unsigned worker) {
    return UINT64_C(1) << worker;
}

/* --- numbers --- */

static bool grow_table(struct cv_source_table *table, size_t number) {
    if (number < table->capacity)
        return true;
    size_t capacity = table->capacity ? table->capacity : FIRST_SOURCES;
    while (capacity <= number)
        capacity *= 2;
    struct cv_source **items = realloc(table->items, capacity * sizeof(struct cv_source *));
    if (!items)
        return false;
    memset(items + table->capacity, 0, (capacity - table->capacity) * sizeof(struct cv_source *));
    table->items = items;
    table->capacity = capacity;
    return true;
}

/* Round and round: a number that means something to another worker still is given again late. */
static int free_number(struct cv_source_table *table) {
    for (size_t i = 0; i < MAX_SOURCES; i++) {
        size_t number = (table->next + i) % MAX_SOURCES;
        if (number >= table->capacity || !table->items[number]) {
            table->next = number + 1;
            return (int)number;
        }
    }
    return MAX_SOURCES;
}

bool cv_source_enter(struct cv_source *source, int number) {
    struct cv_source_table *table = &source->room->relay->sources[source->worker];
    if (number < 0)
        number = free_number(table);
    if (number >= MAX_SOURCES || !grow_table(table, (size_t)number) || table->items[number])
        return false;
    table->items[number] = source;
    source->number = (uint16_t)number;
    return true;
}

void cv_source_leave(struct cv_source *source) {
    struct cv_source_table *table = &source->room->relay->sources[source->worker];
    if (source->number < table->capacity && table->items[source->number] == source)
        table->items[source->number] = NULL;
}

static struct cv_source *by_number(const struct cv_relay *relay, unsigned worker, size_t number) {
    const struct cv_source_table *table = &relay->sources[worker];
    return number < table->capacity ? table->items[number] : NULL;
}

/* The one that the record is about; NULL: it isn't here (any more), whoever has its number. */
static struct cv_source *source_of(const struct cv_relay *relay, unsigned worker,
                                   const struct cv_bridge_record *record) {
    struct cv_source *source = by_number(relay, worker, record->source);
    return source && source->csrc == record->csrc ? source : NULL;
}

/* --- what is to be told --- */

static void tell(struct cv_relay *relay, uint64_t workers, const struct cv_bridge_record *record,
                 struct cv_packet *packet) {
    struct cv_bridge_queue *queue = &relay->bridge;
    size_t limit = packet ? MAX_QUEUED_PACKETS : MAX_QUEUED;
    if (!workers || queue->count >= limit)
        return;
    struct cv_bridge_item *items =
        cv_grow(queue->items, queue->count, &queue->capacity, sizeof *items, FIRST_QUEUED);
    if (!items)
        return;
    queue->items = items;
    struct cv_bridge_item *item = &queue->items[queue->count++];
    item->workers = workers;
    item->packet = packet ? cv_packet_ref(packet) : NULL;
    item->head_size = cv_bridge_write(record, item->head);
    relay->woken = true;
}

void cv_bridge_there(struct cv_source *source, uint64_t workers) {
    const struct cv_bridge_record record = {
        .type = CV_BRIDGE_THERE,
        .source = source->number,
        .csrc = source->csrc,
        .there = {.meeting = source->room->meeting,
                  .participant = source->participant,
                  .kind = (uint8_t)source->kind,
                  .encoding_count = source->encoding_count},
    };
    tell(source->room->relay, workers, &record, NULL);
}

void cv_bridge_gone(struct cv_source *source) {
    const struct cv_bridge_record record = {
        .type = CV_BRIDGE_GONE, .source = source->number, .csrc = source->csrc};
    tell(source->room->relay, source->room->workers, &record, NULL);
}

/* Who gets what an encoding sends: pictures are asked for, of voices the loudest go to all. */
static uint64_t takers(const struct cv_encoding *encoding) {
    const struct cv_source *source = encoding->source;
    if (cv_source_is_video(source))
        return encoding->workers;
    for (size_t i = 0; i < CV_RELAY_LOUDEST; i++)
        if (source->room->loudest[i] == source)
            return source->room->workers;
    return 0;
}

void cv_bridge_packet(struct cv_encoding *encoding, struct cv_packet *packet) {
    struct cv_source *source = encoding->source;
    uint64_t workers = source->room->workers ? takers(encoding) : 0;
    if (!workers)
        return;
    const struct cv_bridge_record record = {
        .type = CV_BRIDGE_PACKET,
        .source = source->number,
        .csrc = source->csrc,
        .encoding = encoding->index,
        .packet = {.epoch = encoding->epoch,
                   .codec = packet->codec,
                   .marker = packet->marker,
                   .has_audio_level = packet->has_audio_level,
                   .voice = packet->voice,
                   .has_orientation = packet->has_orientation,
                   .audio_level = packet->audio_level,
                   .orientation = packet->orientation,
                   .sequence = (uint16_t)packet->number,
                   .timestamp = packet->timestamp,
                   .payload = cv_packet_payload(packet),
                   .dependency = cv_packet_dependency(packet)},
    };
    tell(source->room->relay, workers, &record, packet);
}

void cv_bridge_clock(struct cv_encoding *encoding) {
    const struct cv_bridge_record record = {
        .type = CV_BRIDGE_CLOCK,
        .source = encoding->source->number,
        .csrc = encoding->source->csrc,
        .encoding = encoding->index,
        .clock = {encoding->clock_timestamp, encoding->clock_us},
    };
    if (encoding->source->room->workers)
        tell(encoding->source->room->relay, takers(encoding), &record, NULL);
}

void cv_bridge_want(struct cv_source *source) {
    const struct cv_bridge_record record = {
        .type = CV_BRIDGE_WANT,
        .source = source->number,
        .csrc = source->csrc,
        .wanted = source->watched,
    };
    tell(source->room->relay, bit_of(source->worker), &record, NULL);
}

void cv_bridge_key(struct cv_encoding *encoding) {
    const struct cv_bridge_record record = {
        .type = CV_BRIDGE_KEY,
        .source = encoding->source->number,
        .csrc = encoding->source->csrc,
        .encoding = encoding->index,
    };
    tell(encoding->source->room->relay, bit_of(encoding->source->worker), &record, NULL);
}

void cv_bridge_flush(struct cv_relay *relay, const struct cv_relay_output *output) {
    struct cv_bridge_queue *queue = &relay->bridge;
    for (size_t i = 0; i < queue->count; i++) {
        struct cv_bridge_item *item = &queue->items[i];
        struct cv_slice head = cv_slice_of(item->head, item->head_size), body = {NULL, 0};
        if (item->packet)
            body = cv_packet_body(item->packet);
        for (uint64_t left = item->workers; left && output->bridge; left &= left - 1)
            output->bridge(output->context, (unsigned)__builtin_ctzll(left), head, body);
        cv_packet_unref(&relay->pool, item->packet);
    }
    queue->count = 0;
}

void cv_bridge_release(struct cv_relay *relay) {
    for (size_t i = 0; i < relay->bridge.count; i++)
        cv_packet_unref(&relay->pool, relay->bridge.items[i].packet);
    free(relay->bridge.items);
    for (size_t i = 0; i < CV_RELAY_MAX_WORKERS; i++)
        free(relay->sources[i].items);
}

/* --- span --- */

static void drop_worker(struct cv_room *room, unsigned worker, int64_t now_us) {
    CV_LIST_EACH_SAFE(it, &room->sources) {
        struct cv_source *source = CV_CONTAINER_OF(it, struct cv_source, in_room);
        for (size_t i = 0; i < source->encoding_count; i++)
            source->encodings[i].workers &= ~bit_of(worker);
        if (source->worker == worker)
            cv_source_free(source, now_us);
        else if (source->peer)
            cv_source_watch(source, now_us);
    }
}

/* All of this is told again from time to time: a ring may have been full, a worker new. */
void cv_room_announce(struct cv_room *room, uint64_t workers, int64_t now_us) {
    CV_LIST_EACH(it, &room->sources) {
        struct cv_source *source = CV_CONTAINER_OF(it, struct cv_source, in_room);
        if (source->peer)
            cv_bridge_there(source, workers);
        else if (workers & bit_of(source->worker) && cv_source_is_video(source))
            cv_bridge_want(source);
    }
    room->announce_due_us = now_us + CV_ANNOUNCE_US;
}

enum cv_err cv_relay_span(struct cv_relay *relay, int64_t now_us, const struct cv_id *meeting,
                          uint64_t workers) {
    struct cv_room *room = cv_relay_find_room(relay, meeting);
    if (!room)
        return CV_ERR_NOT_FOUND;
    workers &= ~bit_of(relay->config.worker);
    uint64_t gone = room->workers & ~workers, come = workers & ~room->workers;
    room->workers = workers;
    for (uint64_t left = gone; left; left &= left - 1)
        drop_worker(room, (unsigned)__builtin_ctzll(left), now_us);
    if (come)
        cv_room_announce(room, come, now_us);
    cv_room_tick(room, now_us);
    return CV_OK;
}

/* --- what others tell --- */

static void take_there(struct cv_relay *relay, int64_t now_us, unsigned worker,
                       const struct cv_bridge_record *record) {
    const struct cv_id *meeting = &record->there.meeting, *participant = &record->there.participant;
    struct cv_room *room = cv_relay_find_room(relay, meeting);
    struct cv_source *source = by_number(relay, worker, record->source);
    if (source && source->room == room && cv_id_eq(&source->participant, participant) &&
        source->kind == (enum cv_source_kind)record->there.kind &&
        source->encoding_count == record->there.encoding_count && source->csrc == record->csrc) {
        source->heard_us = now_us;
        return;
    }
    if (source)
        cv_source_free(source, now_us);
    if (!room || !(room->workers & bit_of(worker)))
        return;
    source = cv_source_new(room, participant, (enum cv_source_kind)record->there.kind,
                           record->there.encoding_count, record->csrc);
    if (!source)
        return;
    source->worker = (uint8_t)worker;
    source->heard_us = now_us;
    source->watched = 0;
    source->allowed = true;
    if (!cv_source_enter(source, record->source)) {
        cv_source_free(source, now_us);
        return;
    }
    cv_room_resolve(room, participant, now_us);
}

static void take_gone(struct cv_source *source, int64_t now_us) {
    struct cv_room *room = source->room;
    struct cv_id participant = source->participant;
    cv_source_free(source, now_us);
    cv_room_tick(room, now_us);
    cv_room_resolve(room, &participant, now_us);
}

static void take_packet(struct cv_relay *relay, int64_t now_us, struct cv_source *source,
                        const struct cv_bridge_record *record) {
    struct cv_encoding *encoding = &source->encodings[record->encoding];
    bool video = record->packet.codec >= CV_CODEC_VP8;
    if (video != cv_source_is_video(source))
        return;
    if (encoding->epoch != record->packet.epoch) {
        cv_encoding_restart(encoding, now_us);
        encoding->epoch = record->packet.epoch;
    }
    const struct cv_rtp rtp = {
        .marker = record->packet.marker,
        .sequence = record->packet.sequence,
        .timestamp = record->packet.timestamp,
        .payload = record->packet.payload,
    };
    const struct cv_rtp_extensions extensions = {
        .has_audio_level = record->packet.has_audio_level,
        .voice = record->packet.voice,
        .audio_level = record->packet.audio_level,
        .has_orientation = record->packet.has_orientation,
        .orientation = record->packet.orientation,
        .dependency = record->packet.dependency,
    };
    struct cv_packet *packet =
        cv_packet_read(encoding, (enum cv_codec)record->packet.codec, &rtp, &extensions, now_us);
    if (packet)
        cv_encoding_deliver(encoding, packet, now_us);
    cv_packet_unref(&relay->pool, packet);
}

static void take_clock(struct cv_encoding *encoding, int64_t now_us,
                       const struct cv_bridge_record *record) {
    int64_t at_us = record->clock.at_us;
    if (at_us > now_us - CLOCK_TOLERANCE_US && at_us < now_us + CLOCK_TOLERANCE_US)
        cv_encoding_set_clock(encoding, record->clock.timestamp, at_us);
}

static void take_want(struct cv_source *source, int64_t now_us, unsigned worker, uint8_t wanted) {
    for (size_t i = 0; i < source->encoding_count; i++) {
        struct cv_encoding *encoding = &source->encodings[i];
        if (wanted >> i & 1)
            encoding->workers |= bit_of(worker);
        else
            encoding->workers &= ~bit_of(worker);
    }
    cv_source_watch(source, now_us);
}

/* Of a source of this worker, by one that is in its room. */
static void take_request(struct cv_relay *relay, int64_t now_us, unsigned worker,
                         const struct cv_bridge_record *record) {
    struct cv_source *source = source_of(relay, relay->config.worker, record);
    if (!source || !source->peer || !(source->room->workers & bit_of(worker)))
        return;
    if (record->type == CV_BRIDGE_WANT)
        take_want(source, now_us, worker, record->wanted);
    else if (record->encoding < source->encoding_count)
        cv_encoding_ask_key_frame(&source->encodings[record->encoding], now_us);
}

enum cv_err cv_relay_bridge_input(struct cv_relay *relay, int64_t now_us, unsigned worker,
                                  struct cv_slice bytes) {
    struct cv_bridge_record record;
    if (worker >= CV_RELAY_MAX_WORKERS || worker == relay->config.worker)
        return CV_ERR_SYNTAX;
    enum cv_err err = cv_bridge_read(bytes, &record);
    if (err)
        return err;
    if (record.type == CV_BRIDGE_THERE) {
        take_there(relay, now_us, worker, &record);
        return CV_OK;
    }
    if (record.type == CV_BRIDGE_WANT || record.type == CV_BRIDGE_KEY) {
        take_request(relay, now_us, worker, &record);
        return CV_OK;
    }
    struct cv_source *source = source_of(relay, worker, &record);
    if (!source || record.encoding >= source->encoding_count)
        return CV_OK;
    source->heard_us = now_us;
    if (record.type == CV_BRIDGE_GONE)
        take_gone(source, now_us);
    else if (record.type == CV_BRIDGE_PACKET)
        take_packet(relay, now_us, source, &record);
    else
        take_clock(&source->encodings[record.encoding], now_us, &record);
    return CV_OK;
}
