/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/terms.h"

#include "test.h"

static void names_read_back(void **context) {
    for (int i = 0; i < CV_ROLE_COUNT; i++) {
        enum cv_role role = CV_ROLE_COUNT;
        assert_int_equal(cv_role_parse(cv_slice_str(cv_role_name(i)), &role), CV_OK);
        assert_int_equal(role, i);
    }
    for (int i = 0; i < CV_KIND_COUNT; i++) {
        enum cv_meeting_kind kind = CV_KIND_COUNT;
        assert_int_equal(cv_meeting_kind_parse(cv_slice_str(cv_meeting_kind_name(i)), &kind),
                         CV_OK);
        assert_int_equal(kind, i);
    }
    for (int i = 0; i < CV_TOPOLOGY_COUNT; i++) {
        enum cv_topology topology = CV_TOPOLOGY_COUNT;
        assert_int_equal(cv_topology_parse(cv_slice_str(cv_topology_name(i)), &topology), CV_OK);
        assert_int_equal(topology, i);
    }
}

static void other_names_are_refused(void **context) {
    enum cv_role role = CV_ROLE_GUEST;
    enum cv_meeting_kind kind = CV_KIND_ROOM;
    enum cv_topology topology = CV_TOPOLOGY_MESH;
    const char *const bad[] = {"", "Host", "hos", "hosts", "admin"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(cv_role_parse(cv_slice_str(bad[i]), &role), CV_ERR_TYPE);
        assert_int_equal(cv_meeting_kind_parse(cv_slice_str(bad[i]), &kind), CV_ERR_TYPE);
        assert_int_equal(cv_topology_parse(cv_slice_str(bad[i]), &topology), CV_ERR_TYPE);
    }
    assert_int_equal(role, CV_ROLE_GUEST);
    assert_int_equal(kind, CV_KIND_ROOM);
    assert_int_equal(topology, CV_TOPOLOGY_MESH);
}

static void every_state_and_action_has_a_name(void **context) {
    for (int i = 0; i < CV_STATE_COUNT; i++)
        assert_true(strlen(cv_meeting_state_name(i)) > 0);
    for (int i = 0; i < CV_ACTION_COUNT; i++)
        assert_true(strlen(cv_action_name(i)) > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_read_back),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(every_state_and_action_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
