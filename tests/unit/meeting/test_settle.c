/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions, expiry, and standing in for the host. Filling places is in test_lobby.c. */
#include "scene.h"

#include "test.h"

static void a_session_ends_with_the_last_place(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_lock(scene, "ana", true);
    scene_do(scene, "ana", CV_COMMAND_LOST);
    assert_int_equal(cv_meeting_record(scene->meeting)->session_ended_at_us, 0);
    scene_tick(scene, 30 * CV_US_PER_S);
    const struct cv_meeting_record *saved = &scene_effect(scene, CV_EFFECT_SAVE_MEETING)->meeting;
    assert_int_equal(saved->session, 1);
    assert_int_equal(saved->session_ended_at_us, scene->now_us);
    assert_false(saved->locked);
    assert_int_equal(scene_state(scene), CV_STATE_OPEN);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    saved = &scene_effect(scene, CV_EFFECT_SAVE_MEETING)->meeting;
    assert_int_equal(saved->session, 2);
    assert_int_equal(saved->session_ended_at_us, 0);
}

static void a_participant_block_ends_with_the_session(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_join_shared(scene, "cem", "shared", CV_ROLE_GUEST);
    scene_remove(scene, "ana", "ben", true);
    scene_remove(scene, "ana", "cem", true);
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    scene_do(scene, "cem", CV_COMMAND_RESUME);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_RESUME_FAILED);
    assert_int_equal(scene_join(scene, "ben", CV_ROLE_GUEST), CV_ERR_DENIED);
}

static void time_closes_a_meeting(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    assert_int_equal(cv_meeting_deadline(scene->meeting), scene->now_us + 7 * CV_US_PER_HOUR);
    scene_tick(scene, 7 * CV_US_PER_HOUR - 1);
    assert_true(scene_is(scene, "ana", CV_PRESENCE_PRESENT));
    scene_tick(scene, 1);
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_EXPIRED);
    assert_int_equal(scene_saved(scene, "ana")->gone, CV_GONE_EXPIRED);
    assert_int_equal(cv_meeting_record(scene->meeting)->session_ended_at_us, scene->now_us);
    assert_int_equal(scene_count(scene, CV_EFFECT_CLOSE), 1);
    scene_tick(scene, 1);
    assert_int_equal(scene->effects.count, 0);
}

/* What time brings about comes first, also when the command itself fails. */
static void a_late_command_finds_things_as_they_are(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_do(scene, "ben", CV_COMMAND_LOST);
    scene->now_us += CV_US_PER_MIN;
    assert_int_equal(scene_mute(scene, "ana", "ben"), CV_ERR_NOT_FOUND);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_LOST);
}

/* An instant meeting that belongs to no account. */
static int setup_unowned(void **state) {
    scene_setup(state);
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_INSTANT);
    record.owned = false;
    scene_open(scene, &record);
    return 0;
}

static void the_first_to_enter_stands_in(void **state) {
    struct scene *scene = *state;
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_HOST);
    assert_int_equal(scene_saved(scene, "ben")->role, CV_ROLE_HOST);
    assert_int_equal(scene_saved(scene, "ben")->own_role, CV_ROLE_GUEST);
    scene_join_shared(scene, "cem", "guests", CV_ROLE_GUEST);
    assert_int_equal(scene_role_of(scene, "cem"), CV_ROLE_GUEST);
    assert_int_equal(scene_remove(scene, "ben", "cem", false), CV_OK);
}

static void it_steps_back_when_the_host_enters(void **state) {
    struct scene *scene = *state;
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    scene_join(scene, "ana", CV_ROLE_HOST);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_GUEST);
    assert_int_equal(scene_saved(scene, "ben")->role, CV_ROLE_GUEST);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ben");
    assert_int_equal(scene_remove(scene, "ana", "ben", false), CV_OK);
}

static void whoever_is_in_longest_follows_the_host(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    scene_join_shared(scene, "cem", "guests", CV_ROLE_GUEST);
    /* Being away is not being gone … */
    scene_do(scene, "ana", CV_COMMAND_LOST);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_GUEST);
    scene_tick(scene, 30 * CV_US_PER_S);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_HOST);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ben cem");
    /* … for the one who stands in either. */
    scene_do(scene, "ben", CV_COMMAND_LOST);
    assert_int_equal(scene_role_of(scene, "cem"), CV_ROLE_GUEST);
    scene_do(scene, "ben", CV_COMMAND_RESUME);
    scene_do(scene, "ben", CV_COMMAND_LEAVE);
    assert_int_equal(scene_role_of(scene, "cem"), CV_ROLE_HOST);
}

static void who_is_away_does_not_stand_in(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    scene_join_shared(scene, "cem", "guests", CV_ROLE_GUEST);
    scene_do(scene, "ben", CV_COMMAND_LOST);
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    assert_int_equal(scene_role_of(scene, "cem"), CV_ROLE_HOST);
    scene_do(scene, "ben", CV_COMMAND_RESUME);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_GUEST);
}

static void one_who_resumes_stands_in_when_nobody_does(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    scene_do(scene, "ben", CV_COMMAND_LOST);
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_GUEST);
    scene_do(scene, "ben", CV_COMMAND_RESUME);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_HOST);
}

static void a_new_host_is_told_who_waits(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    scene_lobby(scene, "ana", true);
    scene_join_shared(scene, "cem", "guests", CV_ROLE_GUEST);
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK), "ben");
    assert_int_equal(scene_admit(scene, "ben", "cem"), CV_OK);
}

static void a_lobby_keeps_an_empty_meeting_shut(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_lobby(scene, "ana", true);
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_GUEST);
}

static void nobody_stands_in_for_an_account(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_INSTANT);
    scene_open(scene, &record);
    scene_join_shared(scene, "ben", "guests", CV_ROLE_GUEST);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_GUEST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
#define UNOWNED_TEST(f) cmocka_unit_test_setup_teardown(f, setup_unowned, scene_teardown)
        SCENE_TEST(a_session_ends_with_the_last_place),
        SCENE_TEST(a_participant_block_ends_with_the_session),
        SCENE_TEST(time_closes_a_meeting),
        SCENE_TEST(a_late_command_finds_things_as_they_are),
        UNOWNED_TEST(the_first_to_enter_stands_in),
        UNOWNED_TEST(it_steps_back_when_the_host_enters),
        UNOWNED_TEST(whoever_is_in_longest_follows_the_host),
        UNOWNED_TEST(who_is_away_does_not_stand_in),
        UNOWNED_TEST(one_who_resumes_stands_in_when_nobody_does),
        UNOWNED_TEST(a_new_host_is_told_who_waits),
        UNOWNED_TEST(a_lobby_keeps_an_empty_meeting_shut),
        SCENE_TEST(nobody_stands_in_for_an_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
