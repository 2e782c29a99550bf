/* SPDX-License-Identifier: Apache-2.0 */
#include "api/limiter.h"

#include <assert.h>

void cv_limiter_init(struct cv_limiter *limiter, uint32_t burst, int64_t refill_us) {
    *limiter = (struct cv_limiter){.burst = burst, .refill_us = refill_us};
}

static int64_t *bucket_of(struct cv_limiter *limiter, struct cv_slice name_hash) {
    assert(name_hash.size >= 8);
    return &limiter->buckets[cv_get_be64(name_hash.data) % CV_LIMITER_BUCKETS];
}

int64_t cv_limiter_take(struct cv_limiter *limiter, int64_t now_us, struct cv_slice name_hash) {
    int64_t *full_at_us = bucket_of(limiter, name_hash);
    int64_t after_us = (*full_at_us > now_us ? *full_at_us : now_us) + limiter->refill_us;
    int64_t over_us = after_us - now_us - (int64_t)limiter->burst * limiter->refill_us;
    if (over_us > 0) {
        return over_us;
    }
    *full_at_us = after_us;
    return 0;
}

void cv_limiter_reset(struct cv_limiter *limiter, struct cv_slice name_hash) {
    *bucket_of(limiter, name_hash) = 0;
}
