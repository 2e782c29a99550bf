/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "test.h"

static void formats_and_parses_back(void **state) {
    static const struct {
        int64_t at_us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {INT64_C(951827696789000), "2000-02-29T12:34:56.789Z"},
        {INT64_C(1795312800000000), "2026-11-22T02:00:00.000Z"},
        {INT64_C(253402300799999000), "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[CV_TIME_TEXT_BYTES];
        cv_time_format(cases[i].at_us, text);
        assert_string_equal(text, cases[i].text);
        int64_t at_us = -1;
        assert_int_equal(cv_time_parse(cv_slice_str(text), &at_us), CV_OK);
        assert_int_equal(at_us, cases[i].at_us);
    }
}

static void offsets_and_fractions(void **state) {
    int64_t a, b;
    assert_int_equal(cv_time_parse(cv_slice_str("2026-11-22T03:30:00.5+01:30"), &a), CV_OK);
    assert_int_equal(cv_time_parse(cv_slice_str("2026-11-22t02:00:00.500000999z"), &b), CV_OK);
    assert_int_equal(a, b);
}

static void refuses_what_is_no_date(void **state) {
    static const char *const bad[] = {
        "",
        "2026-11-22",
        "2026-11-22T02:00:00",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T02:00:00.Z",
        "2026-11-22T02:00:00Zx",
        "1969-12-31T23:59:59Z",
        "2026-11-22T02:00:00+24:00",
        "+026-11-22T02:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t at_us = 42;
        assert_int_equal(cv_time_parse(cv_slice_str(bad[i]), &at_us), CV_ERR_SYNTAX);
        assert_int_equal(at_us, 42);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_and_parses_back),
        cmocka_unit_test(offsets_and_fractions),
        cmocka_unit_test(refuses_what_is_no_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
