/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"
#include "test.h"

static void validity(void **state) {
    static const char *const good[] = {
        "", "abc", "Zoë", "日本語", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xe0\x80\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xe2\x82",
                                      "a\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(cv_utf8_valid(cv_slice_str(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(cv_utf8_valid(cv_slice_str(bad[i])));
}

static void labels(void **state) {
    assert_int_equal(cv_utf8_check_label(cv_slice_str("Ana-María Ọlá 王"), 15), CV_OK);
    assert_int_equal(cv_utf8_check_label(cv_slice_str("日本語"), 2), CV_ERR_LIMIT);
    assert_int_equal(cv_utf8_check_label(cv_slice_str("a\nb"), 9), CV_ERR_SYNTAX);
    assert_int_equal(cv_utf8_check_label(cv_slice_str("host\xe2\x80\xaegnp"), 99), CV_ERR_SYNTAX);
    assert_int_equal(cv_utf8_check_label(cv_slice_str("\xc2\x85"), 9), CV_ERR_SYNTAX);
    assert_int_equal(cv_utf8_check_label(cv_slice_str(""), 9), CV_OK);
}

static void labels_show_something(void **state) {
    static const char *const blank[] = {
        " ", "  \xc2\xa0", "\xe2\x80\x8b", "\xe3\x85\xa4", "\xe2\xa0\x80", "\xf3\xa0\x81\x81 "};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        assert_int_equal(cv_utf8_check_label(cv_slice_str(blank[i]), 9), CV_ERR_SYNTAX);
    /* Joiners and selectors belong into emoji and into some scripts. */
    assert_int_equal(cv_utf8_check_label(cv_slice_str("\xe2\x9d\xa4\xef\xb8\x8f"), 9), CV_OK);
    assert_int_equal(cv_utf8_check_label(cv_slice_str(" a "), 9), CV_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validity),
        cmocka_unit_test(labels),
        cmocka_unit_test(labels_show_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
