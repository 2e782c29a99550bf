/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When one receiver's video may go out: a leaky bucket that drains faster than the target rate, so
 * that a key frame is spread over some tens of milliseconds in the place of hitting a small router
 * buffer at once. Nothing may wait for long: the longer the queue, the faster it drains.
 *
 * Audio does not ask (it must not wait), but is told with cv_pacer_sent like everything else. The
 * queue itself is the caller's.
 */
#ifndef CV_MEDIA_PACER_H
#define CV_MEDIA_PACER_H

#include "base/time.h"

enum {
    CV_PACER_PERCENT = 250,        /* of the target rate */
    CV_PACER_BURST_US = 5000,      /* what may go at once: so much time's worth, and a packet */
    CV_PACER_MAX_WAIT_US = 500000, /* nothing stays in the queue for much longer */
};

struct cv_pacer {
    int64_t target_bps;
    int64_t rate_bps; /* of the present queue */
    int64_t debt;     /* bits * CV_US_PER_S that were sent and have not drained yet */
    int64_t drained_at_us;
};

void cv_pacer_init(struct cv_pacer *pacer, int64_t target_bps, int64_t now_us);
void cv_pacer_set_target(struct cv_pacer *pacer, int64_t target_bps);

/*
 * Whether the next packet of the queue may go now: `queued_bytes` wait, the oldest of them since
 * `oldest_us`. One that may go may have any size; the next waits the longer for it.
 */
bool cv_pacer_may_send(struct cv_pacer *pacer, int64_t now_us, size_t queued_bytes,
                       int64_t oldest_us);

/* Something was sent: video, audio, padding. */
void cv_pacer_sent(struct cv_pacer *pacer, int64_t now_us, size_t bytes);

/* When the next packet of a queue that cv_pacer_may_send held back may go. */
int64_t cv_pacer_deadline(const struct cv_pacer *pacer);

#endif
