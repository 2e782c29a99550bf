/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a peer's queue to the network: the hot path. A packet costs the choice of its place in the
 * slot's stream, a header, and the encryption of the shared payload into the output.
 */
#include "media/relay_private.h"

#include "media/layers.h"
#include "media/rtp.h"

#include <stdlib.h>

enum {
    /* Fixed part, CSRC, extension block with its largest elements, original sequence number. */
    HEAD_BYTES = 16 + 4 + 3 + 4 + 2 + 2 + 2 + 255 + 3 + 2,
    MAX_ELEMENTS = 5,
    UDP_BYTES = 28,      /* of IPv4 and UDP: what the path carries besides */
    BURST_BYTES = 12000, /* pictures that may go at once */
    MAX_PROBE_PACKETS = 50,
    PACE_US = 5000,
    PADDING_FLAG = 0x20,
    PADDING_BYTES = 255, /* the most that one packet can have */
};

#define SEND_TIME_WRAP_US (64 * CV_US_PER_S)

/* What a packet looks like in the stream of a slot. */
struct shape {
    struct cv_rewritten numbers;
    uint32_t csrc;
    uint8_t bound;
    bool marker;
    bool empty; /* only its place is to be filled */
    bool repair;
};

static unsigned bound_of(const struct cv_slot *slot) {
    return cv_svc_bound(slot->spatial, slot->temporal);
}

/* At the start of a frame: nearer to the layers that the slot shall show. */
static void choose_bound(struct cv_slot *slot, const struct cv_packet *packet) {
    bool new_picture = packet->timestamp != slot->frame_timestamp;
    slot->frame_timestamp = packet->timestamp;
    unsigned from = bound_of(slot), to = cv_svc_bound(slot->target_spatial, slot->target_temporal);
    if (from == to || !packet->starts_frame)
        return;
    if (!packet->key_frame)
        to = cv_svc_choose(slot->current->svc, &packet->mark, from, to, new_picture);
    slot->spatial = (uint8_t)(to / CV_SVC_TEMPORAL);
    slot->temporal = to % CV_SVC_TEMPORAL;
}

/* Down at the next frame; up, one layer at a time, where the sender says that it may be. */
static void choose_temporal(struct cv_slot *slot, const struct cv_packet *packet) {
    if (slot->target_temporal < slot->temporal || packet->key_frame)
        slot->temporal = slot->target_temporal;
    else if (slot->target_temporal > slot->temporal && packet->layer_sync &&
             packet->temporal == slot->temporal + 1)
        slot->temporal++;
}

/* Whether the layers that the slot is to show need this packet. */
static bool is_needed(struct cv_slot *slot, const struct cv_packet *packet, bool *ret_marker) {
    *ret_marker = packet->marker;
    if (packet->payload_size == 0)
        return false;
    if (!slot->video)
        return true;
    bool newer = packet->number > slot->rewrite.highest;
    if (packet->layered) {
        if (newer)
            choose_bound(slot, packet);
        *ret_marker = packet->marker || packet->mark.ends >> bound_of(slot) & 1;
        return packet->mark.needed >> bound_of(slot) & 1;
    }
    if (newer && packet->timestamp != slot->frame_timestamp) {
        slot->frame_timestamp = packet->timestamp;
        choose_temporal(slot, packet);
    }
    return packet->temporal <= slot->temporal;
}

static size_t add_element(struct cv_rtp_element *elements, size_t count, uint8_t id,
                          const uint8_t *value, size_t size) {
    elements[count] = (struct cv_rtp_element){id, cv_slice_of(value, size)};
    return count + 1;
}

/* What the receiver is told that it can decode, since the sender says what it sends (A.4). */
static void set_active(const struct cv_slot *slot, const struct cv_packet *packet, unsigned bound,
                       uint8_t *descriptor) {
    const struct cv_encoding *encoding = slot->current;
    if (!packet->active_bit || !encoding || encoding->id != packet->encoding ||
        encoding->svc->generation != packet->mark.generation)
        return;
    cv_dependency_set_active(descriptor, packet->active_bit, encoding->svc->structure.target_count,
                             encoding->svc->decodable[bound]);
}

/* The header with all extensions that the slot takes; returns its size. */
static size_t write_head(struct cv_peer *peer, const struct cv_slot *slot,
                         const struct cv_packet *packet, const struct shape *shape, int64_t now_us,
                         uint8_t *out) {
    struct cv_rtp_element elements[MAX_ELEMENTS];
    uint8_t twcc[2], send_time[3], level, dependency[CV_DEPENDENCY_MAX_BYTES];
    size_t count = 0, size = 0;
    if (slot->id_twcc && peer->bwe) {
        cv_put_be16(twcc, peer->next_twcc);
        count = add_element(elements, count, slot->id_twcc, twcc, sizeof twcc);
    } else if (slot->id_send_time) {
        /* Seconds, six bits of them, and an 18-bit fraction. */
        cv_put_be24(send_time, (uint32_t)((now_us % SEND_TIME_WRAP_US << 18) / CV_US_PER_S));
        count = add_element(elements, count, slot->id_send_time, send_time, sizeof send_time);
    }
    if (slot->id_audio_level && packet->has_audio_level) {
        level = (uint8_t)(packet->voice << 7 | packet->audio_level);
        count = add_element(elements, count, slot->id_audio_level, &level, 1);
    }
    if (slot->id_orientation && packet->has_orientation)
        count = add_element(elements, count, slot->id_orientation, &packet->orientation, 1);
    if (slot->id_dependency && packet->dependency_size > 0 && !shape->empty) {
        struct cv_slice descriptor = cv_packet_dependency(packet);
        memcpy(dependency, descriptor.data, descriptor.size);
        cv_put_be16(dependency + 1, shape->numbers.frame_number);
        set_active(slot, packet, shape->bound, dependency);
        count = add_element(elements, count, slot->id_dependency, dependency, descriptor.size);
    }
    const struct cv_rtp head = {
        .marker = shape->marker,
        .payload_type = shape->repair ? slot->rtx_payload_types[packet->codec]
                                      : slot->payload_types[packet->codec],
        .sequence = shape->repair ? slot->next_rtx_sequence : shape->numbers.sequence,
        .timestamp = shape->numbers.timestamp,
        .ssrc = shape->repair ? slot->rtx_ssrc : slot->ssrc,
    };
    if (cv_rtp_write_header(&head, shape->csrc, elements, count, out, HEAD_BYTES, &size) != CV_OK)
        return 0;
    if (shape->repair) {
        cv_put_be16(out + size, shape->numbers.sequence);
        size += CV_RTX_HEADER_BYTES;
    }
    return size;
}

static void count_sent(struct cv_peer *peer, struct cv_slot *slot, const struct shape *shape,
                       size_t payload_size, size_t size, int64_t now_us) {
    struct cv_relay_counters *counters = &peer->relay->counters;
    if (peer->bwe) {
        cv_pacer_sent(&peer->pacer, now_us, size + UDP_BYTES);
        if (slot->id_twcc)
            cv_bwe_sent(peer->bwe, peer->next_twcc++, size + UDP_BYTES, now_us);
    }
    counters->packets_out++;
    counters->bytes_out += size;
    peer->stats.packets_sent++;
    peer->stats.bytes_sent += size;
    if (shape->repair) {
        counters->retransmitted++;
        slot->next_rtx_sequence++;
        return;
    }
    slot->packets++;
    slot->bytes += (uint32_t)payload_size;
}

static size_t capacity_for(const struct cv_packet *packet) {
    return HEAD_BYTES + packet->payload_size + CV_EVEN_BYTES + CV_SRTP_MAX_OVERHEAD;
}

/* Writes and encrypts one packet into `out`; returns its size, 0 when that failed. */
static size_t seal(struct cv_peer *peer, const struct cv_slot *slot, const struct cv_packet *packet,
                   const struct shape *shape, int64_t now_us, uint8_t *out) {
    static const uint8_t padding[1] = {1};
    size_t padding_size = shape->repair ? 0 : packet->padding_size;
    struct cv_slice rest = cv_slice_of(packet->data, packet->payload_size + padding_size);
    size_t size = write_head(peer, slot, packet, shape, now_us, out), sealed = 0;
    if (size == 0)
        return 0;
    const size_t head = size - (shape->repair ? CV_RTX_HEADER_BYTES : 0);
    if (shape->empty || padding_size > 0)
        out[0] |= PADDING_FLAG;
    if (shape->empty) {
        rest = cv_slice_of(padding, sizeof padding);
    } else if (packet->codec == CV_CODEC_VP8 && (packet->has_picture_id || packet->has_tl0)) {
        size_t descriptor = cv_vp8_write_descriptor(rest, shape->numbers.picture_id,
                                                    shape->numbers.tl0, out + size);
        size += descriptor;
        rest = cv_slice_of(rest.data + descriptor, rest.size - descriptor);
    }
    /* A second call of the cipher costs more than the copy that makes one of two parts. */
    if (size > head) {
        memcpy(out + size, rest.data, rest.size);
        size += rest.size;
        rest = (struct cv_slice){0};
    }
    if (cv_transport_protect(peer->transport, out, size, rest, capacity_for(packet), &sealed))
        return 0;
    return sealed;
}

static void put(struct cv_peer *peer, struct cv_slot *slot, const struct cv_packet *packet,
                const struct shape *shape, const struct cv_ice_path *path, int64_t now_us,
                const struct cv_relay_output *output, uint8_t *out) {
    size_t size = seal(peer, slot, packet, shape, now_us, out);
    output->commit(output->context, path, size);
    if (size > 0)
        count_sent(peer, slot, shape, packet->payload_size, size, now_us);
}

/* False: the output has no room, and nothing has changed. */
static bool send_media(struct cv_peer *peer, struct cv_slot *slot, const struct cv_packet *packet,
                       const struct cv_ice_path *path, int64_t now_us,
                       const struct cv_relay_output *output) {
    if ((!slot->current || packet->encoding != slot->current->id) &&
        !cv_slot_switch(slot, packet, now_us))
        return true;
    if (!slot->payload_types[packet->codec])
        return true;
    uint8_t *out = output->room(output->context, capacity_for(packet));
    if (!out)
        return false;
    struct shape shape = {.csrc = slot->csrc};
    bool needed = is_needed(slot, packet, &shape.marker);
    shape.bound = (uint8_t)bound_of(slot);
    enum cv_rewrite_result result =
        cv_rewrite_place(&slot->rewrite, packet, needed, &shape.numbers);
    if (result == CV_REWRITE_NOTHING) {
        output->commit(output->context, path, 0);
        return true;
    }
    shape.empty = result == CV_REWRITE_FILL;
    if (slot->video && !shape.empty && slot->rtx_payload_types[packet->codec])
        cv_slot_remember(slot, packet, &shape.numbers, now_us);
    put(peer, slot, packet, &shape, path, now_us, output, out);
    return true;
}

static bool send_repair(struct cv_peer *peer, struct cv_slot *slot, const struct cv_queued *queued,
                        const struct cv_ice_path *path, int64_t now_us,
                        const struct cv_relay_output *output) {
    const struct cv_packet *packet = queued->packet;
    const struct cv_slot_sent *record = &slot->sent[queued->sequence & (slot->sent_size - 1u)];
    if (record->run == CV_SLOT_UNSENT || record->sequence != (uint16_t)packet->number)
        return true;
    uint8_t *out = output->room(output->context, capacity_for(packet));
    if (!out)
        return false;
    const struct cv_slot_run *run = &slot->runs[record->run];
    const struct shape shape = {
        .numbers = {.sequence = queued->sequence,
                    .picture_id = record->picture_id,
                    .frame_number = (uint16_t)(packet->frame_number + run->frame_offset),
                    .tl0 = record->tl0,
                    .timestamp = packet->timestamp + run->timestamp_offset},
        .csrc = run->csrc,
        .bound = record->bound,
        .marker = packet->marker || (packet->layered && packet->mark.ends >> record->bound & 1),
        .repair = true,
    };
    put(peer, slot, packet, &shape, path, now_us, output, out);
    return true;
}

/* A payload type for repairs of a slot; 0: none was agreed. */
static uint8_t any_rtx_type(const struct cv_slot *slot) {
    for (size_t codec = 0; codec < CV_CODEC_RTX; codec++)
        if (slot->rtx_payload_types[codec])
            return slot->rtx_payload_types[codec];
    return 0;
}

/* A repair of nothing, all padding (RFC 3550 section 5.1): browsers probe with such as well. */
static size_t send_blank(struct cv_peer *peer, struct cv_slot *slot, const struct cv_ice_path *path,
                         int64_t now_us, const struct cv_relay_output *output) {
    static const uint8_t padding[PADDING_BYTES] = {[PADDING_BYTES - 1] = PADDING_BYTES};
    const size_t capacity = HEAD_BYTES + PADDING_BYTES + CV_SRTP_MAX_OVERHEAD;
    const struct shape shape = {.repair = true};
    uint8_t twcc[2], *out = output->room(output->context, capacity);
    size_t size = 0;
    if (!out)
        return 0;
    cv_put_be16(twcc, peer->next_twcc);
    const struct cv_rtp_element element = {slot->id_twcc, cv_slice_of(twcc, sizeof twcc)};
    const struct cv_rtp head = {.payload_type = any_rtx_type(slot),
                                .sequence = slot->next_rtx_sequence,
                                .timestamp = slot->frame_timestamp,
                                .ssrc = slot->rtx_ssrc};
    if (cv_rtp_write_header(&head, 0, &element, slot->id_twcc ? 1 : 0, out, HEAD_BYTES, &size))
        size = 0;
    if (size > 0)
        out[0] |= PADDING_FLAG;
    if (size > 0 && cv_transport_protect(peer->transport, out, size,
                                         cv_slice_of(padding, sizeof padding), capacity, &size))
        size = 0;
    output->commit(output->context, path, size);
    if (size > 0)
        count_sent(peer, slot, &shape, 0, size, now_us);
    return size;
}

/*
 * Something to fill a probe with: the newest packet of a slot once more, which who has it already
 * drops; or, while nothing was shown yet because there is no room for it, padding. Returns its
 * size; 0: nothing was sent.
 */
static size_t send_padding(struct cv_peer *peer, const struct cv_ice_path *path, int64_t now_us,
                           const struct cv_relay_output *output) {
    struct cv_slot *blank = NULL;
    for (size_t i = 0; i < peer->slot_count; i++) {
        struct cv_slot *slot = peer->slots[i];
        if (!blank && slot->video && slot->id_twcc && any_rtx_type(slot))
            blank = slot;
        uint16_t sequence = (uint16_t)(slot->sent_end - 1);
        if (slot->sent_size == 0 || !slot->current)
            continue;
        const struct cv_slot_sent *record = &slot->sent[sequence & (slot->sent_size - 1u)];
        const struct cv_history *history =
            record->run == CV_SLOT_UNSENT ? NULL : slot->runs[record->run].history;
        struct cv_packet *packet = history ? cv_history_get(history, record->sequence) : NULL;
        if (!packet || !slot->rtx_payload_types[packet->codec])
            continue;
        const struct cv_queued queued = {.packet = packet, .sequence = sequence};
        return send_repair(peer, slot, &queued, path, now_us, output) ? packet->payload_size : 0;
    }
    return blank ? send_blank(peer, blank, path, now_us, output) : 0;
}

static struct cv_packet *take(struct cv_queue *queue) {
    struct cv_packet *packet = queue->items[queue->first].packet;
    queue->first = (uint16_t)((queue->first + 1u) & (queue->capacity - 1u));
    queue->count--;
    queue->bytes -= packet->payload_size;
    return packet;
}

/* The first of a queue; false: the output has no room. */
static bool send_first(struct cv_peer *peer, struct cv_queue *queue, const struct cv_ice_path *path,
                       int64_t now_us, const struct cv_relay_output *output) {
    const struct cv_queued *queued = &queue->items[queue->first];
    struct cv_slot *slot = peer->slots[queued->slot];
    bool room = queued->kind == CV_QUEUED_REPAIR
                    ? send_repair(peer, slot, queued, path, now_us, output)
                    : send_media(peer, slot, queued->packet, path, now_us, output);
    if (room)
        cv_packet_unref(&peer->relay->pool, take(queue));
    return room;
}

/* Few packets make no burst that any router minds; many are spread. */
static bool may_send(struct cv_peer *peer, int64_t now_us) {
    const struct cv_queue *queue = &peer->pictures;
    return !peer->bwe || queue->bytes <= BURST_BYTES ||
           cv_pacer_may_send(&peer->pacer, now_us, queue->bytes,
                             queue->items[queue->first].packet->arrived_us);
}

/* What a probe wants sent beyond the pacer's measure. */
static bool send_probe(struct cv_peer *peer, const struct cv_ice_path *path, int64_t now_us,
                       const struct cv_relay_output *output) {
    size_t bytes = peer->bwe ? cv_bwe_probe_bytes(peer->bwe, now_us) : 0;
    for (size_t packets = 0; bytes > 0 && packets < MAX_PROBE_PACKETS; packets++) {
        if (peer->pictures.count > 0) {
            if (!send_first(peer, &peer->pictures, path, now_us, output))
                return false;
        } else if (send_padding(peer, path, now_us, output) == 0) {
            return true;
        }
        bytes = cv_bwe_probe_bytes(peer->bwe, now_us);
    }
    return true;
}

bool cv_peer_send_queues(struct cv_peer *peer, int64_t now_us,
                         const struct cv_relay_output *output) {
    const struct cv_ice_path *path = cv_transport_path(peer->transport);
    if (!path) {
        cv_peer_drop_queues(peer);
        return true;
    }
    while (peer->sound.count > 0)
        if (!send_first(peer, &peer->sound, path, now_us, output))
            return false;
    while (peer->pictures.count > 0 && may_send(peer, now_us))
        if (!send_first(peer, &peer->pictures, path, now_us, output))
            return false;
    if (!send_probe(peer, path, now_us, output))
        return false;
    peer->paced = peer->pictures.count > 0;
    return true;
}

void cv_peer_drop_queues(struct cv_peer *peer) {
    struct cv_queue *const queues[] = {&peer->sound, &peer->pictures};
    for (size_t i = 0; i < 2; i++)
        while (queues[i]->count > 0)
            cv_packet_unref(&peer->relay->pool, take(queues[i]));
    peer->paced = false;
}

int64_t cv_peer_send_deadline(const struct cv_peer *peer) {
    int64_t deadline_us = peer->bwe ? cv_bwe_deadline(peer->bwe) : CV_TIME_NEVER;
    if (!peer->paced)
        return deadline_us;
    /* On a common grid: one wake-up for all peers that wait. */
    int64_t pacer_us = (cv_pacer_deadline(&peer->pacer) / PACE_US + 1) * PACE_US;
    return pacer_us < deadline_us ? pacer_us : deadline_us;
}
