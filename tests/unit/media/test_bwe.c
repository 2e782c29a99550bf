/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The estimator over a simulated link in virtual time: a bottleneck of changing rate with a
 * drop-tail queue, a delay each way, random loss and jitter by a seed, and a receiver that reports
 * every 100 ms. The sender sends evenly at the target.
 */
#include "media/bwe.h"
#include "seeded.h"
#include "test.h"

#include <stdlib.h>

enum { PACKET_BYTES = 1200, IN_FLIGHT = 8192, STEP_US = 1000, REPORT_US = 100000 };

struct link {
    int64_t rate_bps;
    int64_t delay_us;
    int64_t queue_us; /* the longest queue; what comes then is dropped */
    uint32_t loss_permille;
    uint32_t jitter_us;
};

struct arrival {
    int64_t at_us;
    uint16_t sequence;
};

struct simulation {
    struct link link;
    struct cv_seeded seeded;
    struct cv_bwe *bwe;
    struct cv_twcc_recorder recorder;
    struct arrival arrivals[IN_FLIGHT]; /* a ring, in order but for jitter */
    size_t head, tail;
    int64_t now_us, free_at_us, last_arrival_us, report_at_us;
    double credit_bits;
    uint16_t sequence;
    int64_t worst_queue_us;
};

static void begin(struct simulation *s, struct link link, int64_t start_bps, uint64_t seed) {
    memset(s, 0, sizeof *s);
    s->link = link;
    s->seeded.state = seed;
    s->now_us = s->free_at_us = 5 * CV_US_PER_S;
    struct cv_bwe_config config = {start_bps, 30000, 20000000};
    s->bwe = cv_bwe_new(&config, s->now_us);
    assert_non_null(s->bwe);
}

static void end(struct simulation *s) {
    s->bwe = cv_bwe_free(s->bwe);
}

static void send_packet(struct simulation *s) {
    int64_t queue_us = s->free_at_us > s->now_us ? s->free_at_us - s->now_us : 0;
    uint16_t sequence = s->sequence++;
    cv_bwe_sent(s->bwe, sequence, PACKET_BYTES, s->now_us);
    if (queue_us > s->worst_queue_us)
        s->worst_queue_us = queue_us;
    if (queue_us > s->link.queue_us || cv_seeded_below(&s->seeded, 1000) < s->link.loss_permille)
        return;
    s->free_at_us = s->now_us + queue_us + PACKET_BYTES * 8 * CV_US_PER_S / s->link.rate_bps;
    int64_t at_us = s->free_at_us + s->link.delay_us;
    if (s->link.jitter_us)
        at_us += cv_seeded_below(&s->seeded, s->link.jitter_us);
    if (at_us < s->last_arrival_us)
        at_us = s->last_arrival_us;
    s->last_arrival_us = at_us;
    s->arrivals[s->head++ % IN_FLIGHT] = (struct arrival){at_us, sequence};
    assert_true(s->head - s->tail < IN_FLIGHT);
}

static void report(struct simulation *s) {
    uint8_t bytes[CV_RTCP_MAX_BYTES];
    struct cv_rtcp_writer writer;
    struct cv_rtcp_packet packet;
    struct cv_rtcp_feedback feedback;
    size_t offset = 0;
    cv_rtcp_begin(&writer, bytes, sizeof bytes);
    while (cv_twcc_report(&s->recorder, &writer, 1, 2)) {
        assert_int_equal(cv_rtcp_check(cv_slice_of(bytes, writer.size)), CV_OK);
        assert_true(cv_rtcp_next(cv_slice_of(bytes, writer.size), &offset, &packet));
        assert_int_equal(cv_rtcp_read_feedback(&packet, &feedback), CV_OK);
        /* The way back is taken as instantaneous; the round trip is the way there. */
        assert_int_equal(cv_bwe_feedback(s->bwe, feedback.control, s->now_us), CV_OK);
        cv_rtcp_begin(&writer, bytes, sizeof bytes);
        offset = 0;
    }
}

/* Runs for a while and returns the mean target. */
static int64_t run(struct simulation *s, int64_t for_us) {
    int64_t end_us = s->now_us + for_us, sum = 0, count = 0;
    s->worst_queue_us = 0;
    for (; s->now_us < end_us; s->now_us += STEP_US) {
        int64_t target_bps = cv_bwe_target_bps(s->bwe);
        assert_in_range(target_bps, 30000, 20000000);
        sum += target_bps;
        count++;
        s->credit_bits += (double)target_bps * STEP_US / (double)CV_US_PER_S;
        for (; s->credit_bits >= PACKET_BYTES * 8; s->credit_bits -= PACKET_BYTES * 8)
            send_packet(s);
        for (; s->tail != s->head && s->arrivals[s->tail % IN_FLIGHT].at_us <= s->now_us; s->tail++)
            cv_twcc_record(&s->recorder, s->arrivals[s->tail % IN_FLIGHT].sequence,
                           s->arrivals[s->tail % IN_FLIGHT].at_us);
        if (s->now_us >= s->report_at_us) {
            report(s);
            s->report_at_us = s->now_us + REPORT_US;
        }
    }
    return sum / count;
}

static const struct link plain = {2000000, 25000, 300000, 0, 3000};

static void fills_a_link_without_filling_its_queue(void **state) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct simulation s;
        begin(&s, plain, 300000, seed);
        run(&s, 40 * CV_US_PER_S);
        int64_t mean_bps = run(&s, 30 * CV_US_PER_S);
        assert_in_range(mean_bps, 2000000 * 75 / 100, 2000000 * 105 / 100);
        assert_true(s.worst_queue_us < 150000);
        end(&s);
    }
}

static void follows_a_link_down_at_once(void **state) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct simulation s;
        struct link link = plain;
        link.rate_bps = 10000000;
        begin(&s, link, 8000000, seed);
        run(&s, 20 * CV_US_PER_S);
        s.link.rate_bps = 800000;
        run(&s, 3 * CV_US_PER_S);
        int64_t mean_bps = run(&s, 20 * CV_US_PER_S);
        assert_in_range(mean_bps, 800000 * 60 / 100, 800000 * 105 / 100);
        end(&s);
    }
}

static void finds_new_room(void **state) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct simulation s;
        struct link link = plain;
        link.rate_bps = 800000;
        begin(&s, link, 500000, seed);
        run(&s, 20 * CV_US_PER_S);
        s.link.rate_bps = 10000000;
        run(&s, 60 * CV_US_PER_S);
        int64_t mean_bps = run(&s, 10 * CV_US_PER_S);
        assert_true(mean_bps > 7000000);
        end(&s);
    }
}

/* Radio loses without queues: two in a hundred are no congestion, twenty are treated as such. */
static void tells_light_loss_from_heavy(void **state) {
    static const struct {
        uint32_t loss_permille;
        int64_t least_bps, most_bps;
    } cases[] = {{10, 1400000, 2100000}, {50, 1200000, 2100000}, {200, 30000, 300000}};
    for (size_t i = 0; i < 3; i++) {
        struct simulation s;
        struct link link = plain;
        link.loss_permille = cases[i].loss_permille;
        begin(&s, link, 1500000, 3);
        run(&s, 40 * CV_US_PER_S);
        int64_t mean_bps = run(&s, 20 * CV_US_PER_S);
        assert_in_range(mean_bps, cases[i].least_bps, cases[i].most_bps);
        assert_in_range(cv_bwe_loss_permille(s.bwe), 0, cases[i].loss_permille + 150);
        end(&s);
    }
}

static void jitter_is_not_congestion(void **state) {
    struct simulation s;
    struct link link = plain;
    link.jitter_us = 15000;
    begin(&s, link, 300000, 9);
    run(&s, 40 * CV_US_PER_S);
    int64_t mean_bps = run(&s, 20 * CV_US_PER_S);
    assert_true(mean_bps > 1200000);
    end(&s);
}

static void feedback_of_strangers_changes_nothing(void **state) {
    struct cv_bwe_config config = {500000, 30000, 1000000};
    struct cv_bwe *bwe = cv_bwe_new(&config, CV_US_PER_S);
    struct cv_seeded seeded = {4};
    uint8_t control[64];
    assert_int_equal(cv_bwe_feedback(bwe, (struct cv_slice){0}, CV_US_PER_S), CV_ERR_SYNTAX);
    for (int i = 0; i < 100000; i++) {
        cv_seeded_fill(&seeded, control, sizeof control);
        control[2] = 0; /* few statuses */
        cv_bwe_feedback(bwe, cv_slice_of(control, sizeof control), CV_US_PER_S + i * 1000);
    }
    assert_true(cv_bwe_target_bps(bwe) == 500000);
    cv_bwe_free(bwe);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_a_link_without_filling_its_queue),
        cmocka_unit_test(follows_a_link_down_at_once),
        cmocka_unit_test(finds_new_room),
        cmocka_unit_test(tells_light_loss_from_heavy),
        cmocka_unit_test(jitter_is_not_congestion),
        cmocka_unit_test(feedback_of_strangers_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
