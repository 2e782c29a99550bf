/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token buckets by name: how often something may be tried from one source, or on one account.
 * Names share a fixed number of buckets by a keyed hash, so memory is flat whatever a peer sends;
 * two names in one bucket only makes the limit stricter for both. Pure; times are monotonic.
 */
#ifndef CV_API_LIMITER_H
#define CV_API_LIMITER_H

#include "base/addr.h"
#include "base/time.h"

enum { CV_LIMITER_BUCKETS = 1024 };

struct cv_limiter {
    uint32_t burst;                      /* how many at once */
    int64_t refill_us;                   /* one more after this long */
    int64_t buckets[CV_LIMITER_BUCKETS]; /* when each will be full again */
};

void cv_limiter_init(struct cv_limiter *limiter, uint32_t burst, int64_t refill_us);

/*
 * `name_hash`: at least 8 bytes of a keyed hash of the name. Takes one and returns 0, or returns
 * after how many us there will be one to take.
 */
int64_t cv_limiter_take(struct cv_limiter *limiter, int64_t now_us, struct cv_slice name_hash);

/* Gives all of a name back, after a success. */
void cv_limiter_reset(struct cv_limiter *limiter, struct cv_slice name_hash);

#endif
