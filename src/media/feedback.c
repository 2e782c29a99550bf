/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP of a peer: reports of what it sends, and what it has to say of what it receives. */
#include "media/relay_private.h"

#include "media/rtcp.h"

/* From the Unix epoch's NTP era to microseconds: only differences are used. */
static int64_t ntp_to_us(uint64_t ntp) {
    return (int64_t)(ntp >> 32) * CV_US_PER_S +
           (int64_t)(((ntp & UINT32_MAX) * (uint64_t)CV_US_PER_S) >> 32);
}

/*
 * The peer's clock against ours: the least difference seen, as the time that the reports take
 * only adds to it. All of the peer's streams share it, so that sound and picture fit together; a
 * hundredth of a millisecond a report is let go, for clocks that drift apart.
 */
static void follow_clock(struct cv_peer *peer, int64_t difference_us) {
    int64_t jump_us = difference_us - peer->sender_clock_us;
    if (!peer->has_sender_clock || jump_us < 0 || jump_us > 5 * CV_US_PER_S)
        peer->sender_clock_us = difference_us;
    else
        peer->sender_clock_us += jump_us < 10 ? jump_us : 10;
    peer->has_sender_clock = true;
}

static void input_sender_report(struct cv_peer *peer, int64_t now_us,
                                const struct cv_rtcp_packet *packet) {
    struct cv_rtcp_sender_report report;
    if (cv_rtcp_read_sr(packet, &report) != CV_OK)
        return;
    struct cv_stream *stream = cv_peer_find_stream(peer, report.ssrc);
    if (!stream || stream->is_rtx)
        return;
    int64_t sent_us = ntp_to_us(report.ntp_time);
    cv_receive_stats_sender_report(&stream->stats, report.ntp_time, now_us);
    follow_clock(peer, now_us - sent_us);
    struct cv_encoding *encoding = &stream->source->encodings[stream->encoding];
    cv_encoding_set_clock(encoding, report.rtp_time, sent_us + peer->sender_clock_us);
    cv_bridge_clock(encoding);
}

static struct cv_slot *slot_of(const struct cv_peer *peer, uint32_t ssrc) {
    for (size_t i = 0; i < peer->slot_count; i++)
        if (peer->slots[i]->ssrc == ssrc)
            return peer->slots[i];
    return NULL;
}

/* RFC 3550 section 6.4.1: the round trip, in 1/65536 s of our own clock. */
static void input_report(struct cv_peer *peer, int64_t now_us,
                         const struct cv_rtcp_report *report) {
    const struct cv_slot *slot = slot_of(peer, report->ssrc);
    if (!slot)
        return;
    if (report->last_sr == 0)
        return;
    uint32_t now = (uint32_t)(((uint64_t)now_us << 16) / (uint64_t)CV_US_PER_S);
    uint32_t round_trip = now - report->last_sr - report->delay;
    if (round_trip < 10 * 65536)
        peer->round_trip_us = (uint32_t)((uint64_t)round_trip * 1000000 >> 16);
}

static void input_reports(struct cv_peer *peer, int64_t now_us,
                          const struct cv_rtcp_packet *packet) {
    struct cv_rtcp_report reports[CV_RTCP_MAX_REPORTS];
    uint32_t sender;
    size_t count;
    if (cv_rtcp_read_reports(packet, &sender, reports, &count) != CV_OK)
        return;
    for (size_t i = 0; i < count; i++)
        input_report(peer, now_us, &reports[i]);
}

/* A path that has become narrow is acted upon at once; what has become free can wait. */
static void input_estimate(struct cv_peer *peer, int64_t now_us,
                           const struct cv_rtcp_feedback *feedback) {
    (void)cv_bwe_feedback(peer->bwe, feedback->control, now_us);
    if (cv_bwe_target_bps(peer->bwe) * 10 < peer->allocated_bps * 9)
        peer->allocate_due_us = now_us;
}

static void input_transport_feedback(struct cv_peer *peer, int64_t now_us, uint8_t format,
                                     const struct cv_rtcp_feedback *feedback) {
    if (format == CV_RTPFB_TWCC) {
        if (peer->bwe)
            input_estimate(peer, now_us, feedback);
        return;
    }
    struct cv_slot *slot = format == CV_RTPFB_NACK ? slot_of(peer, feedback->media) : NULL;
    size_t place = 0;
    uint16_t sequence;
    while (slot && cv_rtcp_next_nack(feedback, &place, &sequence))
        cv_slot_repair(slot, sequence, now_us);
}

static void ask_key_frame(struct cv_slot *slot, int64_t now_us) {
    if (slot && slot->video && slot->current)
        cv_encoding_ask_key_frame(slot->current, now_us);
}

static void input_payload_feedback(struct cv_peer *peer, int64_t now_us, uint8_t format,
                                   const struct cv_rtcp_feedback *feedback) {
    size_t place = 0;
    uint32_t ssrc;
    uint8_t command;
    switch (format) {
    case CV_PSFB_PLI:
        ask_key_frame(slot_of(peer, feedback->media), now_us);
        break;
    case CV_PSFB_FIR:
        while (cv_rtcp_next_fir(feedback, &place, &ssrc, &command))
            ask_key_frame(slot_of(peer, ssrc), now_us);
        break;
    case CV_PSFB_REMB:
        if (!cv_rtcp_read_remb(feedback, &peer->remb_bps))
            peer->remb_at_us = now_us;
        break;
    default:
        break;
    }
}

void cv_peer_input_rtcp(struct cv_peer *peer, int64_t now_us, struct cv_slice compound) {
    struct cv_rtcp_packet packet;
    struct cv_rtcp_feedback feedback;
    size_t offset = 0;
    if (cv_rtcp_check(compound) != CV_OK)
        return;
    while (cv_rtcp_next(compound, &offset, &packet)) {
        if (packet.type == CV_RTCP_SR)
            input_sender_report(peer, now_us, &packet);
        if (packet.type == CV_RTCP_SR || packet.type == CV_RTCP_RR)
            input_reports(peer, now_us, &packet);
        else if (packet.type == CV_RTCP_RTPFB && cv_rtcp_read_feedback(&packet, &feedback) == CV_OK)
            input_transport_feedback(peer, now_us, packet.count, &feedback);
        else if (packet.type == CV_RTCP_PSFB && cv_rtcp_read_feedback(&packet, &feedback) == CV_OK)
            input_payload_feedback(peer, now_us, packet.count, &feedback);
    }
}
