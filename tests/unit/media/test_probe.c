/* SPDX-License-Identifier: Apache-2.0 */
#include "media/probe.h"

#include "test.h"

enum { PACKET_BYTES = 1200, START_BPS = 300000, MAX_BPS = 20000000, DELAY_US = 40000 };

static struct cv_probe probe;
static int64_t now_us, result_bps;
static uint16_t next_sequence;

static int set_up(void **state) {
    now_us = 9 * CV_US_PER_S;
    next_sequence = 65530;
    cv_probe_init(&probe, START_BPS, MAX_BPS, now_us);
    return 0;
}

/*
 * Sends a cluster of packets of this size by the deadlines of the plan; returns how many, and how
 * long it took.
 */
static size_t send_cluster(size_t packet_bytes, int64_t *ret_took_us) {
    size_t count = 0;
    int64_t began_us = now_us;
    struct cv_probe_cluster *cluster = &probe.clusters[0];
    if (cluster->state != CV_PROBE_WAITING)
        cluster = &probe.clusters[1];
    assert_int_equal(cluster->state, CV_PROBE_WAITING);
    while (cluster->state != CV_PROBE_SENT) {
        while (cluster->state != CV_PROBE_SENT && cv_probe_due_bytes(&probe, now_us) > 0) {
            cv_probe_packet_sent(&probe, next_sequence++, packet_bytes, now_us);
            count++;
        }
        if (cluster->state != CV_PROBE_SENT)
            now_us = cv_probe_deadline(&probe) > now_us ? cv_probe_deadline(&probe) : now_us;
    }
    *ret_took_us = now_us - began_us;
    return count;
}

/* The `count` last packets arrive over a link of this rate. */
static void arrive(size_t count, size_t packet_bytes, int64_t rate_bps) {
    int64_t at_us = now_us + DELAY_US;
    for (size_t i = count; i > 0; i--) {
        at_us += (int64_t)packet_bytes * 8 * CV_US_PER_S / rate_bps;
        assert_true(
            cv_probe_packet_arrived(&probe, (uint16_t)(next_sequence - i), packet_bytes, at_us));
    }
    now_us = at_us + DELAY_US;
}

static void starts_with_three_and_six_times_the_rate(void **state) {
    int64_t took_us;
    assert_int_equal(probe.clusters[0].rate_bps, 3 * START_BPS);
    assert_int_equal(probe.clusters[1].rate_bps, 6 * START_BPS);
    size_t count = send_cluster(PACKET_BYTES, &took_us);
    assert_int_equal(count, CV_PROBE_MIN_PACKETS);
    assert_in_range(took_us, CV_PROBE_LEAST_US, 50000);
    count = send_cluster(200, &took_us);
    assert_in_range(count, 15, 25);
    assert_in_range(took_us, CV_PROBE_LEAST_US - 2000, 20000);
    assert_int_equal(cv_probe_due_bytes(&probe, now_us), 0);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
}

static void a_start_near_the_maximum_probes_for_no_more(void **state) {
    cv_probe_init(&probe, MAX_BPS / 4, MAX_BPS, now_us);
    assert_int_equal(probe.clusters[0].state, CV_PROBE_WAITING);
    assert_int_equal(probe.clusters[1].state, CV_PROBE_IDLE);
    cv_probe_init(&probe, MAX_BPS, MAX_BPS, now_us);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
}

static void what_comes_through_is_the_rate_and_more_is_tried(void **state) {
    int64_t took_us;
    send_cluster(PACKET_BYTES, &took_us);
    size_t count = send_cluster(PACKET_BYTES, &took_us);
    arrive(count, PACKET_BYTES, 8 * START_BPS);
    assert_true(cv_probe_result(&probe, MAX_BPS, now_us, &result_bps));
    assert_in_range(result_bps, 5 * START_BPS, 6 * START_BPS + START_BPS / 10);
    /* Nothing was heard of the first. Once it is given up, twice the present rate is tried. */
    now_us += 2 * CV_US_PER_S;
    cv_probe_plan(&probe, result_bps, MAX_BPS, now_us);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
    now_us += 4 * CV_US_PER_S;
    cv_probe_plan(&probe, result_bps, MAX_BPS, now_us);
    count = send_cluster(PACKET_BYTES, &took_us);
    arrive(count, PACKET_BYTES, 16 * START_BPS);
    assert_true(cv_probe_result(&probe, MAX_BPS, now_us, &result_bps));
    assert_in_range(result_bps, 10 * START_BPS, 13 * START_BPS);
    assert_true(cv_probe_deadline(&probe) <= now_us);
}

static void a_saturated_path_shows_what_it_carries(void **state) {
    int64_t took_us;
    send_cluster(PACKET_BYTES, &took_us);
    size_t count = send_cluster(PACKET_BYTES, &took_us);
    arrive(count, PACKET_BYTES, 2 * START_BPS);
    assert_true(cv_probe_result(&probe, MAX_BPS, now_us, &result_bps));
    assert_in_range(result_bps, 2 * START_BPS * 94 / 100, 2 * START_BPS * 96 / 100);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
}

/* Arrivals much faster than sent were held back somewhere and prove nothing. */
static void bunched_arrivals_tell_nothing(void **state) {
    int64_t took_us;
    size_t count = send_cluster(PACKET_BYTES, &took_us);
    for (size_t i = count; i > 0; i--)
        cv_probe_packet_arrived(&probe, (uint16_t)(next_sequence - i), PACKET_BYTES, now_us);
    assert_false(cv_probe_result(&probe, MAX_BPS, now_us, &result_bps));
    cv_probe_init(&probe, START_BPS, MAX_BPS, now_us);
    count = send_cluster(PACKET_BYTES, &took_us);
    arrive(count, PACKET_BYTES, 9 * START_BPS);
    assert_false(cv_probe_result(&probe, MAX_BPS, now_us, &result_bps));
}

static void a_cluster_with_losses_tells_nothing(void **state) {
    int64_t took_us;
    send_cluster(PACKET_BYTES, &took_us);
    arrive(CV_PROBE_MIN_PACKETS - 2, PACKET_BYTES, 3 * START_BPS);
    assert_false(cv_probe_result(&probe, MAX_BPS, now_us, &result_bps));
    now_us += 2 * CV_US_PER_S;
    cv_probe_due_bytes(&probe, now_us);
    assert_int_equal(probe.clusters[0].state, CV_PROBE_IDLE);
}

static void other_packets_belong_to_no_cluster(void **state) {
    int64_t took_us;
    assert_false(cv_probe_packet_arrived(&probe, 0, PACKET_BYTES, now_us));
    cv_probe_packet_sent(&probe, next_sequence++, PACKET_BYTES, now_us);
    size_t count = send_cluster(PACKET_BYTES, &took_us);
    uint16_t before = (uint16_t)(next_sequence - count - 1);
    assert_false(cv_probe_packet_arrived(&probe, before, PACKET_BYTES, now_us));
    assert_false(cv_probe_packet_arrived(&probe, next_sequence, PACKET_BYTES, now_us));
}

static void what_nobody_sends_is_given_up(void **state) {
    size_t asked = 0;
    for (; cv_probe_deadline(&probe) != CV_TIME_NEVER; asked++) {
        if (cv_probe_deadline(&probe) > now_us)
            now_us = cv_probe_deadline(&probe);
        cv_probe_due_bytes(&probe, now_us);
        assert_true(cv_probe_deadline(&probe) > now_us);
    }
    assert_in_range(asked, 2, 1000);
    assert_true(now_us < 11 * CV_US_PER_S);
}

/* Every few seconds, for no more than is wanted, and not at all where there is room enough. */
static void probes_again_while_more_is_wanted(void **state) {
    memset(probe.clusters, 0, sizeof probe.clusters);
    now_us += 10 * CV_US_PER_S;
    cv_probe_plan(&probe, 1000000, 1000000, now_us);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
    cv_probe_plan(&probe, 1000000, 1500000, now_us);
    assert_int_equal(probe.clusters[0].rate_bps, 1500000);
    memset(probe.clusters, 0, sizeof probe.clusters);
    cv_probe_plan(&probe, 1000000, 9000000, now_us + CV_US_PER_S);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
    cv_probe_plan(&probe, 1000000, 9000000, now_us + 5 * CV_US_PER_S);
    assert_int_equal(probe.clusters[0].rate_bps, 2000000);
}

static void a_drop_ends_what_was_planned_and_probes_soon(void **state) {
    cv_probe_dropped(&probe, now_us);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
    cv_probe_plan(&probe, 500000, MAX_BPS, now_us + CV_US_PER_S);
    assert_true(cv_probe_deadline(&probe) == CV_TIME_NEVER);
    cv_probe_plan(&probe, 500000, MAX_BPS, now_us + 2 * CV_US_PER_S);
    assert_int_equal(probe.clusters[0].rate_bps, 1000000);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(starts_with_three_and_six_times_the_rate),
        TEST(a_start_near_the_maximum_probes_for_no_more),
        TEST(what_comes_through_is_the_rate_and_more_is_tried),
        TEST(a_saturated_path_shows_what_it_carries),
        TEST(bunched_arrivals_tell_nothing),
        TEST(a_cluster_with_losses_tells_nothing),
        TEST(other_packets_belong_to_no_cluster),
        TEST(what_nobody_sends_is_given_up),
        TEST(probes_again_while_more_is_wanted),
        TEST(a_drop_ends_what_was_planned_and_probes_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
