/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packets of one stream that may be asked for again (RFC 4588): a ring of references by
 * sequence number, bounded by time, by number and by what all streams of a room may keep.
 * Counted by reference: a receiver that was fed by a stream may ask when the stream is gone.
 */
#ifndef CV_MEDIA_HISTORY_H
#define CV_MEDIA_HISTORY_H

#include "base/time.h"
#include "media/packet.h"

enum {
    CV_HISTORY_FIRST = 128, /* packets; a power of two, and grows while the stream needs it */
    CV_HISTORY_LAST = 2048,
    CV_HISTORY_SHARE = 4, /* no stream takes more than this part of its room's budget */
};

#define CV_HISTORY_US (1500 * CV_US_PER_MS) /* who asks later has no use for the answer */

/* What the histories of a room hold together, and may hold. */
struct cv_history_budget {
    size_t used_bytes;
    size_t limit_bytes;
};

struct cv_history;

/* `pool` and `budget` are borrowed until cv_history_close. One reference; NULL without memory. */
struct cv_history *cv_history_new(struct cv_packet_pool *pool, struct cv_history_budget *budget);
struct cv_history *cv_history_ref(struct cv_history *history);
struct cv_history *cv_history_unref(struct cv_history *history);
/* The stream is over: gives all packets back. The object lives as long as its references. */
void cv_history_close(struct cv_history *history);

/* Keeps a packet (with a reference of its own), and forgets those that are too old by now. */
void cv_history_put(struct cv_history *history, struct cv_packet *packet);
/* The same without a packet, for a stream that may have stopped. */
void cv_history_expire(struct cv_history *history, int64_t now_us);
/* By the low 16 bits of its number; borrowed; NULL when it isn't there (any more). */
struct cv_packet *cv_history_get(const struct cv_history *history, uint16_t sequence);

#endif
