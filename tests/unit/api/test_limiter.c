/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/limiter.h"

static const uint8_t ana[8] = {0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t bea[8] = {0, 0, 0, 0, 0, 0, 0, 2};

static int64_t take(struct cv_limiter *limiter, int64_t now_us, const uint8_t *name) {
    return cv_limiter_take(limiter, now_us, cv_slice_of(name, 8));
}

static void test_burst_and_refill(void **state) {
    static struct cv_limiter limiter;
    (void)state;
    cv_limiter_init(&limiter, 3, CV_US_PER_S);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(take(&limiter, 1000, ana), 0);
    }
    assert_int_equal(take(&limiter, 1000, ana), CV_US_PER_S);
    assert_int_equal(take(&limiter, 1000 + CV_US_PER_S / 4, ana), CV_US_PER_S * 3 / 4);
    assert_int_equal(take(&limiter, 1000, bea), 0); /* another name has its own */
    assert_int_equal(take(&limiter, 1000 + CV_US_PER_S, ana), 0);
    assert_true(take(&limiter, 1000 + CV_US_PER_S, ana) > 0);
    /* Being refused costs nothing; after a long time there is a burst again, and no more. */
    int64_t later_us = 1000 * CV_US_PER_S;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(take(&limiter, later_us, ana), 0);
    }
    assert_true(take(&limiter, later_us, ana) > 0);
}

static void test_reset(void **state) {
    static struct cv_limiter limiter;
    (void)state;
    cv_limiter_init(&limiter, 1, CV_US_PER_S);
    assert_int_equal(take(&limiter, 5, ana), 0);
    assert_true(take(&limiter, 5, ana) > 0);
    cv_limiter_reset(&limiter, cv_slice_of(ana, 8));
    assert_int_equal(take(&limiter, 5, ana), 0);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst_and_refill),
        cmocka_unit_test(test_reset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
