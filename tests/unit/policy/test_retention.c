/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/retention.h"

#include "test.h"

static const int64_t NOW = INT64_C(1800000000) * CV_US_PER_S;

static void keeps_call_records_for_a_week_and_nothing_else(void **context) {
    const struct cv_policy_retention *policy = &CV_POLICY_RETENTION_DEFAULT;
    assert_int_equal(cv_policy_delete_at(policy, CV_DATA_CALL_RECORD, NOW),
                     NOW + 7 * CV_US_PER_DAY);
    assert_int_equal(cv_policy_delete_at(policy, CV_DATA_ACCOUNT, NOW), CV_TIME_NEVER);
    const enum cv_data_class not_kept[] = {CV_DATA_CHAT, CV_DATA_FILE, CV_DATA_WHITEBOARD,
                                           CV_DATA_RECORDING, CV_DATA_ATTENTION};
    for (size_t i = 0; i < sizeof not_kept / sizeof *not_kept; i++)
        assert_int_equal(cv_policy_delete_at(policy, not_kept[i], NOW), NOW);
    assert_int_equal(cv_policy_retention_check(policy), CV_OK);
}

static void an_organisation_sets_its_own(void **context) {
    struct cv_policy_retention policy = CV_POLICY_RETENTION_DEFAULT;
    policy.keep_us[CV_DATA_CALL_RECORD] = CV_US_PER_DAY;
    policy.keep_us[CV_DATA_CHAT] = CV_TIME_NEVER - 1;
    assert_int_equal(cv_policy_retention_check(&policy), CV_OK);
    assert_int_equal(cv_policy_delete_at(&policy, CV_DATA_CALL_RECORD, NOW), NOW + CV_US_PER_DAY);
    assert_int_equal(cv_policy_delete_at(&policy, CV_DATA_CHAT, NOW), CV_TIME_NEVER);
}

static void a_recording_has_a_longest_time(void **context) {
    struct cv_policy_retention policy = CV_POLICY_RETENTION_DEFAULT;
    policy.keep_us[CV_DATA_RECORDING] = 30 * CV_US_PER_DAY;
    assert_int_equal(cv_policy_retention_check(&policy), CV_OK);
    policy.keep_us[CV_DATA_RECORDING]++;
    assert_int_equal(cv_policy_retention_check(&policy), CV_ERR_RANGE);
    policy.keep_us[CV_DATA_RECORDING] = -1;
    assert_int_equal(cv_policy_retention_check(&policy), CV_ERR_RANGE);
}

static void names_read_back(void **context) {
    for (int i = 0; i < CV_DATA_CLASS_COUNT; i++) {
        enum cv_data_class data_class = CV_DATA_CLASS_COUNT;
        assert_int_equal(cv_data_class_parse(cv_slice_str(cv_data_class_name(i)), &data_class),
                         CV_OK);
        assert_int_equal(data_class, i);
    }
    enum cv_data_class data_class;
    assert_int_equal(cv_data_class_parse(cv_slice_str("cookies"), &data_class), CV_ERR_TYPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_call_records_for_a_week_and_nothing_else),
        cmocka_unit_test(an_organisation_sets_its_own),
        cmocka_unit_test(a_recording_has_a_longest_time),
        cmocka_unit_test(names_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
