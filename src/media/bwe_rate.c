/* SPDX-License-Identifier: Apache-2.0 */
#include "media/bwe_rate.h"

enum {
    BUCKET_US = 50000,
    WINDOW_US = BUCKET_US * CV_BWE_RATE_BUCKETS,
    LEAST_US = 150000,
    ENOUGH_BYTES = 20000, /* with so many the window needs to be no longer */
};

void cv_bwe_rate_add(struct cv_bwe_rate *rate, int64_t arrival_us, uint32_t bytes) {
    int64_t ahead_us = arrival_us - rate->bucket_us;
    if (!rate->started || ahead_us > 2 * WINDOW_US || ahead_us < -WINDOW_US)
        *rate = (struct cv_bwe_rate){
            .started = true,
            .first_us = arrival_us,
            .last_us = arrival_us,
            .bucket_us = arrival_us,
        };
    while (arrival_us >= rate->bucket_us + BUCKET_US) {
        memmove(&rate->buckets[1], &rate->buckets[0],
                (CV_BWE_RATE_BUCKETS - 1) * sizeof *rate->buckets);
        rate->buckets[0] = 0;
        rate->bucket_us += BUCKET_US;
    }
    rate->buckets[0] += bytes;
    if (arrival_us > rate->last_us)
        rate->last_us = arrival_us;
}

int64_t cv_bwe_rate_bps(const struct cv_bwe_rate *rate) {
    int64_t from_us = rate->bucket_us + BUCKET_US, bytes = 0;
    for (size_t i = 0; i < CV_BWE_RATE_BUCKETS && from_us > rate->first_us; i++) {
        from_us -= BUCKET_US;
        bytes += rate->buckets[i];
        if (rate->last_us - from_us >= LEAST_US && bytes >= ENOUGH_BYTES)
            break;
    }
    int64_t window_us = rate->last_us - from_us;
    return window_us < LEAST_US ? 0 : bytes * 8 * CV_US_PER_S / window_us;
}
