/* SPDX-License-Identifier: Apache-2.0 */
#include "bottleneck.h"

#include "test.h"

enum { STEP_US = 1000, REPORT_US = 100000, LONG_QUEUE_US = 150000 };
enum { MIN_BPS = 30000, MAX_BPS = 20000000 };
enum { FRAME_US = 33333, KEY_FRAME_EVERY = 90, KEY_FRAME_FACTOR = 5 };

void cv_bottleneck_begin(struct cv_bottleneck *b, struct cv_link link, int64_t start_bps,
                         uint64_t seed) {
    memset(b, 0, sizeof *b);
    b->link = link;
    b->seeded.state = seed;
    b->now_us = b->free_at_us = 5 * CV_US_PER_S;
    b->wanted_bps = MAX_BPS;
    struct cv_bwe_config config = {start_bps, MIN_BPS, MAX_BPS};
    b->bwe = cv_bwe_new(&config, b->now_us);
    assert_non_null(b->bwe);
    cv_pacer_init(&b->pacer, start_bps, b->now_us);
}

void cv_bottleneck_end(struct cv_bottleneck *b) {
    b->bwe = cv_bwe_free(b->bwe);
}

static int64_t queue_us(const struct cv_bottleneck *b) {
    return b->free_at_us > b->now_us ? b->free_at_us - b->now_us : 0;
}

static void send_packet(struct cv_bottleneck *b, size_t bytes) {
    uint16_t sequence = b->sequence++;
    cv_bwe_sent(b->bwe, sequence, bytes, b->now_us);
    if (queue_us(b) > b->link.queue_us || cv_seeded_below(&b->seeded, 1000) < b->link.loss_permille)
        return;
    b->free_at_us = b->now_us + queue_us(b) + (int64_t)bytes * 8 * CV_US_PER_S / b->link.rate_bps;
    int64_t at_us = b->free_at_us + b->link.delay_us;
    if (b->link.jitter_us)
        at_us += cv_seeded_below(&b->seeded, b->link.jitter_us);
    if (at_us < b->last_arrival_us)
        at_us = b->last_arrival_us;
    b->last_arrival_us = at_us;
    b->delivered_bytes += (int64_t)bytes;
    b->arrivals[b->head % CV_BOTTLENECK_IN_FLIGHT].at_us = at_us;
    b->arrivals[b->head++ % CV_BOTTLENECK_IN_FLIGHT].sequence = sequence;
    assert_true(b->head - b->tail < CV_BOTTLENECK_IN_FLIGHT);
}

static void send_evenly(struct cv_bottleneck *b, int64_t media_bps) {
    b->credit_bits += (double)media_bps * STEP_US / (double)CV_US_PER_S;
    for (; b->credit_bits >= CV_BOTTLENECK_PACKET_BYTES * 8;
         b->credit_bits -= CV_BOTTLENECK_PACKET_BYTES * 8) {
        send_packet(b, CV_BOTTLENECK_PACKET_BYTES);
        b->media_bytes += CV_BOTTLENECK_PACKET_BYTES;
    }
}

static void make_frame(struct cv_bottleneck *b, int64_t media_bps) {
    int64_t mean_bytes = media_bps * FRAME_US / CV_US_PER_S / 8;
    /* Ninety frames cost as much as ninety mean ones: the key frame is saved on the others. */
    int64_t usual = mean_bytes * (KEY_FRAME_EVERY - KEY_FRAME_FACTOR) / (KEY_FRAME_EVERY - 1);
    bool key = b->frame_count++ % KEY_FRAME_EVERY == 0;
    int64_t bytes =
        key ? KEY_FRAME_FACTOR * mean_bytes : usual * (75 + cv_seeded_below(&b->seeded, 51)) / 100;
    if (b->queued_bytes == 0)
        b->queued_since_us = b->now_us;
    b->queued_bytes += (size_t)bytes;
    b->frame_at_us = b->now_us + FRAME_US;
}

static void send_frames(struct cv_bottleneck *b, int64_t media_bps) {
    if (b->now_us >= b->frame_at_us)
        make_frame(b, media_bps);
    cv_pacer_set_target(&b->pacer, cv_bwe_target_bps(b->bwe));
    while (b->queued_bytes > 0 &&
           cv_pacer_may_send(&b->pacer, b->now_us, b->queued_bytes, b->queued_since_us)) {
        size_t bytes = b->queued_bytes < CV_BOTTLENECK_PACKET_BYTES ? b->queued_bytes
                                                                    : CV_BOTTLENECK_PACKET_BYTES;
        if (b->now_us - b->queued_since_us > b->longest_wait_us)
            b->longest_wait_us = b->now_us - b->queued_since_us;
        send_packet(b, bytes);
        cv_pacer_sent(&b->pacer, b->now_us, bytes);
        b->media_bytes += (int64_t)bytes;
        b->queued_bytes -= bytes;
    }
}

/* Media first; what a probe asks for beyond it is padding. */
static void send_packets(struct cv_bottleneck *b) {
    int64_t target_bps = cv_bwe_target_bps(b->bwe);
    int64_t media_bps = target_bps < b->wanted_bps ? target_bps : b->wanted_bps;
    if (b->frames)
        send_frames(b, media_bps);
    else
        send_evenly(b, media_bps);
    if (b->now_us < cv_bwe_deadline(b->bwe))
        return;
    while (cv_bwe_probe_bytes(b->bwe, b->now_us) > 0) {
        send_packet(b, CV_BOTTLENECK_PACKET_BYTES);
        b->padding_bytes += CV_BOTTLENECK_PACKET_BYTES;
    }
}

static void receive_packets(struct cv_bottleneck *b) {
    for (; b->tail != b->head; b->tail++) {
        size_t i = b->tail % CV_BOTTLENECK_IN_FLIGHT;
        if (b->arrivals[i].at_us > b->now_us)
            break;
        cv_twcc_record(&b->recorder, b->arrivals[i].sequence, b->arrivals[i].at_us);
    }
    if (b->now_us < b->report_at_us)
        return;
    b->report_at_us = b->now_us + REPORT_US;
    for (;;) {
        struct cv_rtcp_writer writer;
        size_t i = b->report_head % CV_BOTTLENECK_REPORTS;
        cv_rtcp_begin(&writer, b->reports[i].bytes, sizeof b->reports[i].bytes);
        if (!cv_twcc_report(&b->recorder, &writer, 1, 2))
            break;
        b->reports[i].size = writer.size;
        b->reports[i].at_us = b->now_us + b->link.back_us;
        b->report_head++;
        assert_true(b->report_head - b->report_tail < CV_BOTTLENECK_REPORTS);
    }
}

static void take_reports(struct cv_bottleneck *b) {
    for (; b->report_tail != b->report_head; b->report_tail++) {
        size_t i = b->report_tail % CV_BOTTLENECK_REPORTS, offset = 0;
        struct cv_rtcp_packet packet;
        struct cv_rtcp_feedback feedback;
        if (b->reports[i].at_us > b->now_us)
            return;
        struct cv_slice compound = cv_slice_of(b->reports[i].bytes, b->reports[i].size);
        assert_int_equal(cv_rtcp_check(compound), CV_OK);
        assert_true(cv_rtcp_next(compound, &offset, &packet));
        assert_int_equal(cv_rtcp_read_feedback(&packet, &feedback), CV_OK);
        assert_int_equal(cv_bwe_feedback(b->bwe, feedback.control, b->now_us), CV_OK);
    }
}

static void step(struct cv_bottleneck *b, int64_t *over_since_us) {
    send_packets(b);
    receive_packets(b);
    take_reports(b);
    if (queue_us(b) > b->worst_queue_us)
        b->worst_queue_us = queue_us(b);
    if (queue_us(b) <= LONG_QUEUE_US)
        *over_since_us = b->now_us;
    if (b->now_us - *over_since_us > b->over_us)
        b->over_us = b->now_us - *over_since_us;
    b->now_us += STEP_US;
}

static void start_counting(struct cv_bottleneck *b) {
    b->worst_queue_us = b->over_us = b->longest_wait_us = 0;
    b->padding_bytes = b->media_bytes = b->delivered_bytes = 0;
    cv_bwe_set_wanted(b->bwe, b->wanted_bps);
}

int64_t cv_bottleneck_run(struct cv_bottleneck *b, int64_t for_us) {
    int64_t end_us = b->now_us + for_us, over_since_us = b->now_us, sum = 0, count = 0;
    start_counting(b);
    while (b->now_us < end_us) {
        int64_t target_bps = cv_bwe_target_bps(b->bwe);
        assert_in_range(target_bps, MIN_BPS, MAX_BPS);
        sum += target_bps;
        count++;
        step(b, &over_since_us);
    }
    b->mean_bps = sum / count;
    return b->mean_bps;
}

int64_t cv_bottleneck_run_until(struct cv_bottleneck *b, int64_t least_bps, int64_t most_bps,
                                int64_t at_most_us) {
    int64_t began_us = b->now_us, in_since_us = CV_TIME_NEVER, over_since_us = b->now_us;
    start_counting(b);
    while (b->now_us - began_us < at_most_us) {
        int64_t target_bps = cv_bwe_target_bps(b->bwe);
        if (target_bps < least_bps || target_bps > most_bps)
            in_since_us = CV_TIME_NEVER;
        else if (in_since_us == CV_TIME_NEVER)
            in_since_us = b->now_us;
        else if (b->now_us - in_since_us >= CV_US_PER_S)
            break;
        step(b, &over_since_us);
    }
    return in_since_us == CV_TIME_NEVER ? at_most_us : in_since_us - began_us;
}
