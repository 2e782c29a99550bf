/* SPDX-License-Identifier: Apache-2.0 */
#include "media/receive_stats.h"

enum {
    MAX_DROPOUT = 3000,  /* RFC 3550 appendix A.1: a larger jump is a new beginning */
    MAX_LOST = 0x7fffff, /* 24 bits, signed */
};

static void restart(struct cv_receive_stats *stats, uint16_t sequence) {
    struct cv_receive_stats fresh = {
        .started = true,
        .packets = stats->packets,
        .bytes = stats->bytes,
        .last_sr = stats->last_sr,
        .last_sr_at_us = stats->last_sr_at_us,
    };
    *stats = fresh;
    stats->first = stats->highest = sequence;
}

/* Appendix A.8, in integers. */
static void update_jitter(struct cv_receive_stats *stats, uint32_t timestamp, uint32_t clock_hz,
                          int64_t now_us) {
    if (stats->arrived_at_us > 0) {
        int64_t arrival = (now_us - stats->arrived_at_us) * (int64_t)clock_hz / CV_US_PER_S;
        int64_t difference = arrival - (int32_t)(timestamp - stats->timestamp);
        if (difference < 0)
            difference = -difference;
        if (difference > (int64_t)clock_hz)
            difference = clock_hz; /* a pause, or a timestamp out of nowhere, is no jitter */
        stats->jitter += (uint32_t)difference - ((stats->jitter + 8) >> 4);
    }
    stats->arrived_at_us = now_us;
    stats->timestamp = timestamp;
}

void cv_receive_stats_packet(struct cv_receive_stats *stats, uint16_t sequence, uint32_t timestamp,
                             uint32_t clock_hz, size_t bytes, int64_t now_us) {
    int step = (int16_t)(uint16_t)(sequence - (uint16_t)stats->highest);
    if (!stats->started || step > MAX_DROPOUT || step < -MAX_DROPOUT) {
        restart(stats, sequence);
        step = 1;
    } else if (step > 0) {
        stats->highest += (uint32_t)step;
    }
    stats->received++;
    stats->packets++;
    stats->bytes += bytes;
    /* The packets of a frame share its timestamp: only the first of them tells of the path. */
    if (step > 0 && (stats->arrived_at_us == 0 || timestamp != stats->timestamp))
        update_jitter(stats, timestamp, clock_hz, now_us);
}

void cv_receive_stats_sender_report(struct cv_receive_stats *stats, uint64_t ntp_time,
                                    int64_t now_us) {
    stats->last_sr = (uint32_t)(ntp_time >> 16);
    stats->last_sr_at_us = now_us;
}

static uint32_t expected(const struct cv_receive_stats *stats) {
    return stats->started ? stats->highest - stats->first + 1 : 0;
}

int64_t cv_receive_stats_lost(const struct cv_receive_stats *stats) {
    return (int64_t)expected(stats) - (int64_t)stats->received;
}

/* Appendix A.3 */
static uint8_t fraction_lost(const struct cv_receive_stats *stats) {
    uint32_t expected_now = expected(stats) - stats->expected_reported;
    int64_t lost = (int64_t)expected_now - (stats->received - stats->received_reported);
    if (expected_now == 0 || lost <= 0)
        return 0;
    int64_t fraction = lost * 256 / expected_now;
    return fraction > UINT8_MAX ? UINT8_MAX : (uint8_t)fraction;
}

/* In 1/65536 s, RFC 3550 section 6.4.1; it saturates after 18 hours. */
static uint32_t short_time(int64_t time_us) {
    int64_t units = time_us * 65536 / CV_US_PER_S;
    return units > UINT32_MAX ? UINT32_MAX : (uint32_t)units;
}

bool cv_receive_stats_report(struct cv_receive_stats *stats, uint32_t ssrc, int64_t now_us,
                             struct cv_rtcp_report *ret_report) {
    if (!stats->started)
        return false;
    int64_t lost = cv_receive_stats_lost(stats);
    if (lost > MAX_LOST)
        lost = MAX_LOST;
    if (lost < -MAX_LOST)
        lost = -MAX_LOST;
    *ret_report = (struct cv_rtcp_report){
        .ssrc = ssrc,
        .fraction_lost = fraction_lost(stats),
        .lost = (int32_t)lost,
        .highest = stats->highest,
        .jitter = stats->jitter >> 4,
        .last_sr = stats->last_sr,
        .delay = stats->last_sr_at_us > 0 ? short_time(now_us - stats->last_sr_at_us) : 0,
    };
    stats->expected_reported = expected(stats);
    stats->received_reported = stats->received;
    return true;
}
