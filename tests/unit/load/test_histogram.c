/* SPDX-License-Identifier: Apache-2.0 */
#include "load/histogram.h"
#include "test.h"

static void an_empty_one_says_zero(void **state) {
    struct cv_histogram histogram = {0};
    assert_int_equal(cv_histogram_quantile(&histogram, 500), 0);
}

static void quantiles_are_of_the_values(void **state) {
    struct cv_histogram histogram = {0};
    for (int64_t i = 1; i <= 1000; i++)
        cv_histogram_add(&histogram, i * 10);
    assert_int_equal(histogram.total, 1000);
    assert_in_range(cv_histogram_quantile(&histogram, 500), 5000, 5000 * 103 / 100);
    assert_in_range(cv_histogram_quantile(&histogram, 990), 9900, 9900 * 103 / 100);
    assert_in_range(cv_histogram_quantile(&histogram, 1000), 10000, 10000 * 103 / 100);
    assert_int_equal(cv_histogram_quantile(&histogram, 0), 0);
}

static void small_values_are_exact_and_none_is_too_large(void **state) {
    struct cv_histogram histogram = {0};
    for (int64_t i = 0; i < 64; i++) {
        struct cv_histogram one = {0};
        cv_histogram_add(&one, i);
        assert_in_range(cv_histogram_quantile(&one, 1000), i, i + (i >= 32));
    }
    cv_histogram_add(&histogram, -5);
    assert_int_equal(cv_histogram_quantile(&histogram, 1000), 0);
    cv_histogram_add(&histogram, INT64_MAX);
    assert_true(cv_histogram_quantile(&histogram, 1000) == INT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_one_says_zero),
        cmocka_unit_test(quantiles_are_of_the_values),
        cmocka_unit_test(small_values_are_exact_and_none_is_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
