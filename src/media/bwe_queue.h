/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the queue on the way is that never empties: the shortest delay among the packets of a
 * report, over the shortest of ten to twenty seconds, which is what the path takes without queues.
 * Bursts, jitter and a receiver that reports late don't show in it.
 */
#ifndef CV_MEDIA_BWE_QUEUE_H
#define CV_MEDIA_BWE_QUEUE_H

#include "base/time.h"

/* Zero-initialised is valid: no queue. */
struct cv_bwe_queue {
    bool has_report;
    int64_t report_us;      /* the shortest delay since the last report, two clocks apart */
    size_t windows;         /* that hold something: 0 to 2 */
    int64_t shortest_us[2]; /* of this window and the one before */
    int64_t since_us;       /* when this window began */
    int64_t standing_us;
};

/* A packet that arrived. The two clocks need not agree, but go equally fast. */
void cv_bwe_queue_add(struct cv_bwe_queue *queue, int64_t sent_us, int64_t arrival_us);

/* A report ends: `standing_us` is that of its packets. */
void cv_bwe_queue_end_report(struct cv_bwe_queue *queue, int64_t now_us);

#endif
