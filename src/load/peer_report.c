/* SPDX-License-Identifier: Apache-2.0 */
/* RTCP of the load tool: receiver and sender reports each second, and transport-wide feedback. */
#include "io/clock.h"
#include "load/peer_private.h"

#define NTP_EPOCH_S INT64_C(2208988800) /* from 1900 to 1970 */

int64_t cv_load_peer_report_deadline(const struct cv_load_peer *peer) {
    if (!peer->connected || peer->plain)
        return CV_TIME_NEVER;
    return peer->receive_twcc_id && peer->twcc_at_us < peer->report_at_us ? peer->twcc_at_us
                                                                          : peer->report_at_us;
}

static uint64_t ntp_time(int64_t wall_us) {
    uint64_t seconds = (uint64_t)(wall_us / CV_US_PER_S + NTP_EPOCH_S);
    uint64_t fraction = ((uint64_t)(wall_us % CV_US_PER_S) << 32) / CV_US_PER_S;
    return seconds << 32 | fraction;
}

static struct cv_rtcp_report report_on(struct cv_load_stream *stream, int64_t now_us) {
    uint64_t expected = stream->highest - stream->reported_highest;
    uint64_t received = stream->received - stream->reported_received;
    uint64_t lost = expected > received ? expected - received : 0;
    stream->reported_highest = stream->highest;
    stream->reported_received = stream->received;
    return (struct cv_rtcp_report){
        .ssrc = stream->ssrc,
        .fraction_lost = (uint8_t)(expected ? lost * 255 / expected : 0),
        .lost = (int32_t)lost,
        .highest = (uint32_t)stream->highest,
        .last_sr = stream->last_sr,
        .delay =
            stream->last_sr ? (uint32_t)((now_us - stream->sr_at_us) * 65536 / CV_US_PER_S) : 0,
    };
}

static void send_report(struct cv_load_peer *peer, int64_t now_us) {
    uint8_t packet[CV_RTCP_MAX_BYTES];
    struct cv_rtcp_report reports[CV_RTCP_MAX_REPORTS];
    struct cv_rtcp_writer writer;
    size_t count = 0, size;
    for (size_t i = 0; i < peer->stream_count && count < CV_RTCP_MAX_REPORTS; i++)
        reports[count++] = report_on(&peer->streams[i], now_us);
    cv_rtcp_begin(&writer, packet, sizeof packet - CV_SRTCP_MAX_OVERHEAD);
    bool has_sent = false;
    for (size_t i = 0; i < peer->sent_count; i++) {
        const struct cv_load_sent *sent = &peer->sent[i];
        if (!sent->packets)
            continue;
        const struct cv_rtcp_sender_report report = {
            .ssrc = sent->ssrc,
            .ntp_time = ntp_time(cv_clock_wall_us()),
            .rtp_time = sent->timestamp,
            .packets = sent->packets,
            .bytes = sent->bytes,
        };
        cv_rtcp_add_sr(&writer, &report, reports, has_sent ? 0 : count);
        has_sent = true;
    }
    if (!has_sent)
        cv_rtcp_add_rr(&writer, 1, reports, count);
    if (!writer.err && !cv_srtcp_protect(peer->send, packet, writer.size, sizeof packet, &size))
        cv_load_peer_transmit(peer, packet, size);
}

static void send_feedback(struct cv_load_peer *peer) {
    uint8_t packet[CV_RTCP_MAX_BYTES];
    struct cv_rtcp_writer writer;
    size_t size;
    uint32_t media = peer->stream_count ? peer->streams[0].ssrc : 0;
    cv_rtcp_begin(&writer, packet, sizeof packet - CV_SRTCP_MAX_OVERHEAD);
    if (cv_twcc_report(&peer->arrivals, &writer, 1, media) && !writer.err &&
        !cv_srtcp_protect(peer->send, packet, writer.size, sizeof packet, &size))
        cv_load_peer_transmit(peer, packet, size);
}

void cv_load_peer_report(struct cv_load_peer *peer, int64_t now_us) {
    if (peer->plain)
        return;
    if (now_us >= peer->report_at_us) {
        peer->report_at_us = now_us + CV_LOAD_REPORT_US;
        send_report(peer, now_us);
    }
    if (peer->receive_twcc_id && now_us >= peer->twcc_at_us) {
        peer->twcc_at_us = now_us + CV_LOAD_TWCC_US;
        send_feedback(peer);
    }
}

static void take_sender_report(struct cv_load_peer *peer, int64_t now_us,
                               const struct cv_rtcp_packet *packet) {
    struct cv_rtcp_sender_report report;
    if (cv_rtcp_read_sr(packet, &report))
        return;
    for (size_t i = 0; i < peer->stream_count; i++)
        if (peer->streams[i].ssrc == report.ssrc) {
            peer->streams[i].last_sr = (uint32_t)(report.ntp_time >> 16);
            peer->streams[i].sr_at_us = now_us;
        }
}

void cv_load_peer_take_rtcp(struct cv_load_peer *peer, int64_t now_us, struct cv_slice compound) {
    struct cv_rtcp_packet packet;
    size_t offset = 0;
    if (cv_rtcp_check(compound))
        return;
    while (cv_rtcp_next(compound, &offset, &packet)) {
        if (packet.type == CV_RTCP_SR)
            take_sender_report(peer, now_us, &packet);
        else if (packet.type == CV_RTCP_PSFB &&
                 (packet.count == CV_PSFB_PLI || packet.count == CV_PSFB_FIR))
            peer->key_requested = true;
        else if (packet.type == CV_RTCP_RTPFB && packet.count == CV_RTPFB_NACK)
            cv_load_peer_take_nack(peer, &packet);
    }
}
