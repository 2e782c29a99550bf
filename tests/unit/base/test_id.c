/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include "test.h"

static void takes_url_safe_characters_only(void **state) {
    struct cv_id id = {{0}};
    assert_int_equal(cv_id_parse(cv_slice_str("p0-Az_9"), &id), CV_OK);
    assert_string_equal(id.text, "p0-Az_9");
    const char *const bad[] = {"", "a b", "a/b", "a.b", "\xc3\xa4", "a\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(cv_id_parse(cv_slice_str(bad[i]), &id), CV_ERR_SYNTAX);
    assert_int_equal(cv_id_parse(cv_slice_of("a\0b", 3), &id), CV_ERR_SYNTAX);
    assert_string_equal(id.text, "p0-Az_9");
    assert_true(cv_id_chars(cv_slice_str("0123456789-abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJ")));
    assert_true(cv_id_chars(cv_slice_str("")));
    assert_false(cv_id_chars(cv_slice_str("a=")));
}

static void has_a_longest_length(void **state) {
    struct cv_id id = {{0}};
    assert_int_equal(cv_id_parse(cv_slice_str("0123456789012345678901234567890"), &id), CV_OK);
    assert_int_equal(cv_id_parse(cv_slice_str("01234567890123456789012345678901"), &id),
                     CV_ERR_LIMIT);
    assert_string_equal(id.text, "0123456789012345678901234567890");
}

static void equal_texts_are_equal_ids(void **state) {
    struct cv_id a = {"zzzzzzzzzzzz"}, b = {"y"}, none = {{0}};
    assert_int_equal(cv_id_parse(cv_slice_str("y"), &a), CV_OK);
    assert_true(cv_id_eq(&a, &b));
    assert_false(cv_id_eq(&a, &none));
    assert_true(cv_id_empty(&none));
    assert_false(cv_id_empty(&a));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_url_safe_characters_only),
        cmocka_unit_test(has_a_longest_length),
        cmocka_unit_test(equal_texts_are_equal_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
