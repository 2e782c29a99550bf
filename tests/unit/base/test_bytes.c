/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "test.h"

static void append_past_the_limit_changes_nothing(void **state) {
    struct cv_buf buf = {.limit_bytes = 4};
    assert_int_equal(cv_buf_append(&buf, "abc", 3), CV_OK);
    assert_int_equal(cv_buf_append(&buf, "de", 2), CV_ERR_LIMIT);
    assert_int_equal(cv_buf_printf(&buf, "%s", "xy"), CV_ERR_LIMIT);
    assert_true(cv_slice_eq_str(cv_buf_slice(&buf), "abc"));
    assert_int_equal(cv_buf_printf(&buf, "%c", 'd'), CV_OK);
    assert_string_equal(cv_buf_cstr(&buf), "abcd");
    cv_buf_release(&buf);
}

static void consume_moves_the_rest_to_the_front(void **state) {
    struct cv_buf buf = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(cv_buf_append_byte(&buf, (uint8_t)i), CV_OK);
    cv_buf_consume(&buf, 990);
    assert_int_equal(buf.size, 10);
    assert_int_equal(buf.data[0], 990 & 255);
    cv_buf_consume(&buf, 11);
    assert_int_equal(buf.size, 0);
    cv_buf_release(&buf);
}

static void slices_compare(void **state) {
    struct cv_slice a = cv_slice_str("Token"), empty = {0};
    assert_true(cv_slice_eq_nocase(a, "tOKEN"));
    assert_false(cv_slice_eq_nocase(a, "tOKE"));
    assert_false(cv_slice_eq_str(a, "token"));
    assert_true(cv_slice_eq(empty, empty));
    assert_true(cv_slice_eq_secret(a, cv_slice_str("Token")));
    assert_false(cv_slice_eq_secret(a, cv_slice_str("Tokem")));
    assert_false(cv_slice_eq_secret(a, cv_slice_str("Toke")));
}

static void network_order_round_trips(void **state) {
    uint8_t bytes[8];
    cv_put_be64(bytes, UINT64_C(0x0102030405060708));
    for (int i = 0; i < 8; i++)
        assert_int_equal(bytes[i], i + 1);
    assert_int_equal(cv_get_be16(bytes), 0x0102);
    assert_int_equal(cv_get_be24(bytes), 0x010203);
    assert_int_equal(cv_get_be64(bytes), UINT64_C(0x0102030405060708));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append_past_the_limit_changes_nothing),
        cmocka_unit_test(consume_moves_the_rest_to_the_front),
        cmocka_unit_test(slices_compare),
        cmocka_unit_test(network_order_round_trips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
