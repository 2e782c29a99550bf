/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiving side of one RTP stream's repair: which packets are missing, and when to ask for
 * them again (generic NACK, RFC 4585 section 6.2.1). A packet that is only late should not be
 * asked for, one that is lost should be here again before it is missed: so a short gap is given a
 * few milliseconds, a long one none, and what was asked for is asked for again one round trip
 * later. How long that is, the answers tell: who only sends to us gets no reports of ours that
 * would.
 *
 * What can no longer be repaired, or is no longer needed because a key frame came, is given up.
 * The list is bounded; a loss that it can't hold is one for a key frame (cv_nack_wants_key_frame).
 */
#ifndef CV_MEDIA_NACK_H
#define CV_MEDIA_NACK_H

#include "base/time.h"

enum {
    CV_NACK_MAX_MISSING = 256, /* a fifth of a second of the fastest stream */
    CV_NACK_MAX_ASKS = 8,
    CV_NACK_REORDER_US = 5000, /* how long a short gap may be mere disorder */
    CV_NACK_BIG_GAP = 4,       /* packets: not disorder, asked for at once */
    CV_NACK_MIN_REPEAT_US = 20000,
};

#define CV_NACK_MAX_AGE_US CV_US_PER_S /* older ones are given up: the picture has gone on */

/* Zero-initialised is valid: nothing was received. */
struct cv_nack {
    bool started;
    bool wants_key_frame;
    uint16_t highest;       /* the newest that was received */
    uint16_t missing_count; /* in the order of their sequence numbers */
    struct cv_nack_missing {
        int64_t ask_at_us;     /* when it is to be asked for next */
        uint16_t missed_at_ms; /* when its gap was seen, modulo 2^16 */
        uint16_t asked_at_ms;  /* when it was first asked for, modulo 2^16 */
        uint16_t sequence;
        uint8_t asked; /* how often */
    } missing[CV_NACK_MAX_MISSING];
    uint32_t round_trip_us; /* as answers say; 0: not yet known */
    uint32_t requested;     /* packets that were asked for, however often */
    uint32_t repaired;      /* of those, the ones that came */
    uint32_t given_up;
};

enum cv_nack_arrival {
    CV_NACK_NEWEST, /* the stream goes on */
    CV_NACK_FILLS,  /* one that was missing: late or repaired */
    CV_NACK_OLD,    /* received before, or given up */
};

/* A packet came, by itself or as a retransmission; `sequence` is that of the original. */
enum cv_nack_arrival cv_nack_received(struct cv_nack *nack, uint16_t sequence, int64_t now_us);

/*
 * The packet `sequence` starts a key frame (call it after cv_nack_received): what is missing
 * before it is needed no more.
 */
void cv_nack_key_frame(struct cv_nack *nack, uint16_t sequence);

/*
 * This packet came as a retransmission (call it before cv_nack_received; in the stream itself a
 * packet may only be late): how long that took is how long to wait for the next ones.
 */
void cv_nack_answered(struct cv_nack *nack, uint16_t sequence, int64_t now_us);

/*
 * What is to be asked for at this time, at most `capacity` numbers in ascending order (modulo
 * 2^16), as cv_rtcp_add_nack wants them. They count as asked for. Returns how many.
 * `round_trip_us` is the caller's guess, of use until there was an answer.
 */
size_t cv_nack_ask(struct cv_nack *nack, int64_t now_us, int64_t round_trip_us,
                   uint16_t *ret_sequences, size_t capacity);

/* When cv_nack_ask will have something to say or to give up; CV_TIME_NEVER: nothing is missing. */
int64_t cv_nack_deadline(const struct cv_nack *nack);

/*
 * Whether something was given up that pictures may have needed: ask the sender for a key frame.
 * True until cv_nack_key_frame; limiting the requests is the caller's.
 */
static inline bool cv_nack_wants_key_frame(const struct cv_nack *nack) {
    return nack->wants_key_frame;
}

#endif
