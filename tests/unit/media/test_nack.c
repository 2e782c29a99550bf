/* SPDX-License-Identifier: Apache-2.0 */
#include "media/nack.h"

#include "seeded.h"
#include "test.h"

enum { RTT_US = 80000, ROOM = CV_NACK_MAX_MISSING };

static struct cv_nack nack;
static int64_t now_us;
static uint16_t asked[ROOM];

static int set_up(void **state) {
    memset(&nack, 0, sizeof nack);
    now_us = 10 * CV_US_PER_S;
    return 0;
}

static enum cv_nack_arrival receive(uint16_t sequence) {
    return cv_nack_received(&nack, sequence, now_us);
}

static size_t ask(void) {
    return cv_nack_ask(&nack, now_us, RTT_US, asked, ROOM);
}

static void a_stream_without_gaps_asks_for_nothing(void **state) {
    for (uint32_t i = 65000; i < 66000; i++)
        assert_int_equal(receive((uint16_t)i), CV_NACK_NEWEST);
    assert_int_equal(ask(), 0);
    assert_true(cv_nack_deadline(&nack) == CV_TIME_NEVER);
    assert_false(cv_nack_wants_key_frame(&nack));
}

static void disorder_is_waited_for(void **state) {
    receive(65535);
    receive(1);
    assert_int_equal(ask(), 0);
    assert_true(cv_nack_deadline(&nack) == now_us + CV_NACK_REORDER_US);
    assert_int_equal(receive(0), CV_NACK_FILLS);
    now_us += CV_US_PER_S;
    assert_int_equal(ask(), 0);
    assert_int_equal(nack.repaired, 0);
}

static void a_short_gap_is_asked_for_after_a_few_milliseconds(void **state) {
    receive(65534);
    receive(1);
    now_us = cv_nack_deadline(&nack);
    assert_int_equal(ask(), 2);
    assert_int_equal(asked[0], 65535);
    assert_int_equal(asked[1], 0);
    assert_int_equal(receive(65535), CV_NACK_FILLS);
    assert_int_equal(receive(0), CV_NACK_FILLS);
    assert_int_equal(receive(0), CV_NACK_OLD);
    assert_int_equal(nack.repaired, 2);
    assert_true(cv_nack_deadline(&nack) == CV_TIME_NEVER);
}

static void a_long_gap_is_asked_for_at_once(void **state) {
    receive(10);
    receive(10 + CV_NACK_BIG_GAP + 1);
    assert_int_equal(ask(), CV_NACK_BIG_GAP);
}

static void asks_again_a_round_trip_later_and_stops(void **state) {
    receive(1);
    receive(3);
    size_t asks = 0;
    int64_t last_us = 0;
    while (cv_nack_deadline(&nack) != CV_TIME_NEVER) {
        assert_true(cv_nack_deadline(&nack) > now_us);
        now_us = cv_nack_deadline(&nack);
        if (ask() == 1) {
            assert_int_equal(asked[0], 2);
            assert_true(asks == 0 || now_us - last_us >= RTT_US);
            last_us = now_us;
            asks++;
        }
    }
    assert_int_equal(asks, CV_NACK_MAX_ASKS);
    assert_int_equal(nack.given_up, 1);
    assert_true(cv_nack_wants_key_frame(&nack));
    assert_int_equal(receive(2), CV_NACK_OLD);
}

/* The next packet is lost and asked for; returns how long it takes until it is asked for again. */
static int64_t lose(void) {
    if (!nack.started)
        receive(65000);
    receive((uint16_t)(nack.highest + 2));
    now_us += CV_NACK_REORDER_US;
    assert_int_equal(ask(), 1);
    return cv_nack_deadline(&nack) - now_us;
}

/* What was lost last comes again. */
static void answer(int64_t after_us) {
    uint16_t sequence = (uint16_t)(nack.highest - 1);
    now_us += after_us;
    cv_nack_answered(&nack, sequence, now_us);
    assert_int_equal(receive(sequence), CV_NACK_FILLS);
}

static void answers_tell_the_round_trip(void **state) {
    assert_int_equal(lose(), RTT_US + RTT_US / 4);
    answer(40000);
    assert_int_equal(lose(), 50000);
    receive((uint16_t)(nack.highest - 1)); /* it was only late: no answer */
    assert_int_equal(lose(), 50000);
    cv_nack_answered(&nack, (uint16_t)(nack.highest - 2), now_us); /* nobody asked for it */
    answer(48000);
    assert_int_equal(lose(), 51250);
}

/* Asked again too soon, since nobody knew: after some time it isn't. */
static void a_longer_round_trip_is_noticed(void **state) {
    const int64_t round_trip_us = 270000;
    size_t asks = 0;
    for (int i = 0; i < 40; i++) {
        lose();
        int64_t answer_us = now_us + round_trip_us;
        for (asks = 1; cv_nack_deadline(&nack) < answer_us; asks++) {
            now_us = cv_nack_deadline(&nack);
            assert_int_equal(ask(), 1);
        }
        assert_true(i > 0 || asks == 3);
        answer(answer_us - now_us);
    }
    assert_int_equal(asks, 1);
    assert_in_range(lose(), round_trip_us, round_trip_us * 3 / 2);
}

/* A tenth of the answers is lost too: it waits little longer for that. */
static void lost_answers_do_not_slow_it_down(void **state) {
    enum { ROUND_TRIP_US = 40000, LOSSES = 2000 };
    struct cv_seeded seeded = {1};
    int64_t sum_us = 0;
    for (size_t i = 0; i < LOSSES; i++) {
        sum_us += lose();
        while (cv_seeded_below(&seeded, 10) == 0) {
            now_us = cv_nack_deadline(&nack);
            assert_int_equal(ask(), 1);
        }
        answer(ROUND_TRIP_US);
    }
    assert_in_range(sum_us / LOSSES, ROUND_TRIP_US * 5 / 4, ROUND_TRIP_US * 3 / 2);
}

static void without_a_round_trip_time_it_does_not_storm(void **state) {
    receive(1);
    receive(3);
    size_t asks = 0;
    for (int64_t end_us = now_us + CV_NACK_MAX_AGE_US; now_us < end_us; now_us += 1000)
        asks += cv_nack_ask(&nack, now_us, 0, asked, ROOM);
    assert_int_equal(asks, CV_NACK_MAX_ASKS);
}

static void a_key_frame_ends_the_asking(void **state) {
    receive(1);
    receive(4);
    receive(8);
    cv_nack_key_frame(&nack, 6);
    now_us += 2 * CV_NACK_REORDER_US;
    assert_int_equal(ask(), 2);
    assert_int_equal(asked[0], 6);
    assert_int_equal(asked[1], 7);
    now_us += 2 * CV_NACK_MAX_AGE_US;
    ask();
    assert_true(cv_nack_wants_key_frame(&nack));
    receive(9);
    cv_nack_key_frame(&nack, 9);
    assert_false(cv_nack_wants_key_frame(&nack));
}

/* The list holds the newest, and says that what it dropped is lost. */
static void the_list_is_bounded(void **state) {
    receive(0);
    receive(1000);
    assert_int_equal(nack.missing_count, CV_NACK_MAX_MISSING);
    assert_true(cv_nack_wants_key_frame(&nack));
    receive(1200);
    assert_int_equal(nack.missing_count, CV_NACK_MAX_MISSING);
    assert_int_equal(ask(), CV_NACK_MAX_MISSING);
    assert_int_equal(asked[CV_NACK_MAX_MISSING - 1], 1199);
    assert_int_equal(asked[0], 1000 - (CV_NACK_MAX_MISSING - 199));
    assert_int_equal(nack.given_up + CV_NACK_MAX_MISSING, 999 + 199);
}

static void what_does_not_fit_one_message_comes_in_the_next(void **state) {
    receive(0);
    receive(101);
    assert_int_equal(cv_nack_ask(&nack, now_us, RTT_US, asked, 40), 40);
    assert_int_equal(asked[39], 40);
    assert_int_equal(cv_nack_ask(&nack, now_us, RTT_US, asked, 100), 60);
    assert_int_equal(asked[0], 41);
}

static void a_jump_is_a_new_beginning(void **state) {
    receive(100);
    receive(102);
    assert_int_equal(receive(40000), CV_NACK_NEWEST);
    assert_int_equal(nack.missing_count, 0);
    assert_true(cv_nack_wants_key_frame(&nack));
    assert_int_equal(receive(40001), CV_NACK_NEWEST);
}

/*
 * Any loss and disorder: what is asked for is missing, ascending and within the bounds, and in the
 * end every packet was received or given up.
 */
static void holds_with_any_loss_and_disorder(void **state) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        static bool received[20000];
        struct cv_seeded seeded = {seed};
        size_t newest = 0, filled = 0;
        set_up(NULL);
        memset(received, 0, sizeof received);
        for (uint32_t i = 0; i < 20000; i++, now_us += 4000) {
            uint32_t back = cv_seeded_below(&seeded, 4) ? 0 : cv_seeded_below(&seeded, 30);
            uint32_t number = i > back ? i - back : i;
            if (i > 0 && cv_seeded_below(&seeded, 100) < seed)
                continue;
            enum cv_nack_arrival arrival = receive((uint16_t)number);
            assert_true(!received[number] || arrival == CV_NACK_OLD);
            received[number] = true;
            newest += arrival == CV_NACK_NEWEST;
            filled += arrival == CV_NACK_FILLS;
            size_t count = ask();
            for (size_t j = 0; j < count; j++) {
                assert_true(j == 0 || (int16_t)(uint16_t)(asked[j] - asked[j - 1]) > 0);
                uint32_t missing = number / 65536 * 65536 + asked[j];
                assert_false(received[missing]);
            }
        }
        now_us += CV_NACK_MAX_AGE_US;
        ask();
        assert_int_equal(nack.missing_count, 0);
        assert_int_equal(newest + filled + nack.given_up, nack.highest + 1u);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_stream_without_gaps_asks_for_nothing),
        TEST(disorder_is_waited_for),
        TEST(a_short_gap_is_asked_for_after_a_few_milliseconds),
        TEST(a_long_gap_is_asked_for_at_once),
        TEST(asks_again_a_round_trip_later_and_stops),
        TEST(answers_tell_the_round_trip),
        TEST(a_longer_round_trip_is_noticed),
        TEST(lost_answers_do_not_slow_it_down),
        TEST(without_a_round_trip_time_it_does_not_storm),
        TEST(a_key_frame_ends_the_asking),
        TEST(the_list_is_bounded),
        TEST(what_does_not_fit_one_message_comes_in_the_next),
        TEST(a_jump_is_a_new_beginning),
        TEST(holds_with_any_loss_and_disorder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
