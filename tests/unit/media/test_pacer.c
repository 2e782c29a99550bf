/* SPDX-License-Identifier: Apache-2.0 */
#include "media/pacer.h"

#include "test.h"

enum { PACKET_BYTES = 1200, TARGET_BPS = 1000000 };

static struct cv_pacer pacer;
static int64_t now_us;

static int set_up(void **state) {
    now_us = 50 * CV_US_PER_S;
    cv_pacer_init(&pacer, TARGET_BPS, now_us);
    return 0;
}

/* Sends a queue of so many packets by the pacer's deadlines; returns how long it took. */
static int64_t send_queue(size_t packets, size_t *ret_most_at_once) {
    int64_t began_us = now_us;
    *ret_most_at_once = 0;
    while (packets > 0) {
        size_t at_once = 0;
        while (packets > 0 && cv_pacer_may_send(&pacer, now_us, packets * PACKET_BYTES, began_us)) {
            cv_pacer_sent(&pacer, now_us, PACKET_BYTES);
            packets--;
            at_once++;
        }
        if (at_once > *ret_most_at_once)
            *ret_most_at_once = at_once;
        if (packets == 0)
            break;
        assert_true(cv_pacer_deadline(&pacer) > now_us);
        now_us = cv_pacer_deadline(&pacer);
    }
    return now_us - began_us;
}

static void a_packet_goes_at_once(void **state) {
    assert_true(cv_pacer_may_send(&pacer, now_us, PACKET_BYTES, now_us));
    assert_true(cv_pacer_deadline(&pacer) <= now_us);
}

/* 30 kB at 2.5 Mbit/s: 96 ms, in small steps. */
static void a_key_frame_is_spread(void **state) {
    size_t most;
    int64_t took_us = send_queue(25, &most);
    assert_in_range(took_us, 80000, 100000);
    assert_in_range(most, 1, 3);
}

static void the_next_frame_waits_for_none(void **state) {
    size_t most;
    send_queue(25, &most);
    now_us += 33000;
    assert_in_range(send_queue(3, &most), 0, 10000);
}

/* 500 kB at 2.5 Mbit/s would be 1.6 s. */
static void no_queue_waits_for_more_than_half_a_second(void **state) {
    size_t most;
    assert_in_range(send_queue(420, &most), 300000, CV_PACER_MAX_WAIT_US + 30000);
}

static void what_waits_too_long_already_goes_soon(void **state) {
    int64_t began_us = now_us;
    size_t packets = 100;
    now_us += 2 * CV_PACER_MAX_WAIT_US;
    int64_t from_us = now_us;
    while (packets > 0) {
        if (!cv_pacer_may_send(&pacer, now_us, packets * PACKET_BYTES, began_us)) {
            now_us = cv_pacer_deadline(&pacer);
            continue;
        }
        cv_pacer_sent(&pacer, now_us, PACKET_BYTES);
        packets--;
    }
    assert_true(now_us - from_us < 150000);
}

/* Audio is sent without asking, and video waits for it. */
static void audio_counts(void **state) {
    for (int i = 0; i < 20; i++)
        cv_pacer_sent(&pacer, now_us, 200);
    assert_false(cv_pacer_may_send(&pacer, now_us, PACKET_BYTES, now_us));
    now_us = cv_pacer_deadline(&pacer);
    assert_true(cv_pacer_may_send(&pacer, now_us, PACKET_BYTES, now_us));
}

static void nothing_makes_it_wait_for_long(void **state) {
    for (int i = 0; i < 100000; i++)
        cv_pacer_sent(&pacer, now_us, PACKET_BYTES);
    assert_true(cv_pacer_deadline(&pacer) - now_us <= CV_US_PER_S);
    cv_pacer_set_target(&pacer, 0);
    assert_true(cv_pacer_deadline(&pacer) - now_us <= 100 * CV_US_PER_S);
    cv_pacer_sent(&pacer, now_us, 1);
    assert_true(cv_pacer_deadline(&pacer) - now_us <= CV_US_PER_S);
}

static void a_clock_that_stands_still_does_no_harm(void **state) {
    assert_true(cv_pacer_may_send(&pacer, now_us - CV_US_PER_S, PACKET_BYTES, now_us));
    cv_pacer_sent(&pacer, now_us - CV_US_PER_S, PACKET_BYTES);
    assert_true(pacer.drained_at_us == now_us);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_packet_goes_at_once),
        TEST(a_key_frame_is_spread),
        TEST(the_next_frame_waits_for_none),
        TEST(no_queue_waits_for_more_than_half_a_second),
        TEST(what_waits_too_long_already_goes_soon),
        TEST(audio_counts),
        TEST(nothing_makes_it_wait_for_long),
        TEST(a_clock_that_stands_still_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
