/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a queue growing on the way? From when packets were sent and when they arrived: the change of
 * delay between groups of packets (draft-ietf-rmcat-gcc-02 section 5.2), the slope of its
 * running sum (a trend line over the last groups), and a threshold that adapts to how noisy the
 * path is (section 5.4).
 */
#ifndef CV_MEDIA_BWE_DELAY_H
#define CV_MEDIA_BWE_DELAY_H

#include "base/time.h"

#include <stdbool.h>
#include <stddef.h>

enum { CV_BWE_TREND_GROUPS = 20 };

enum cv_bwe_usage {
    CV_BWE_NORMAL,
    CV_BWE_UNDERUSE, /* a queue drains */
    CV_BWE_OVERUSE,  /* a queue grows */
};

/* Packets that were sent within one burst count as one. */
struct cv_bwe_group {
    int64_t first_sent_us;
    int64_t sent_us; /* of the last packet */
    int64_t arrival_us;
    bool complete;
};

/* Zero-initialised is valid. */
struct cv_bwe_delay {
    struct cv_bwe_group previous, current;
    bool has_current;
    struct cv_bwe_point {
        double arrival_ms;
        double delay_ms;
    } points[CV_BWE_TREND_GROUPS]; /* a ring */
    size_t point_count;
    double accumulated_ms;
    double smoothed_ms;
    double threshold_ms;
    double last_trend;
    int64_t first_arrival_us;
    int64_t threshold_at_us;
    int64_t overusing_since_us;
    int overusing_groups;
    enum cv_bwe_usage usage;
};

/* A packet that arrived, in the order of sending. The two clocks need not agree. */
void cv_bwe_delay_add(struct cv_bwe_delay *delay, int64_t sent_us, int64_t arrival_us);

#endif
