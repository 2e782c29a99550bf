/* SPDX-License-Identifier: Apache-2.0 */
#include "load/stamp.h"
#include "test.h"

static const struct cv_stamp sent = {.sender = 3, .number = 70000, .sent_us = INT64_C(1) << 40};
static uint8_t payload[CV_STAMP_MAX_PAYLOAD + 1];

static void what_was_written_is_read(void **state) {
    for (size_t size = CV_STAMP_MIN_PAYLOAD; size <= CV_STAMP_MAX_PAYLOAD; size++) {
        struct cv_stamp got;
        cv_stamp_write(&sent, payload, size);
        assert_int_equal(cv_stamp_read(cv_slice_of(payload, size), &got), CV_OK);
        assert_int_equal(got.sender, sent.sender);
        assert_int_equal(got.number, sent.number);
        assert_true(got.sent_us == sent.sent_us);
    }
}

static void any_changed_byte_of_the_fill_is_seen(void **state) {
    struct cv_stamp got;
    const size_t size = 200;
    for (size_t i = CV_STAMP_LEAD_BYTES; i < size - CV_STAMP_BYTES; i++) {
        cv_stamp_write(&sent, payload, size);
        payload[i] ^= 1;
        assert_int_equal(cv_stamp_read(cv_slice_of(payload, size), &got), CV_ERR_AUTH);
    }
}

static void the_lead_is_the_codecs(void **state) {
    struct cv_stamp got;
    memset(payload, 0xaa, CV_STAMP_LEAD_BYTES);
    cv_stamp_write(&sent, payload, 100);
    for (size_t i = 0; i < CV_STAMP_LEAD_BYTES; i++)
        assert_int_equal(payload[i], 0xaa);
    memset(payload, 0xbb, CV_STAMP_LEAD_BYTES); /* a server numbers pictures anew */
    assert_int_equal(cv_stamp_read(cv_slice_of(payload, 100), &got), CV_OK);
}

static void sizes_that_cannot_be_are_refused(void **state) {
    struct cv_stamp got;
    assert_int_equal(cv_stamp_read(cv_slice_of(payload, CV_STAMP_MIN_PAYLOAD - 1), &got),
                     CV_ERR_SYNTAX);
    assert_int_equal(cv_stamp_read(cv_slice_of(payload, sizeof payload), &got), CV_ERR_SYNTAX);
    assert_int_equal(cv_stamp_read((struct cv_slice){0}, &got), CV_ERR_SYNTAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(any_changed_byte_of_the_fill_is_seen),
        cmocka_unit_test(the_lead_is_the_codecs),
        cmocka_unit_test(sizes_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
