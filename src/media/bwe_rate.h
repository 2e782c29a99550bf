/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast packets arrive at a peer, by its own clock: counted over 150 ms where many arrive, so
 * that a change is seen at once, and up to 500 ms where there are few.
 */
#ifndef CV_MEDIA_BWE_RATE_H
#define CV_MEDIA_BWE_RATE_H

#include "base/time.h"

enum { CV_BWE_RATE_BUCKETS = 10 };

/* Zero-initialised is valid. */
struct cv_bwe_rate {
    bool started;
    int64_t first_us; /* the first arrival after the start or a jump of the clock */
    int64_t last_us;
    int64_t bucket_us;                     /* where the newest bucket begins */
    uint32_t buckets[CV_BWE_RATE_BUCKETS]; /* bytes, the newest first */
};

void cv_bwe_rate_add(struct cv_bwe_rate *rate, int64_t arrival_us, uint32_t bytes);

/* 0 before there is enough to tell. */
int64_t cv_bwe_rate_bps(const struct cv_bwe_rate *rate);

#endif
