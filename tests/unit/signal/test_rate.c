/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "signal/rate.h"

#include "test.h"

static const int64_t WINDOW = 10 * CV_US_PER_S;

static void so_many_in_a_window(void **state) {
    struct cv_rate rate = {0};
    for (int i = 0; i < 5; i++)
        assert_true(cv_rate_take(&rate, CV_US_PER_S * i, WINDOW, 5, 1));
    assert_false(cv_rate_take(&rate, CV_US_PER_S * 5, WINDOW, 5, 1));
}

static void amounts_add_up(void **state) {
    struct cv_rate rate = {0};
    assert_true(cv_rate_take(&rate, 0, WINDOW, 100, 60));
    assert_true(cv_rate_take(&rate, 1, WINDOW, 100, 40));
    assert_false(cv_rate_take(&rate, 2, WINDOW, 100, 1));
}

/* At the limit for ever, evenly or in bursts as far apart as the window: never over it. */
static void who_keeps_to_the_limit_is_never_over_it(void **state) {
    struct cv_rate even = {0}, bursts = {0};
    for (int64_t now_us = 0; now_us < 100 * WINDOW; now_us += WINDOW / 20)
        assert_true(cv_rate_take(&even, now_us, WINDOW, 20, 1));
    for (int64_t now_us = 12345; now_us < 100 * WINDOW; now_us += WINDOW)
        for (int i = 0; i < 20; i++)
            assert_true(cv_rate_take(&bursts, now_us, WINDOW, 20, 1));
}

static void a_tenth_more_than_the_limit_is_found_out(void **state) {
    struct cv_rate rate = {0};
    int64_t now_us = 0;
    while (now_us < 100 * WINDOW && cv_rate_take(&rate, now_us, WINDOW, 100, 1))
        now_us += WINDOW / 115;
    assert_true(now_us < 2 * WINDOW);
}

static void a_pause_of_any_length_forgets(void **state) {
    const int64_t pauses[] = {WINDOW, WINDOW + 1, 2 * WINDOW, 1000 * WINDOW};
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        struct cv_rate rate = {0};
        assert_false(cv_rate_take(&rate, WINDOW * 7, WINDOW, 5, 6));
        assert_true(cv_rate_take(&rate, WINDOW * 7 + pauses[i], WINDOW, 5, 5));
    }
}

static void a_clock_that_stands_still_is_no_trouble(void **state) {
    struct cv_rate rate = {0};
    assert_true(cv_rate_take(&rate, WINDOW, WINDOW, 2, 1));
    assert_true(cv_rate_take(&rate, WINDOW - 1, WINDOW, 2, 1));
    assert_false(cv_rate_take(&rate, WINDOW - 1, WINDOW, 2, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_in_a_window),
        cmocka_unit_test(amounts_add_up),
        cmocka_unit_test(who_keeps_to_the_limit_is_never_over_it),
        cmocka_unit_test(a_tenth_more_than_the_limit_is_found_out),
        cmocka_unit_test(a_pause_of_any_length_forgets),
        cmocka_unit_test(a_clock_that_stands_still_is_no_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
