/* SPDX-License-Identifier: Apache-2.0 */
#include "media/bwe_delay.h"

enum {
    BURST_US = 5000,        /* section 5.2: packets closer than this are one group */
    MAX_GAP_US = 3000000,   /* after a pause the past says nothing of the path */
    MIN_OVERUSE_US = 10000, /* section 5.4, overuse_time_th */
    MAX_DELTAS = 60,
    MAX_THRESHOLD_STEP_MS = 100,
};

static const double smoothing = 0.9;
static const double trend_gain = 4.0;
static const double first_threshold_ms = 12.5; /* section 5.4 */
static const double min_threshold_ms = 6.0;
static const double max_threshold_ms = 600.0;
static const double threshold_up = 0.0087;
static const double threshold_down = 0.039;
static const double outlier_ms = 15.0;

/* The slope of the least-squares line through the points; 0 for points on one vertical. */
static double slope(const struct cv_bwe_delay *delay) {
    double mean_x = 0, mean_y = 0, numerator = 0, denominator = 0;
    size_t count =
        delay->point_count < CV_BWE_TREND_GROUPS ? delay->point_count : CV_BWE_TREND_GROUPS;
    for (size_t i = 0; i < count; i++) {
        mean_x += delay->points[i].arrival_ms / (double)count;
        mean_y += delay->points[i].delay_ms / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double x = delay->points[i].arrival_ms - mean_x;
        numerator += x * (delay->points[i].delay_ms - mean_y);
        denominator += x * x;
    }
    return denominator > 0 ? numerator / denominator : 0;
}

static void adapt_threshold(struct cv_bwe_delay *delay, double trend_ms, int64_t now_us) {
    double magnitude = trend_ms < 0 ? -trend_ms : trend_ms;
    double elapsed_ms = (double)(now_us - delay->threshold_at_us) / 1000;
    delay->threshold_at_us = now_us;
    if (magnitude > delay->threshold_ms + outlier_ms)
        return;
    if (elapsed_ms > MAX_THRESHOLD_STEP_MS)
        elapsed_ms = MAX_THRESHOLD_STEP_MS;
    double rate = magnitude < delay->threshold_ms ? threshold_down : threshold_up;
    delay->threshold_ms += rate * (magnitude - delay->threshold_ms) * elapsed_ms;
    if (delay->threshold_ms < min_threshold_ms)
        delay->threshold_ms = min_threshold_ms;
    if (delay->threshold_ms > max_threshold_ms)
        delay->threshold_ms = max_threshold_ms;
}

static void detect(struct cv_bwe_delay *delay, double trend, int64_t now_us) {
    size_t deltas = delay->point_count < MAX_DELTAS ? delay->point_count : MAX_DELTAS;
    double trend_ms = (double)deltas * trend * trend_gain;
    if (trend_ms > delay->threshold_ms) {
        if (delay->overusing_groups++ == 0)
            delay->overusing_since_us = now_us;
        if (now_us - delay->overusing_since_us >= MIN_OVERUSE_US && delay->overusing_groups > 1 &&
            trend >= delay->last_trend)
            delay->usage = CV_BWE_OVERUSE;
    } else {
        delay->overusing_groups = 0;
        delay->usage = trend_ms < -delay->threshold_ms ? CV_BWE_UNDERUSE : CV_BWE_NORMAL;
    }
    delay->last_trend = trend;
    adapt_threshold(delay, trend_ms, now_us);
}

/* Two neighbouring groups are complete: how did the delay change between them? */
static void compare_groups(struct cv_bwe_delay *delay) {
    const struct cv_bwe_group *a = &delay->previous, *b = &delay->current;
    double change_ms = (double)((b->arrival_us - a->arrival_us) - (b->sent_us - a->sent_us)) / 1000;
    if (delay->point_count == 0) {
        delay->first_arrival_us = b->arrival_us;
        delay->threshold_at_us = b->arrival_us;
        delay->threshold_ms = first_threshold_ms;
    }
    delay->accumulated_ms += change_ms;
    delay->smoothed_ms = smoothing * delay->smoothed_ms + (1 - smoothing) * delay->accumulated_ms;
    delay->points[delay->point_count++ % CV_BWE_TREND_GROUPS] = (struct cv_bwe_point){
        (double)(b->arrival_us - delay->first_arrival_us) / 1000, delay->smoothed_ms};
    double trend = delay->point_count >= CV_BWE_TREND_GROUPS ? slope(delay) : 0;
    detect(delay, trend, b->arrival_us);
}

void cv_bwe_delay_add(struct cv_bwe_delay *delay, int64_t sent_us, int64_t arrival_us) {
    struct cv_bwe_group *current = &delay->current;
    if (delay->has_current &&
        (sent_us - current->sent_us > MAX_GAP_US || arrival_us - current->arrival_us > MAX_GAP_US ||
         arrival_us - current->arrival_us < -MAX_GAP_US))
        *delay = (struct cv_bwe_delay){.threshold_ms = delay->threshold_ms};
    if (delay->has_current && sent_us - current->first_sent_us <= BURST_US) {
        if (sent_us > current->sent_us)
            current->sent_us = sent_us;
        if (arrival_us > current->arrival_us)
            current->arrival_us = arrival_us;
        return;
    }
    if (delay->has_current) {
        if (delay->previous.complete)
            compare_groups(delay);
        delay->previous = *current;
        delay->previous.complete = true;
    }
    *current = (struct cv_bwe_group){sent_us, sent_us, arrival_us, false};
    delay->has_current = true;
}
