/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer sends: which source and encoding an SSRC belongs to, what is lost of it, and a
 * packet of it in the form in which it is passed on.
 */
#include "media/relay_private.h"

#include "media/layers.h"
#include "media/rtp.h"

#include <stdlib.h>

/* What passing a packet on costs besides its payload: many empty ones are a flood too. */
enum { PACKET_COST_BYTES = 100 };

/* What a packet says of where it belongs. */
struct arrival {
    struct cv_rtp rtp;
    struct cv_rtp_extensions extensions;
    int64_t now_us;
};

struct cv_stream *cv_peer_find_stream(const struct cv_peer *peer, uint32_t ssrc) {
    for (size_t i = 0; i < peer->stream_count; i++)
        if (peer->streams[i]->ssrc == ssrc)
            return peer->streams[i];
    return NULL;
}

uint32_t cv_peer_encoding_ssrc(const struct cv_peer *peer, const struct cv_encoding *encoding) {
    for (size_t i = 0; i < peer->stream_count; i++) {
        const struct cv_stream *stream = peer->streams[i];
        if (!stream->is_rtx && stream->source == encoding->source &&
            stream->encoding == encoding->index)
            return stream->ssrc;
    }
    return 0;
}

static void free_stream(struct cv_stream *stream) {
    free(stream->nack);
    free(stream);
}

void cv_stream_add_counters(const struct cv_stream *stream, struct cv_relay_counters *sum) {
    if (!stream->nack)
        return;
    sum->requested += stream->nack->requested;
    sum->repaired += stream->nack->repaired;
    sum->given_up += stream->nack->given_up;
}

void cv_peer_drop_stream(struct cv_peer *peer, size_t place) {
    cv_stream_add_counters(peer->streams[place], &peer->relay->counters);
    free_stream(peer->streams[place]);
    peer->streams[place] = peer->streams[--peer->stream_count];
}

void cv_peer_drop_streams(struct cv_peer *peer) {
    while (peer->stream_count > 0)
        cv_peer_drop_stream(peer, peer->stream_count - 1);
}

static const struct cv_line_codec *codec_of(const struct cv_line *line, uint8_t payload_type) {
    for (size_t i = 0; i < line->codec_count; i++)
        if (line->codecs[i].payload_type == payload_type ||
            line->codecs[i].rtx_payload_type == payload_type)
            return &line->codecs[i];
    return NULL;
}

static int rid_index(const struct cv_line *line, struct cv_slice rid) {
    for (int i = 0; i < line->rid_count; i++)
        if (cv_slice_eq_str(rid, line->rids[i]))
            return i;
    return -1;
}

/* Which line, encoding and part an SSRC is of: announced in the offer, or named by the packet. */
struct place {
    const struct cv_line *line;
    int encoding;
    bool is_rtx;
};

static bool place_by_ssrc(const struct cv_peer *peer, uint32_t ssrc, struct place *ret_place) {
    for (size_t k = 0; k < CV_SOURCE_KIND_COUNT; k++) {
        const struct cv_line *line = &peer->lines[k];
        for (int i = 0; i < line->ssrc_count && line->rid_count == 0; i++)
            if (line->ssrcs[i].ssrc == ssrc || line->ssrcs[i].rtx_ssrc == ssrc) {
                *ret_place = (struct place){line, i, line->ssrcs[i].rtx_ssrc == ssrc};
                return true;
            }
    }
    return false;
}

/* RFC 8843 section 9.2: by MID; without one, a payload type that only one line has. */
static const struct cv_line *line_of(const struct cv_peer *peer, const struct arrival *arrival) {
    const struct cv_line *found = NULL;
    for (size_t k = 0; k < CV_SOURCE_KIND_COUNT; k++) {
        const struct cv_line *line = &peer->lines[k];
        if (arrival->extensions.mid.size > 0) {
            if (line->codec_count > 0 && cv_slice_eq_str(arrival->extensions.mid, line->mid))
                return line;
        } else if (codec_of(line, arrival->rtp.payload_type)) {
            if (found)
                return NULL;
            found = line;
        }
    }
    return found;
}

static bool place_by_names(const struct cv_peer *peer, const struct arrival *arrival,
                           struct place *ret_place) {
    const struct cv_line *line = line_of(peer, arrival);
    const struct cv_line_codec *codec = line ? codec_of(line, arrival->rtp.payload_type) : NULL;
    if (!codec)
        return false;
    struct place place = {line, 0, codec->payload_type != arrival->rtp.payload_type};
    if (line->rid_count > 0) {
        place.encoding = rid_index(line, place.is_rtx ? arrival->extensions.repaired_rid
                                                      : arrival->extensions.rid);
        /* RTX of a sender without repaired RIDs can't be told apart. */
        if (place.encoding < 0)
            return false;
    }
    *ret_place = place;
    return true;
}

/* The SSRC of an encoding may change; the old one is forgotten then. */
static void replace_stream(struct cv_peer *peer, const struct cv_stream *stream, int64_t now_us) {
    for (size_t i = 0; i < peer->stream_count; i++) {
        struct cv_stream *old = peer->streams[i];
        if (old->source != stream->source || old->encoding != stream->encoding ||
            old->is_rtx != stream->is_rtx)
            continue;
        if (!old->is_rtx)
            cv_encoding_restart(&old->source->encodings[old->encoding], now_us);
        cv_peer_drop_stream(peer, i);
        return;
    }
}

static struct cv_stream *add_stream(struct cv_peer *peer, const struct arrival *arrival) {
    struct place place;
    if (!place_by_ssrc(peer, arrival->rtp.ssrc, &place) && !place_by_names(peer, arrival, &place))
        return NULL;
    struct cv_source *source = peer->sources[place.line->kind];
    if (!source || place.encoding >= source->encoding_count)
        return NULL;
    const struct cv_line_codec *codec = codec_of(place.line, arrival->rtp.payload_type);
    bool repairs =
        !place.is_rtx && codec && codec->feedback & CV_SDP_FB_NACK && cv_source_is_video(source);
    struct cv_stream *stream = calloc(1, sizeof *stream);
    struct cv_nack *nack = repairs ? calloc(1, sizeof *nack) : NULL;
    if (!stream || (repairs && !nack)) {
        free(nack);
        free(stream);
        return NULL;
    }
    *stream = (struct cv_stream){
        .ssrc = arrival->rtp.ssrc,
        .is_rtx = place.is_rtx,
        .line = place.line,
        .source = source,
        .encoding = (uint8_t)place.encoding,
        .nack = nack,
    };
    replace_stream(peer, stream, arrival->now_us);
    if (peer->stream_count == CV_PEER_MAX_STREAMS) {
        free_stream(stream);
        return NULL;
    }
    peer->streams[peer->stream_count++] = stream;
    return stream;
}

/* Reads what forwarding depends on; false: better not forwarded. */
static bool read_video(struct cv_packet *packet, struct cv_slice payload) {
    struct cv_layer_info info;
    if (cv_layers_read((enum cv_codec)packet->codec, payload, &info) != CV_OK)
        return false;
    packet->starts_frame = info.starts_frame;
    packet->key_frame = info.key_frame;
    packet->layer_sync = info.layer_sync;
    packet->has_picture_id = info.has_picture_id;
    packet->has_tl0 = info.has_tl0;
    packet->spatial = info.spatial;
    packet->temporal = info.temporal;
    packet->tl0 = info.tl0;
    packet->picture_id = info.picture_id;
    packet->width = info.width;
    packet->height = info.height;
    return true;
}

/* Those whom the sender has left behind with what it sends no more. */
static void help_broken(struct cv_encoding *encoding, uint16_t broken, int64_t now_us) {
    for (size_t i = 0; broken && i < encoding->slot_count; i++) {
        const struct cv_slot *slot = encoding->slots[i];
        if (slot->current == encoding &&
            broken >> cv_svc_bound(slot->spatial, slot->temporal) & 1) {
            cv_encoding_ask_key_frame(encoding, now_us);
            return;
        }
    }
}

/*
 * Reads the dependency descriptor, and puts it where it belongs. One that belongs to a structure
 * that we don't have is passed on all the same, since its receivers may get that repaired.
 */
static void read_dependency(struct cv_encoding *encoding, struct cv_packet *packet,
                            uint16_t sequence, struct cv_slice descriptor, int64_t now_us) {
    struct cv_svc_packet svc;
    uint8_t *out = packet->data + packet->payload_size + CV_EVEN_BYTES;
    uint64_t number = cv_encoding_number(encoding, sequence);
    size_t size = 0;
    if (!encoding->svc)
        encoding->svc = calloc(1, sizeof *encoding->svc);
    if (!encoding->svc)
        return;
    switch (cv_svc_take(encoding->svc, descriptor, number, out, &size, &packet->active_bit, &svc)) {
    case CV_OK:
        packet->layered = true;
        packet->mark = svc.mark;
        packet->spatial = svc.spatial;
        packet->temporal = svc.temporal;
        packet->starts_frame = svc.starts_frame;
        packet->ends_frame = svc.ends_frame;
        packet->key_frame = packet->key_frame || svc.has_structure;
        packet->frame_number = svc.frame_number;
        packet->dependency_size = (uint8_t)size;
        if (packet->key_frame && !packet->width) {
            packet->width = encoding->svc->structure.width[encoding->svc->top];
            packet->height = encoding->svc->structure.height[encoding->svc->top];
        }
        help_broken(encoding, svc.broken, now_us);
        break;
    case CV_ERR_SEQUENCE:
        packet->frame_number = cv_get_be16(descriptor.data + 1);
        packet->dependency_size = (uint8_t)descriptor.size;
        memcpy(out, descriptor.data, descriptor.size);
        break;
    default:
        break;
    }
}

static void read_audio(struct cv_packet *packet, const struct cv_rtp_extensions *extensions) {
    packet->key_frame = true;
    packet->has_audio_level = extensions->has_audio_level;
    packet->audio_level = extensions->audio_level;
    packet->voice = extensions->voice;
}

struct cv_packet *cv_packet_read(struct cv_encoding *encoding, enum cv_codec codec,
                                 const struct cv_rtp *rtp,
                                 const struct cv_rtp_extensions *extensions, int64_t now_us) {
    struct cv_packet_pool *pool = &encoding->source->room->relay->pool;
    struct cv_slice descriptor = extensions->dependency;
    size_t bytes = rtp->payload.size + CV_EVEN_BYTES;
    if (descriptor.size > 0)
        bytes += descriptor.size + CV_DEPENDENCY_MASK_BYTES;
    struct cv_packet *packet = bytes <= CV_PACKET_MAX_BYTES ? cv_packet_new(pool, bytes) : NULL;
    if (!packet)
        return NULL;
    packet->codec = (uint8_t)codec;
    packet->number = rtp->sequence;
    packet->timestamp = rtp->timestamp;
    packet->marker = rtp->marker;
    packet->has_orientation = extensions->has_orientation;
    packet->orientation = extensions->orientation;
    packet->payload_size = (uint16_t)rtp->payload.size;
    /* What can't be read takes its number along, as padding does, and nothing else. */
    if (!cv_source_is_video(encoding->source))
        read_audio(packet, extensions);
    else if (rtp->payload.size > 0 && !read_video(packet, rtp->payload))
        packet->payload_size = 0;
    else if (rtp->payload.size > 0 && descriptor.size > 0)
        read_dependency(encoding, packet, rtp->sequence, descriptor, now_us);
    if (packet->payload_size > 0)
        memcpy(packet->data, rtp->payload.data, packet->payload_size);
    memset(packet->data + packet->payload_size, 0, CV_EVEN_BYTES);
    return packet;
}

static void pass_on(struct cv_peer *peer, struct cv_stream *stream, const struct arrival *arrival,
                    enum cv_codec codec) {
    struct cv_encoding *encoding = &stream->source->encodings[stream->encoding];
    if (!cv_encoding_take(encoding, arrival->rtp.payload.size + PACKET_COST_BYTES, arrival->now_us))
        return;
    struct cv_packet *packet =
        cv_packet_read(encoding, codec, &arrival->rtp, &arrival->extensions, arrival->now_us);
    if (!packet)
        return;
    if (packet->key_frame && stream->nack)
        cv_nack_key_frame(stream->nack, arrival->rtp.sequence);
    cv_encoding_deliver(encoding, packet, arrival->now_us);
    cv_packet_unref(&peer->relay->pool, packet);
}

/* Whether this number comes for the first time; a repeated retransmission is dropped. */
static bool is_new(struct cv_stream *stream, uint16_t sequence) {
    uint64_t number =
        stream->highest ? stream->highest + (uint64_t)(int64_t)(int16_t)(sequence - stream->highest)
                        : (UINT64_C(1) << 16) + sequence;
    const uint64_t window = 64 * sizeof stream->seen / sizeof *stream->seen;
    if (stream->highest && number > stream->highest + window)
        memset(stream->seen, 0, sizeof stream->seen);
    for (uint64_t n = stream->highest + 1; n <= number && number <= stream->highest + window; n++)
        stream->seen[n % window / 64] &= ~(UINT64_C(1) << n % 64);
    if (number + window <= stream->highest)
        return false;
    uint64_t bit = UINT64_C(1) << number % 64;
    uint64_t *word = &stream->seen[number % window / 64];
    bool is_new = number > stream->highest || !(*word & bit);
    *word |= bit;
    if (number > stream->highest)
        stream->highest = number;
    return is_new;
}

/* A packet of a stream, by itself or unwrapped. */
static void input_media(struct cv_peer *peer, struct cv_stream *stream,
                        const struct arrival *arrival) {
    const struct cv_rtp *rtp = &arrival->rtp;
    const struct cv_line_codec *codec = codec_of(stream->line, rtp->payload_type);
    if (!codec || codec->payload_type != rtp->payload_type || !is_new(stream, rtp->sequence))
        return;
    if (stream->nack) {
        cv_nack_received(stream->nack, rtp->sequence, arrival->now_us);
        if (cv_nack_wants_key_frame(stream->nack))
            cv_encoding_ask_key_frame(&stream->source->encodings[stream->encoding],
                                      arrival->now_us);
    }
    if (stream->source->allowed)
        pass_on(peer, stream, arrival, (enum cv_codec)codec->codec);
}

static void input_rtx(struct cv_peer *peer, struct cv_stream *rtx, struct arrival *arrival) {
    const struct cv_line_codec *codec = codec_of(rtx->line, arrival->rtp.payload_type);
    struct cv_stream *stream = NULL;
    for (size_t i = 0; i < peer->stream_count; i++)
        if (!peer->streams[i]->is_rtx && peer->streams[i]->source == rtx->source &&
            peer->streams[i]->encoding == rtx->encoding)
            stream = peer->streams[i];
    if (!codec || codec->rtx_payload_type != arrival->rtp.payload_type || !stream)
        return;
    struct cv_rtp original;
    if (cv_rtx_unwrap(&arrival->rtp, codec->payload_type, stream->ssrc, &original) != CV_OK)
        return; /* it was sent to probe the path */
    if (stream->nack)
        cv_nack_answered(stream->nack, original.sequence, arrival->now_us);
    arrival->rtp = original;
    input_media(peer, stream, arrival);
}

void cv_peer_input_rtp(struct cv_peer *peer, int64_t now_us, uint8_t *data, size_t size) {
    struct arrival arrival = {.now_us = now_us};
    struct cv_rtp *rtp = &arrival.rtp;
    if (cv_rtp_parse(cv_slice_of(data, size), rtp) != CV_OK)
        return;
    cv_rtp_extensions_read(rtp, &peer->extensions, &arrival.extensions);
    peer->relay->counters.packets_in++;
    peer->stats.packets_received++;
    peer->stats.bytes_received += size;
    if (arrival.extensions.has_twcc && peer->twcc)
        cv_twcc_record(peer->twcc, arrival.extensions.twcc, now_us);
    struct cv_stream *stream = cv_peer_find_stream(peer, rtp->ssrc);
    if (!stream)
        stream = add_stream(peer, &arrival);
    if (!stream)
        return;
    uint32_t clock_hz = cv_source_is_video(stream->source) ? 90000 : 48000;
    cv_receive_stats_packet(&stream->stats, rtp->sequence, rtp->timestamp, clock_hz, size, now_us);
    if (stream->is_rtx)
        input_rtx(peer, stream, &arrival);
    else
        input_media(peer, stream, &arrival);
}
