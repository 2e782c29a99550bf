/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01):
 * reading what a receiver reports about the packets that we sent, and recording and reporting the
 * arrival of those that we receive. The estimator that uses it is in media/bwe.h.
 *
 * The control information of a feedback packet (behind the two SSRCs):
 *
 *     base sequence number (16) | packet status count (16)
 *     reference time (24, 64 ms)  | feedback packet count (8)
 *     packet chunks (16 each)   ... receive deltas (8 or 16 each, 250 us) ... padding
 */
#ifndef CV_MEDIA_TWCC_H
#define CV_MEDIA_TWCC_H

#include "media/rtcp.h"

enum {
    CV_TWCC_MAX_STATUSES = 8192, /* ours: seconds of the fastest stream */
    CV_TWCC_WINDOW = 512,        /* arrivals that a recorder holds; a power of two */
};

/* Reads the statuses one after the other. */
struct cv_twcc_reader {
    struct cv_slice chunks; /* not yet begun */
    struct cv_slice deltas; /* not yet used */
    uint16_t next_sequence;
    uint16_t statuses_left;
    uint16_t chunk_left; /* statuses left in the present chunk */
    uint16_t chunk;
    int64_t arrival_us;
};

struct cv_twcc_status {
    uint16_t sequence;
    bool received;
    int64_t arrival_us; /* the receiver's clock, modulo 2^24 * 64 ms; only when received */
};

/*
 * Checks the whole and starts a walk; cv_twcc_next can't fail then. CV_ERR_SYNTAX: chunks or
 * deltas missing, or a reserved status; CV_ERR_LIMIT: more statuses than CV_TWCC_MAX_STATUSES.
 */
enum cv_err cv_twcc_read(struct cv_slice control, struct cv_twcc_reader *ret_reader);
bool cv_twcc_next(struct cv_twcc_reader *reader, struct cv_twcc_status *ret_status);

/* The arrivals of the packets of one peer, until they are reported. Zero-initialised is valid. */
struct cv_twcc_recorder {
    int64_t arrivals_us[CV_TWCC_WINDOW]; /* a ring by sequence number; 0: not arrived */
    uint64_t base;                       /* the first that was not reported yet */
    uint64_t end;                        /* the highest that arrived, plus one */
    uint8_t feedback_count;
    bool started;
};

/*
 * Notes the packet with this transport-wide sequence number. `now_us` is monotonic and positive.
 * Packets older than the last report, and repeated ones, are ignored; when more arrive than the
 * window holds, the oldest go unreported.
 */
void cv_twcc_record(struct cv_twcc_recorder *recorder, uint16_t sequence, int64_t now_us);

/*
 * Appends a feedback packet with what arrived since the last one; what is missing in between is
 * reported as lost. After a pause of more than 8 s (no delta holds that) the rest waits for the
 * next report. False when there is nothing to report or no room; an empty writer has room.
 */
bool cv_twcc_report(struct cv_twcc_recorder *recorder, struct cv_rtcp_writer *writer,
                    uint32_t sender, uint32_t media);

#endif
