/* SPDX-License-Identifier: Apache-2.0 */
/* Want of memory: a command happens as a whole or not at all. */
#include "failing_alloc.h"
#include "scene.h"

#include <stdlib.h>

#include "test.h"

static void a_join_without_memory_changes_nothing(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_do(scene, "ana", CV_COMMAND_LOST);
    scene->now_us += CV_US_PER_MIN; /* the join is also to find that ana is gone */
    cv_effects_release(&scene->effects);
    int failures = 0;
    enum cv_err err;
    for (int n = 0;; n++) {
        cv_fail_alloc(n);
        struct cv_command join = {.type = CV_COMMAND_JOIN,
                                  .join = {.participant = {"ben"},
                                           .link = {"link"},
                                           .name = {(const uint8_t *)"Ben", 3}}};
        err = cv_meeting_apply(scene->meeting, scene->now_us, &join, &scene->effects);
        cv_fail_alloc(-1);
        if (err != CV_ERR_MEMORY)
            break;
        failures++;
        assert_int_equal(scene->effects.count, 0);
        assert_true(scene_is(scene, "ana", CV_PRESENCE_AWAY));
        assert_null(scene_find(scene, "ben"));
    }
    assert_int_equal(err, CV_OK);
    assert_true(failures >= 2);
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_LOST);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
}

static void a_block_without_memory_changes_nothing(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    cv_fail_alloc(0);
    enum cv_err err = scene_remove(scene, "ana", "ben", true);
    cv_fail_alloc(-1);
    assert_int_equal(err, CV_ERR_MEMORY);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
    assert_int_equal(scene_remove(scene, "ana", "ben", true), CV_OK);
}

static void restoring_without_memory_leaks_nothing(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    const struct cv_meeting_rules rules = CV_MEETING_RULES_DEFAULT;
    struct cv_meeting_record record = *cv_meeting_record(scene->meeting);
    struct cv_participant_record ana = scene_find(scene, "ana")->record;
    struct cv_block_record block = {.link = scene_id("link-ben")};
    struct cv_meeting *meeting = NULL;
    enum cv_err err;
    int n = 0;
    do {
        cv_fail_alloc(n++);
        err = cv_meeting_restore(&record, &rules, scene->now_us, &ana, 1, &block, 1, &meeting);
        cv_fail_alloc(-1);
    } while (err == CV_ERR_MEMORY);
    assert_int_equal(err, CV_OK);
    assert_int_equal(n, 5); /* the meeting, the person, the list and the blocks failed in turn */
    assert_non_null(meeting);
    cv_meeting_free(meeting);
    assert_null(cv_meeting_free(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
        SCENE_TEST(a_join_without_memory_changes_nothing),
        SCENE_TEST(a_block_without_memory_changes_nothing),
        SCENE_TEST(restoring_without_memory_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
