/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a receiver of an RTP stream has to report of it (RFC 3550 section 6.4.1 and appendices A.1,
 * A.3 and A.8): how much was lost, the highest sequence number, the jitter, and when the last
 * sender report came.
 */
#ifndef CV_MEDIA_RECEIVE_STATS_H
#define CV_MEDIA_RECEIVE_STATS_H

#include "base/time.h"
#include "media/rtcp.h"

/* Zero-initialised is valid: nothing was received. */
struct cv_receive_stats {
    bool started;
    uint32_t first;             /* extended sequence number */
    uint32_t highest;           /* extended sequence number */
    uint32_t received;          /* since the first; duplicates too */
    uint32_t expected_reported; /* as of the last report */
    uint32_t received_reported;
    uint64_t packets; /* all that came, before a new beginning of the numbers too */
    uint64_t bytes;
    int64_t arrived_at_us; /* of the last packet that the jitter was taken of */
    uint32_t timestamp;
    uint32_t jitter; /* in sixteenths of the clock of the stream */
    uint32_t last_sr;
    int64_t last_sr_at_us; /* 0: none came */
};

/*
 * A packet that came by itself. Retransmissions are counted where they are sent, in the RTX stream.
 * `clock_hz` is the clock of the stream; `bytes` the size of the packet.
 */
void cv_receive_stats_packet(struct cv_receive_stats *stats, uint16_t sequence, uint32_t timestamp,
                             uint32_t clock_hz, size_t bytes, int64_t now_us);

/* A sender report came. */
void cv_receive_stats_sender_report(struct cv_receive_stats *stats, uint64_t ntp_time,
                                    int64_t now_us);

/* How many were lost so far; negative with duplicates. */
int64_t cv_receive_stats_lost(const struct cv_receive_stats *stats);

/* Makes a report and begins the next interval; false when nothing was received so far. */
bool cv_receive_stats_report(struct cv_receive_stats *stats, uint32_t ssrc, int64_t now_us,
                             struct cv_rtcp_report *ret_report);

#endif
