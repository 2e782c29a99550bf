/* SPDX-License-Identifier: Apache-2.0 */
#include "media/receive_stats.h"

#include "test.h"

enum { CLOCK_HZ = 90000, FRAME_US = 40000, FRAME_TICKS = 3600, SSRC = 77 };

static struct cv_receive_stats stats;
static struct cv_rtcp_report report;
static int64_t now_us;
static uint32_t timestamp;

static int set_up(void **state) {
    memset(&stats, 0, sizeof stats);
    now_us = 100 * CV_US_PER_S;
    timestamp = UINT32_MAX - 10000;
    return 0;
}

/* The next frame, of one packet, arrives later by `late_us`. */
static void receive(uint16_t sequence, int64_t late_us) {
    now_us += FRAME_US;
    timestamp += FRAME_TICKS;
    cv_receive_stats_packet(&stats, sequence, timestamp, CLOCK_HZ, 1000, now_us + late_us);
}

static void make_report(void) {
    assert_true(cv_receive_stats_report(&stats, SSRC, now_us, &report));
    assert_int_equal(report.ssrc, SSRC);
}

static void nothing_received_is_no_report(void **state) {
    assert_false(cv_receive_stats_report(&stats, SSRC, now_us, &report));
    assert_int_equal(cv_receive_stats_lost(&stats), 0);
}

static void counts_over_the_wrap(void **state) {
    for (uint32_t i = 65000; i < 66000; i++)
        receive((uint16_t)i, 0);
    make_report();
    assert_int_equal(report.highest, 65999);
    assert_int_equal(report.lost, 0);
    assert_int_equal(report.fraction_lost, 0);
    assert_int_equal(report.jitter, 0);
    assert_int_equal(stats.packets, 1000);
    assert_int_equal(stats.bytes, 1000000);
}

static void tells_what_was_lost_since_the_last_report(void **state) {
    for (uint16_t i = 0; i < 100; i++)
        if (i % 4 != 1)
            receive(i, 0);
    make_report();
    assert_int_equal(report.lost, 25);
    assert_int_equal(report.fraction_lost, 64);
    for (uint16_t i = 100; i < 200; i++)
        receive(i, 0);
    make_report();
    assert_int_equal(report.lost, 25);
    assert_int_equal(report.fraction_lost, 0);
}

/* One that comes late was not lost; one that comes twice makes up for another (RFC 3550 A.3). */
static void late_and_repeated_packets_count(void **state) {
    receive(10, 0);
    receive(12, 0);
    assert_int_equal(cv_receive_stats_lost(&stats), 1);
    receive(11, 0);
    assert_int_equal(cv_receive_stats_lost(&stats), 0);
    receive(12, 0);
    make_report();
    assert_int_equal(report.lost, -1);
    assert_int_equal(report.fraction_lost, 0);
    assert_int_equal(report.highest, 12);
}

static void everything_lost_but_the_newest_fits_the_fraction(void **state) {
    receive(0, 0);
    make_report();
    receive(2000, 0);
    make_report();
    assert_int_equal(report.lost, 1999);
    assert_int_equal(report.fraction_lost, 255);
}

/* Every second frame 10 ms late: the mean difference is 10 ms, 900 ticks. */
static void jitter_is_the_mean_change_of_transit_time(void **state) {
    for (uint16_t i = 0; i < 500; i++)
        receive(i, i % 2 * 10000);
    make_report();
    assert_in_range(report.jitter, 880, 901);
}

static void packets_of_one_frame_are_no_jitter(void **state) {
    for (uint16_t i = 0; i < 500; i++) {
        receive((uint16_t)(i * 3), 0);
        for (uint16_t j = 1; j < 3; j++)
            cv_receive_stats_packet(&stats, (uint16_t)(i * 3 + j), timestamp, CLOCK_HZ, 1000,
                                    now_us + 2000 * j);
    }
    make_report();
    assert_int_equal(report.jitter, 0);
}

static void wild_timestamps_stay_bounded(void **state) {
    for (uint16_t i = 0; i < 1000; i++) {
        timestamp = i * UINT32_C(0x9e3779b9);
        receive(i, 0);
    }
    make_report();
    assert_true(report.jitter <= CLOCK_HZ);
}

static void a_jump_is_a_new_beginning(void **state) {
    for (uint16_t i = 0; i < 10; i++)
        receive(i, 0);
    receive(30000, 0);
    make_report();
    assert_int_equal(report.lost, 0);
    assert_int_equal(report.highest, 30000);
    assert_int_equal(stats.packets, 11);
}

static void tells_when_the_last_sender_report_came(void **state) {
    receive(1, 0);
    make_report();
    assert_int_equal(report.last_sr, 0);
    assert_int_equal(report.delay, 0);
    cv_receive_stats_sender_report(&stats, UINT64_C(0x1122334455667788), now_us);
    now_us += CV_US_PER_S / 2;
    make_report();
    assert_int_equal(report.last_sr, 0x33445566);
    assert_int_equal(report.delay, 32768);
    now_us += 20 * CV_US_PER_HOUR;
    make_report();
    assert_true(report.delay == UINT32_MAX);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_received_is_no_report),
        TEST(counts_over_the_wrap),
        TEST(tells_what_was_lost_since_the_last_report),
        TEST(late_and_repeated_packets_count),
        TEST(everything_lost_but_the_newest_fits_the_fraction),
        TEST(jitter_is_the_mean_change_of_transit_time),
        TEST(packets_of_one_frame_are_no_jitter),
        TEST(wild_timestamps_stay_bounded),
        TEST(a_jump_is_a_new_beginning),
        TEST(tells_when_the_last_sender_report_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
