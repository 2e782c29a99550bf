/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "test.h"

static void ending_takes_everyone_out(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_lobby(scene, "ana", true);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_END), CV_ERR_DENIED);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_END), CV_OK);
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_ENDED);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_ENDED);
    assert_int_equal(scene_gone(scene, "cem"), CV_GONE_ENDED);
    assert_int_equal(scene_state(scene), CV_STATE_ENDED);
    assert_int_equal(cv_meeting_record(scene->meeting)->schedule.ended_at_us, scene->now_us);
    assert_int_equal(cv_meeting_record(scene->meeting)->session_ended_at_us, scene->now_us);
    assert_non_null(scene_effect(scene, CV_EFFECT_CLOSE));
    assert_int_equal(scene->effects.items[scene->effects.count - 1].type, CV_EFFECT_CLOSE);
    assert_int_equal(cv_meeting_deadline(scene->meeting), CV_TIME_NEVER);
}

static void the_owner_ends_it_from_outside(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_do(scene, "", CV_COMMAND_END), CV_OK);
    assert_true(scene_effect(scene, CV_EFFECT_SAVE_MEETING)->meeting.schedule.ended_at_us > 0);
    assert_int_equal(scene_do(scene, "", CV_COMMAND_END), CV_ERR_STATE);
}

static void the_owner_may_call_off_what_is_not_open_yet(void **state) {
    struct scene *scene = *state;
    scene->now_us -= CV_US_PER_DAY;
    assert_int_equal(scene_state(scene), CV_STATE_SCHEDULED);
    assert_int_equal(scene_do(scene, "", CV_COMMAND_END), CV_OK);
    assert_int_equal(scene_state(scene), CV_STATE_ENDED);
}

static void ending_a_room_ends_its_session(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_ROOM);
    scene_open(scene, &record);
    scene_join(scene, "ana", CV_ROLE_HOST);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_END), CV_OK);
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_ENDED);
    assert_int_equal(scene_state(scene), CV_STATE_OPEN);
    assert_null(scene_effect(scene, CV_EFFECT_CLOSE));
    assert_int_equal(scene_join(scene, "ana", CV_ROLE_HOST), CV_OK);
    assert_int_equal(cv_meeting_record(scene->meeting)->session, 2);
}

/* The meeting's values as they are, to be changed. */
static struct cv_command update_of(const struct scene *scene) {
    const struct cv_meeting_record *record = cv_meeting_record(scene->meeting);
    return (struct cv_command){.type = CV_COMMAND_UPDATE,
                               .update = {.title = cv_slice_str("Retrospective"),
                                          .starts_at_us = record->schedule.starts_at_us,
                                          .duration_us = record->schedule.duration_us,
                                          .lobby = record->lobby,
                                          .topology = record->topology}};
}

static void an_update_is_told_and_saved(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    struct cv_command update = update_of(scene);
    update.update.lobby = true;
    assert_int_equal(scene_apply(scene, update), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_MEETING), "ana");
    const struct cv_effect *saved = scene_effect(scene, CV_EFFECT_SAVE_MEETING);
    assert_string_equal(saved->meeting.title, "Retrospective");
    assert_true(saved->meeting.lobby);
    scene_do(scene, "ana", CV_COMMAND_END);
    assert_int_equal(scene_apply(scene, update), CV_ERR_STATE);
}

static void impossible_updates_change_nothing(void **state) {
    struct scene *scene = *state;
    const char *const people[] = {"ana", "ben", "cem", "dia", "eva"};
    struct cv_meeting_record record = scene_record(CV_KIND_SCHEDULED);
    record.topology = CV_TOPOLOGY_AUTO;
    scene_open(scene, &record);
    for (int i = 0; i < 5; i++)
        scene_join(scene, people[i], CV_ROLE_HOST);
    struct cv_command update = update_of(scene);
    update.update.title = cv_slice_str("");
    assert_int_equal(scene_apply(scene, update), CV_ERR_RANGE);
    update = update_of(scene);
    update.update.starts_at_us = -1;
    assert_int_equal(scene_apply(scene, update), CV_ERR_RANGE);
    update = update_of(scene);
    update.update.topology = CV_TOPOLOGY_MESH;
    assert_int_equal(scene_apply(scene, update), CV_ERR_FULL);
    update = update_of(scene);
    update.update.starts_at_us += CV_US_PER_DAY;
    assert_int_equal(scene_apply(scene, update), CV_ERR_STATE);
    assert_string_equal(cv_meeting_record(scene->meeting)->title, "Planning");
    assert_int_equal(scene->effects.count, 0);
}

static void a_meeting_nobody_is_in_may_be_moved(void **state) {
    struct scene *scene = *state;
    struct cv_command update = update_of(scene);
    update.update.starts_at_us += CV_US_PER_DAY;
    assert_int_equal(scene_apply(scene, update), CV_OK);
    assert_int_equal(scene_state(scene), CV_STATE_SCHEDULED);
    assert_int_equal(cv_meeting_opens_at(scene->meeting), scene->now_us + CV_US_PER_DAY);
}

static void a_meeting_somebody_waits_for_is_not_moved(void **state) {
    struct scene *scene = *state;
    struct cv_command update = update_of(scene);
    update.update.lobby = true;
    assert_int_equal(scene_apply(scene, update), CV_OK);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
    update.update.starts_at_us += CV_US_PER_DAY;
    assert_int_equal(scene_apply(scene, update), CV_ERR_STATE);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
}

static void revoking_a_link_takes_out_who_came_by_it(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join_shared(scene, "ben", "shared", CV_ROLE_GUEST);
    scene_join_shared(scene, "cem", "shared", CV_ROLE_GUEST);
    scene_lobby(scene, "ana", true);
    scene_join_shared(scene, "dia", "shared", CV_ROLE_GUEST);
    scene_do(scene, "cem", CV_COMMAND_LOST);
    struct cv_command revoked = {.type = CV_COMMAND_LINK_REVOKED, .link = scene_id("shared")};
    assert_int_equal(scene_apply(scene, revoked), CV_OK);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_REVOKED);
    assert_int_equal(scene_gone(scene, "cem"), CV_GONE_REVOKED);
    assert_int_equal(scene_gone(scene, "dia"), CV_GONE_REVOKED);
    assert_true(scene_is(scene, "ana", CV_PRESENCE_PRESENT));
    assert_int_equal(scene_apply(scene, revoked), CV_OK);
    assert_int_equal(scene->effects.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
        SCENE_TEST(ending_takes_everyone_out),
        SCENE_TEST(the_owner_ends_it_from_outside),
        SCENE_TEST(the_owner_may_call_off_what_is_not_open_yet),
        SCENE_TEST(ending_a_room_ends_its_session),
        SCENE_TEST(an_update_is_told_and_saved),
        SCENE_TEST(impossible_updates_change_nothing),
        SCENE_TEST(a_meeting_nobody_is_in_may_be_moved),
        SCENE_TEST(a_meeting_somebody_waits_for_is_not_moved),
        SCENE_TEST(revoking_a_link_takes_out_who_came_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
