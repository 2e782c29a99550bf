/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sender with an estimator and a receiver that reports, with a bottleneck between them, in
 * virtual time: a link of changing rate with a drop-tail queue, a delay each way, random loss and
 * jitter by a seed. Media is sent evenly at the target or at what is wanted, whichever is less, or
 * in frames through a pacer; probes are filled up with padding.
 */
#ifndef CV_TEST_BOTTLENECK_H
#define CV_TEST_BOTTLENECK_H

#include "media/bwe.h"
#include "media/pacer.h"
#include "seeded.h"

enum {
    CV_BOTTLENECK_PACKET_BYTES = 1200,
    CV_BOTTLENECK_IN_FLIGHT = 8192,
    CV_BOTTLENECK_REPORTS = 16,
};

struct cv_link {
    int64_t rate_bps;
    int64_t delay_us;
    int64_t back_us;  /* delay of the reports */
    int64_t queue_us; /* the longest queue; what comes then is dropped */
    uint32_t loss_permille;
    uint32_t jitter_us;
};

struct cv_bottleneck {
    struct cv_link link;
    struct cv_seeded seeded;
    struct cv_bwe *bwe;
    int64_t wanted_bps;
    bool
        frames; /* thirty a second, of uneven sizes, and a key frame five times as large at times */
    struct cv_pacer pacer;
    int64_t frame_at_us, queued_since_us, longest_wait_us;
    size_t frame_count, queued_bytes;
    struct cv_twcc_recorder recorder;
    struct {
        int64_t at_us;
        uint16_t sequence;
    } arrivals[CV_BOTTLENECK_IN_FLIGHT]; /* a ring, in order */
    size_t head, tail;
    struct {
        int64_t at_us;
        size_t size;
        uint8_t bytes[CV_RTCP_MAX_BYTES];
    } reports[CV_BOTTLENECK_REPORTS]; /* on their way back; a ring */
    size_t report_head, report_tail;
    int64_t now_us, free_at_us, last_arrival_us, report_at_us;
    double credit_bits;
    uint16_t sequence;
    /* Of the last run: */
    int64_t mean_bps; /* of the target */
    int64_t worst_queue_us;
    int64_t over_us; /* the longest time that the queue was over 150 ms */
    int64_t padding_bytes, media_bytes, delivered_bytes;
};

void cv_bottleneck_begin(struct cv_bottleneck *b, struct cv_link link, int64_t start_bps,
                         uint64_t seed);
void cv_bottleneck_end(struct cv_bottleneck *b);

/* Runs for a while; the mean target. */
int64_t cv_bottleneck_run(struct cv_bottleneck *b, int64_t for_us);

/* Runs until the target is in the range and stays there for a second; how long until it came in. */
int64_t cv_bottleneck_run_until(struct cv_bottleneck *b, int64_t least_bps, int64_t most_bps,
                                int64_t at_most_us);

#endif
