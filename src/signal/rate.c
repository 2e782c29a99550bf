/* SPDX-License-Identifier: Apache-2.0 */
#include "signal/rate.h"

bool cv_rate_take(struct cv_rate *rate, int64_t now_us, int64_t window_us, uint32_t limit,
                  uint32_t amount) {
    int64_t tenth = now_us / (window_us / CV_RATE_BUCKETS);
    int64_t passed = tenth - rate->tenth;
    for (int64_t i = 1; i <= passed && i <= CV_RATE_BUCKETS; i++)
        rate->buckets[(rate->tenth + i) % CV_RATE_BUCKETS] = 0;
    if (passed > 0)
        rate->tenth = tenth;
    rate->buckets[rate->tenth % CV_RATE_BUCKETS] += amount;
    uint64_t sum = 0;
    for (int i = 0; i < CV_RATE_BUCKETS; i++)
        sum += rate->buckets[i];
    return sum <= limit;
}
