/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/window.h"

#include "test.h"

static const int64_t START = INT64_C(1800000000) * CV_US_PER_S;

static enum cv_meeting_state state_at(const struct cv_policy_schedule *schedule, bool occupied,
                                      int64_t now_us) {
    struct cv_policy_windows windows = CV_POLICY_WINDOWS_DEFAULT;
    return cv_policy_meeting_state(&windows, schedule, occupied, now_us);
}

static void scheduled_opens_an_hour_before_and_expires_six_hours_after(void **context) {
    struct cv_policy_schedule schedule = {.kind = CV_KIND_SCHEDULED,
                                          .created_at_us = START - 9 * CV_US_PER_DAY,
                                          .starts_at_us = START,
                                          .duration_us = CV_US_PER_HOUR};
    assert_int_equal(state_at(&schedule, false, START - CV_US_PER_HOUR - 1), CV_STATE_SCHEDULED);
    assert_int_equal(state_at(&schedule, false, START - CV_US_PER_HOUR), CV_STATE_OPEN);
    assert_int_equal(state_at(&schedule, true, START - CV_US_PER_HOUR), CV_STATE_LIVE);
    assert_int_equal(state_at(&schedule, true, START + 6 * CV_US_PER_HOUR - 1), CV_STATE_LIVE);
    assert_int_equal(state_at(&schedule, true, START + 6 * CV_US_PER_HOUR), CV_STATE_EXPIRED);
    assert_int_equal(state_at(&schedule, false, START + 6 * CV_US_PER_HOUR), CV_STATE_EXPIRED);
}

static void the_clock_set_back_closes_nothing(void **context) {
    struct cv_policy_schedule schedule = {.kind = CV_KIND_SCHEDULED, .starts_at_us = START};
    assert_int_equal(state_at(&schedule, true, START - CV_US_PER_DAY), CV_STATE_LIVE);
    schedule = (struct cv_policy_schedule){.kind = CV_KIND_INSTANT, .created_at_us = START};
    assert_int_equal(state_at(&schedule, false, START - CV_US_PER_DAY), CV_STATE_OPEN);
}

static void a_long_meeting_does_not_expire_before_its_planned_end(void **context) {
    struct cv_policy_schedule schedule = {
        .kind = CV_KIND_SCHEDULED, .starts_at_us = START, .duration_us = 8 * CV_US_PER_HOUR};
    assert_int_equal(state_at(&schedule, true, START + 8 * CV_US_PER_HOUR - 1), CV_STATE_LIVE);
    assert_int_equal(state_at(&schedule, true, START + 8 * CV_US_PER_HOUR), CV_STATE_EXPIRED);
}

static void the_window_is_a_parameter(void **context) {
    struct cv_policy_windows windows = {.opens_before_us = 0,
                                        .expires_after_us = CV_US_PER_MIN,
                                        .instant_lifetime_us = CV_US_PER_S};
    struct cv_policy_schedule scheduled = {.kind = CV_KIND_SCHEDULED, .starts_at_us = START};
    assert_int_equal(cv_policy_opens_at(&windows, &scheduled), START);
    assert_int_equal(cv_policy_closes_at(&windows, &scheduled), START + CV_US_PER_MIN);
    struct cv_policy_schedule instant = {.kind = CV_KIND_INSTANT, .created_at_us = START};
    assert_int_equal(cv_policy_opens_at(&windows, &instant), START);
    assert_int_equal(cv_policy_closes_at(&windows, &instant), START + CV_US_PER_S);
}

static void instant_lives_for_a_day(void **context) {
    struct cv_policy_schedule schedule = {.kind = CV_KIND_INSTANT, .created_at_us = START};
    assert_int_equal(state_at(&schedule, false, START), CV_STATE_OPEN);
    assert_int_equal(state_at(&schedule, false, START - CV_US_PER_S), CV_STATE_OPEN);
    assert_int_equal(state_at(&schedule, true, START + CV_US_PER_DAY - 1), CV_STATE_LIVE);
    assert_int_equal(state_at(&schedule, true, START + CV_US_PER_DAY), CV_STATE_EXPIRED);
}

static void ended_stays_ended(void **context) {
    struct cv_policy_schedule schedule = {
        .kind = CV_KIND_SCHEDULED, .starts_at_us = START, .ended_at_us = START + 1};
    const int64_t moments[] = {START - CV_US_PER_DAY, START, START + CV_US_PER_DAY};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        assert_int_equal(state_at(&schedule, false, moments[i]), CV_STATE_ENDED);
}

static void a_room_is_always_open(void **context) {
    struct cv_policy_schedule schedule = {
        .kind = CV_KIND_ROOM, .created_at_us = START, .ended_at_us = START + 1};
    struct cv_policy_windows windows = CV_POLICY_WINDOWS_DEFAULT;
    assert_int_equal(cv_policy_closes_at(&windows, &schedule), CV_TIME_NEVER);
    assert_int_equal(state_at(&schedule, false, START + 1000 * CV_US_PER_DAY), CV_STATE_OPEN);
    assert_int_equal(state_at(&schedule, true, START + 1000 * CV_US_PER_DAY), CV_STATE_LIVE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scheduled_opens_an_hour_before_and_expires_six_hours_after),
        cmocka_unit_test(the_clock_set_back_closes_nothing),
        cmocka_unit_test(a_long_meeting_does_not_expire_before_its_planned_end),
        cmocka_unit_test(the_window_is_a_parameter),
        cmocka_unit_test(instant_lives_for_a_day),
        cmocka_unit_test(ended_stays_ended),
        cmocka_unit_test(a_room_is_always_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
