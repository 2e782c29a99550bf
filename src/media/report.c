/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTCP that a peer gets: reports of what we received of it and sent to it, transport-wide
 * feedback, and what is missing: packets and key frames. Reports are compound (RFC 3550 section
 * 6.1), the rest is of reduced size (RFC 5506).
 */
#include "media/relay_private.h"

enum {
    MAX_ASKED = 16, /* packets of one stream in one NACK; the rest follows in the next */
    FEEDBACK_BYTES = 12 + 4 * MAX_ASKED,
    REPORT_BYTES = 28,
    DEFAULT_ROUND_TRIP_US = 100000,
};

static bool wants_key_frame(const struct cv_encoding *encoding, int64_t now_us) {
    return encoding->key_frame_wanted &&
           now_us - encoding->key_frame_asked_us >= CV_KEY_FRAME_REPEAT_US;
}

static void add_key_frame_request(struct cv_peer *peer, struct cv_encoding *encoding,
                                  int64_t now_us, struct cv_rtcp_writer *writer) {
    uint32_t ssrc = cv_peer_encoding_ssrc(peer, encoding);
    if (!wants_key_frame(encoding, now_us))
        return;
    encoding->key_frame_asked_us = now_us;
    if (!ssrc)
        return; /* it isn't sent; when it is, it begins with one */
    cv_rtcp_add_pli(writer, peer->report_ssrc, ssrc);
    peer->relay->counters.key_frames_asked++;
}

/* False: all was said. */
static bool add_nack(struct cv_peer *peer, struct cv_stream *stream, int64_t now_us,
                     struct cv_rtcp_writer *writer) {
    uint16_t missing[MAX_ASKED];
    int64_t round_trip_us = peer->round_trip_us ? peer->round_trip_us : DEFAULT_ROUND_TRIP_US;
    size_t count = cv_nack_ask(stream->nack, now_us, round_trip_us, missing, MAX_ASKED);
    if (count > 0)
        cv_rtcp_add_nack(writer, peer->report_ssrc, stream->ssrc, missing, count);
    if (cv_nack_wants_key_frame(stream->nack))
        cv_encoding_ask_key_frame(&stream->source->encodings[stream->encoding], now_us);
    return count == MAX_ASKED;
}

static void write_feedback(struct cv_peer *peer, int64_t now_us, struct cv_rtcp_writer *writer) {
    bool more = false;
    for (size_t i = 0; i < peer->stream_count; i++)
        if (peer->streams[i]->nack && writer->capacity - writer->size >= FEEDBACK_BYTES)
            more = add_nack(peer, peer->streams[i], now_us, writer) || more;
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++) {
        struct cv_source *source = peer->sources[kind];
        for (size_t i = 0; source && i < source->encoding_count; i++)
            if (writer->capacity - writer->size >= FEEDBACK_BYTES)
                add_key_frame_request(peer, &source->encodings[i], now_us, writer);
    }
    peer->feedback_due = more;
}

static void write_receiver_report(struct cv_peer *peer, int64_t now_us,
                                  struct cv_rtcp_writer *writer) {
    struct cv_rtcp_report reports[CV_PEER_MAX_STREAMS];
    size_t count = 0;
    uint64_t lost = 0;
    for (size_t i = 0; i < peer->stream_count; i++) {
        struct cv_stream *stream = peer->streams[i];
        int64_t stream_lost = cv_receive_stats_lost(&stream->stats);
        lost += stream_lost > 0 ? (uint64_t)stream_lost : 0;
        if (cv_receive_stats_report(&stream->stats, stream->ssrc, now_us, &reports[count]))
            count++;
    }
    peer->stats.packets_lost = lost;
    cv_rtcp_add_rr(writer, peer->report_ssrc, reports, count);
    cv_rtcp_add_cname(writer, peer->report_ssrc, cv_slice_str(peer->relay->cname));
}

static void add_sender_report(struct cv_slot *slot, int64_t now_us, struct cv_rtcp_writer *writer) {
    const struct cv_encoding *encoding = slot->current;
    if (!encoding || !encoding->has_clock || slot->packets == 0)
        return;
    int64_t hz = slot->video ? 90000 : 48000;
    int64_t ticks = (now_us - encoding->clock_us) * hz / CV_US_PER_S;
    const struct cv_rtcp_sender_report report = {
        .ssrc = slot->ssrc,
        .ntp_time = ((uint64_t)now_us / (uint64_t)CV_US_PER_S) << 32 |
                    (((uint64_t)now_us % (uint64_t)CV_US_PER_S) << 32) / (uint64_t)CV_US_PER_S,
        .rtp_time = encoding->clock_timestamp + (uint32_t)ticks + slot->rewrite.timestamp_offset,
        .packets = slot->packets,
        .bytes = slot->bytes,
    };
    cv_rtcp_add_sr(writer, &report, NULL, 0);
}

/* As many as fit; the rest goes into the next datagram. */
static void write_reports(struct cv_peer *peer, int64_t now_us, struct cv_rtcp_writer *writer) {
    if (peer->report_slot == 0)
        write_receiver_report(peer, now_us, writer);
    while (peer->report_slot < peer->slot_count && writer->capacity - writer->size >= REPORT_BYTES)
        add_sender_report(peer->slots[peer->report_slot++], now_us, writer);
    if (peer->report_slot < peer->slot_count)
        return;
    peer->report_slot = 0;
    peer->reports_due = false;
}

size_t cv_peer_write_rtcp(struct cv_peer *peer, int64_t now_us, uint8_t *data, size_t capacity) {
    struct cv_rtcp_writer writer;
    while (peer->feedback_due || peer->twcc_due || peer->reports_due) {
        cv_rtcp_begin(&writer, data, capacity);
        if (peer->feedback_due) {
            write_feedback(peer, now_us, &writer);
        } else if (peer->twcc_due) {
            uint32_t media = peer->stream_count > 0 ? peer->streams[0]->ssrc : 0;
            peer->twcc_due = cv_twcc_report(peer->twcc, &writer, peer->report_ssrc, media);
        } else {
            write_reports(peer, now_us, &writer);
        }
        if (writer.err == CV_OK && writer.size > 0)
            return writer.size;
    }
    return 0;
}

static bool has_arrivals(const struct cv_peer *peer) {
    return peer->twcc && peer->twcc->started && peer->twcc->base < peer->twcc->end;
}

void cv_peer_tick_reports(struct cv_peer *peer, int64_t now_us) {
    if (now_us >= peer->report_due_us) {
        peer->reports_due = true;
        /* Spread, lest all peers that came together report together for ever. */
        peer->report_due_us = now_us + CV_REPORT_US - peer->report_ssrc % (CV_REPORT_US / 5);
    }
    if (has_arrivals(peer) && now_us >= peer->twcc_due_us) {
        peer->twcc_due = true;
        peer->twcc_due_us = now_us + CV_TWCC_REPORT_US;
    }
    for (size_t i = 0; i < peer->stream_count; i++)
        if (peer->streams[i]->nack && cv_nack_deadline(peer->streams[i]->nack) <= now_us)
            peer->feedback_due = true;
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++) {
        const struct cv_source *source = peer->sources[kind];
        for (size_t i = 0; source && i < source->encoding_count; i++)
            if (wants_key_frame(&source->encodings[i], now_us))
                peer->feedback_due = true;
    }
    if (peer->reports_due || peer->twcc_due || peer->feedback_due)
        cv_peer_wake(peer);
}

static int64_t earlier(int64_t a_us, int64_t b_us) {
    return a_us < b_us ? a_us : b_us;
}

int64_t cv_peer_report_deadline(const struct cv_peer *peer) {
    int64_t deadline_us = peer->report_due_us;
    if (has_arrivals(peer))
        deadline_us = earlier(deadline_us, peer->twcc_due_us);
    for (size_t i = 0; i < peer->stream_count; i++)
        if (peer->streams[i]->nack)
            deadline_us = earlier(deadline_us, cv_nack_deadline(peer->streams[i]->nack));
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++) {
        const struct cv_source *source = peer->sources[kind];
        for (size_t i = 0; source && i < source->encoding_count; i++)
            if (source->encodings[i].key_frame_wanted)
                deadline_us = earlier(deadline_us, source->encodings[i].key_frame_asked_us +
                                                       CV_KEY_FRAME_REPEAT_US);
    }
    return deadline_us;
}
