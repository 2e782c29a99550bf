/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much came in the last so many seconds, in ten buckets: the sum is of the time between nine
 * and ten tenths of the window, so whoever keeps to the limit over every window is never over it.
 */
#ifndef CV_SIGNAL_RATE_H
#define CV_SIGNAL_RATE_H

#include <stdbool.h>
#include <stdint.h>

enum { CV_RATE_BUCKETS = 10 };

/* Zero-initialised is empty. */
struct cv_rate {
    int64_t tenth; /* the number of the newest bucket's tenth of a window */
    uint32_t buckets[CV_RATE_BUCKETS];
};

/*
 * Counts `amount` at `now_us` (monotonic, not negative); false when that makes more than `limit`
 * in the last `window_us`. `window_us` is the same at every call.
 */
bool cv_rate_take(struct cv_rate *rate, int64_t now_us, int64_t window_us, uint32_t limit,
                  uint32_t amount);

#endif
