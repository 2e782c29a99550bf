/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/input.h"

#include <stdio.h>

static enum cv_err parse(struct cv_input *input, const char *text) {
    return cv_input_parse(input, cv_slice_str(text));
}

/* The last error of an input that has exactly one. */
static void assert_error(struct cv_input *input, const char *name, const char *message) {
    cv_input_finish(input);
    assert_int_equal(input->error_count, 1);
    assert_string_equal(input->errors[0].field, name);
    assert_string_equal(input->errors[0].message, message);
    cv_input_release(input);
}

static void test_what_is_no_object(void **state) {
    static const char *const texts[] = {
        "",
        "x",
        "[]",
        "1",
        "null",
        "{}{}",
        "{,}",
        "{\"a\"}",
        "{\"a\":1,}",
        "{'a':1}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":\"\xc0\x80\"}",
        "{\"a\":NaN}",
    };
    struct cv_input input;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(parse(&input, texts[i]), CV_ERR_SYNTAX);
        assert_null(input.root);
    }
    assert_int_equal(cv_input_parse(&input, (struct cv_slice){NULL, 0}), CV_ERR_SYNTAX);
}

static void test_depth(void **state) {
    struct cv_input input;
    char text[128];
    (void)state;
    for (int depth = CV_INPUT_MAX_DEPTH - 1; depth <= CV_INPUT_MAX_DEPTH; depth++) {
        snprintf(text, sizeof text, "{\"a\":%.*s%.*s}", depth, "[[[[[[[[[[[[[[[[[[[[", depth,
                 "]]]]]]]]]]]]]]]]]]]]");
        assert_int_equal(parse(&input, text), depth < CV_INPUT_MAX_DEPTH ? CV_OK : CV_ERR_SYNTAX);
        cv_input_release(&input);
    }
    /* Brackets inside strings are letters like others. */
    assert_int_equal(parse(&input, "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[\"}"), CV_OK);
    cv_input_release(&input);
}

static void test_texts(void **state) {
    struct cv_input input;
    (void)state;
    assert_int_equal(parse(&input, "{\"a\":\"Ana P\xc3\xa9rez\",\"b\":\"\"}"), CV_OK);
    assert_true(
        cv_slice_eq_str(cv_input_text(&input, "a", CV_INPUT_REQUIRED, 1, 9), "Ana P\xc3\xa9rez"));
    assert_int_equal(cv_input_text(&input, "b", CV_INPUT_OPTIONAL, 0, 9).size, 0);
    assert_int_equal(cv_input_text(&input, "c", CV_INPUT_OPTIONAL, 1, 9).size, 0);
    assert_true(cv_input_finish(&input));
    cv_input_release(&input);

    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"{}", "is missing"},
        {"{\"a\":null}", "must be a text"},
        {"{\"a\":5}", "must be a text"},
        {"{\"a\":\"\"}", "must not be empty"},
        {"{\"a\":\"abcd\"}", "is too long"},
        {"{\"a\":\"\\n\"}", "has characters that are not allowed"},
        {"{\"a\":\"\xe2\x80\xae\"}", "has characters that are not allowed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(parse(&input, cases[i].text), CV_OK);
        assert_int_equal(cv_input_text(&input, "a", CV_INPUT_REQUIRED, 1, 3).size, 0);
        assert_error(&input, "a", cases[i].message);
    }
}

static void test_secrets_count_characters(void **state) {
    struct cv_input input;
    (void)state;
    assert_int_equal(parse(&input, "{\"a\":\"\xc3\xa9\xc3\xa9\xc3\xa9\"}"), CV_OK);
    assert_int_equal(cv_input_secret(&input, "a", 3, 3).size, 6);
    assert_true(cv_input_finish(&input));
    assert_int_equal(cv_input_secret(&input, "a", 4, 9).size, 0);
    assert_error(&input, "a", "is too short");
    assert_int_equal(parse(&input, "{\"a\":\"abcd\"}"), CV_OK);
    assert_int_equal(cv_input_secret(&input, "a", 0, 3).size, 0);
    assert_error(&input, "a", "is too long");
}

static void test_others(void **state) {
    struct cv_input input;
    (void)state;
    assert_int_equal(
        parse(&input, "{\"b\":true,\"n\":7,\"t\":\"2026-02-03T04:05:06Z\",\"z\":null}"), CV_OK);
    assert_true(cv_input_bool(&input, "b", false));
    assert_true(cv_input_bool(&input, "absent", true));
    assert_int_equal(cv_input_int(&input, "n", 1, 5, 9), 7);
    assert_int_equal(cv_input_int(&input, "none", 42, 5, 9), 42);
    assert_int_equal(cv_input_time(&input, "t", CV_INPUT_REQUIRED), INT64_C(1770091506000000));
    assert_true(cv_input_has(&input, "b"));
    assert_false(cv_input_has(&input, "z"));
    assert_error(&input, "z", "is not known here");

    static const char *const wrong[] = {"{\"a\":1}", "{\"a\":\"true\"}", "{\"a\":null}"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(parse(&input, wrong[i]), CV_OK);
        assert_true(cv_input_bool(&input, "a", true));
        assert_error(&input, "a", "must be true or false");
    }
    assert_int_equal(parse(&input, "{\"a\":4}"), CV_OK);
    assert_int_equal(cv_input_int(&input, "a", 6, 5, 9), 6);
    assert_error(&input, "a", "is out of range");
    assert_int_equal(parse(&input, "{\"a\":6.0}"), CV_OK);
    assert_int_equal(cv_input_int(&input, "a", 6, 5, 9), 6);
    assert_error(&input, "a", "must be a whole number");
    assert_int_equal(parse(&input, "{\"a\":\"tomorrow\"}"), CV_OK);
    assert_int_equal(cv_input_time(&input, "a", CV_INPUT_REQUIRED), 0);
    assert_error(&input, "a", "must be a time such as 2026-02-03T04:05:06Z");
}

static void test_mail_addresses(void **state) {
    static const char *const good[] = {"a@b", "Ada.Lovelace+x@example.org",
                                       "\xc3\xa9@ex\xc3\xa4mple.org"};
    static const char *const bad[] = {"a",     "@b",    "a@",    "a@b@c",       "a b@c",
                                      "a@b,c", "<a@b>", "a@b\\", "\\\"a\\\"@b", "a@[::1]"};
    struct cv_input input;
    char text[128];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(text, sizeof text, "{\"email\":\"%s\"}", good[i]);
        assert_int_equal(parse(&input, text), CV_OK);
        assert_true(cv_slice_eq_str(cv_input_email(&input), good[i]));
        assert_true(cv_input_finish(&input));
        cv_input_release(&input);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "{\"email\":\"%s\"}", bad[i]);
        if (parse(&input, text)) {
            continue; /* not even JSON */
        }
        cv_input_email(&input);
        assert_error(&input, "email", "is not an e-mail address");
    }
}

static void test_errors_are_bounded(void **state) {
    struct cv_input input;
    char text[1024] = "{";
    (void)state;
    strcat(text, "\"a_member_with_a_very_long_name_that_nobody_asked_for_and_that_is_cut_when_it_is"
                 "_quoted\":1}");
    assert_int_equal(parse(&input, text), CV_OK);
    for (int i = 0; i < 2 * CV_INPUT_MAX_ERRORS; i++) {
        cv_input_error(&input, "x", "is wrong");
    }
    assert_int_equal(input.error_count, CV_INPUT_MAX_ERRORS);
    assert_false(cv_input_finish(&input));
    assert_int_equal(strlen(input.unknown), sizeof input.unknown - 1);
    cv_input_release(&input);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_object),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_secrets_count_characters),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_mail_addresses),
        cmocka_unit_test(test_errors_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
