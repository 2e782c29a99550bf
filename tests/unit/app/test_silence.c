/* SPDX-License-Identifier: Apache-2.0 */
#include "app/silence.h"

#include "test.h"

#define START_US (7 * CV_US_PER_S)

/* How long from `now_us` on, with looks in time, until it is too long; 0: never. */
static int64_t silent_until(struct cv_silence *silence, int64_t now_us) {
    for (int64_t at_us = now_us; at_us < now_us + 60 * CV_US_PER_S;) {
        at_us += CV_SILENCE_LOOK_US;
        if (cv_silence_look(silence, at_us))
            return at_us - now_us;
    }
    return 0;
}

static void test_who_speaks_is_never_too_silent(void **state) {
    struct cv_silence silence;
    int64_t now_us = START_US;
    cv_silence_begin(&silence, now_us);
    for (int i = 0; i < 1000; i++) {
        now_us += CV_SILENCE_LOOK_US;
        if (i % 5 == 0) /* even one word in 2.5 s will do */
            cv_silence_word(&silence, now_us - 1);
        assert_false(cv_silence_look(&silence, now_us));
    }
}

static void test_who_falls_silent(void **state) {
    struct cv_silence silence;
    /* Wherever between two looks the last word was. */
    for (int64_t after_us = 0; after_us < CV_SILENCE_LOOK_US; after_us += 10 * CV_US_PER_MS) {
        cv_silence_begin(&silence, START_US);
        assert_false(cv_silence_look(&silence, START_US));
        cv_silence_word(&silence, START_US + after_us);
        int64_t silent_us = silent_until(&silence, START_US) - after_us;
        assert_in_range(silent_us, CV_SILENCE_BOUND_US, CV_SILENCE_BOUND_US + CV_SILENCE_LOOK_US);
    }
}

static void test_it_is_told_once_a_start(void **state) {
    struct cv_silence silence;
    cv_silence_begin(&silence, START_US);
    cv_silence_word(&silence, START_US);
    assert_int_equal(silent_until(&silence, START_US), CV_SILENCE_BOUND_US);
    assert_int_equal(silent_until(&silence, START_US), 0);
    cv_silence_word(&silence, START_US); /* too late */
    assert_int_equal(silent_until(&silence, START_US), 0);
    cv_silence_begin(&silence, START_US);
    assert_int_equal(silent_until(&silence, START_US), CV_SILENCE_START_US);
}

static void test_nobody_there(void **state) {
    struct cv_silence silence = {0};
    assert_int_equal(silent_until(&silence, START_US), 0);
}

/* It stood still as long as the other, and has had no time to speak since. */
static void test_a_listener_that_stood_still(void **state) {
    struct cv_silence silence;
    int64_t now_us = START_US;
    cv_silence_begin(&silence, now_us);
    cv_silence_word(&silence, now_us);
    for (int i = 0; i < 5; i++) {
        now_us += 3600 * CV_US_PER_S;
        assert_false(cv_silence_look(&silence, now_us));
    }
    /* Five looks were counted: half a second is left. */
    assert_int_equal(silent_until(&silence, now_us), CV_SILENCE_BOUND_US - 5 * CV_SILENCE_LOOK_US);
}

/* On a crowded machine it comes late to each look: that is time for the other, too. */
static void test_a_listener_that_is_late(void **state) {
    struct cv_silence silence;
    int64_t now_us = START_US;
    int looks = 0;
    cv_silence_begin(&silence, now_us);
    cv_silence_word(&silence, now_us);
    do {
        now_us += 4 * CV_SILENCE_LOOK_US;
        looks++;
    } while (!cv_silence_look(&silence, now_us));
    assert_int_equal(looks, CV_SILENCE_BOUND_US / CV_SILENCE_LOOK_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_speaks_is_never_too_silent),
        cmocka_unit_test(test_who_falls_silent),
        cmocka_unit_test(test_it_is_told_once_a_start),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_a_listener_that_stood_still),
        cmocka_unit_test(test_a_listener_that_is_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
