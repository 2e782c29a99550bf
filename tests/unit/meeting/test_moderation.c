/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "test.h"

/* ana is host, mod a moderator, ben a guest by a link of his own. */
static int setup(void **state) {
    scene_setup(state);
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "mod", CV_ROLE_MODERATOR);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    return 0;
}

static void the_lock_is_told_and_saved(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_lock(scene, "mod", true), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_MEETING), "ana mod ben");
    assert_true(scene_effect(scene, CV_EFFECT_SAVE_MEETING)->meeting.locked);
    assert_int_equal(scene_lock(scene, "mod", true), CV_OK);
    assert_int_equal(scene->effects.count, 0);
}

static void muting_tells_one_person(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_mute(scene, "mod", "ben"), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_MUTED), "ben");
    assert_string_equal(scene_event(scene, CV_EVENT_MUTED)->subject.text, "mod");
    assert_int_equal(scene_mute(scene, "ana", "mod"), CV_OK);
    assert_int_equal(scene_mute(scene, "mod", "nobody"), CV_ERR_NOT_FOUND);
}

static void nobody_acts_on_a_host(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "eva", CV_ROLE_HOST);
    const char *const actors[] = {"mod", "eva"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(scene_mute(scene, actors[i], "ana"), CV_ERR_DENIED);
        assert_int_equal(scene_remove(scene, actors[i], "ana", false), CV_ERR_DENIED);
        assert_int_equal(scene_remove(scene, actors[i], "ana", true), CV_ERR_DENIED);
        assert_int_equal(scene_role(scene, actors[i], "ana", CV_ROLE_PARTICIPANT), CV_ERR_DENIED);
    }
    assert_int_equal(scene_role_of(scene, "ana"), CV_ROLE_HOST);
}

static void the_removed_are_out_and_may_come_back(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_remove(scene, "mod", "ben", false), CV_OK);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_REMOVED);
    assert_string_equal(scene_told(scene, CV_EVENT_LEFT), "ana mod");
    assert_int_equal(scene_saved(scene, "ben")->gone, CV_GONE_REMOVED);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_RESUME), CV_ERR_NOT_FOUND);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_RESUME_FAILED);
    assert_int_equal(scene_join(scene, "ben", CV_ROLE_GUEST), CV_OK);
}

static void a_blocked_personal_link_is_blocked_for_good(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_remove(scene, "mod", "ben", true), CV_OK);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_BLOCKED);
    const struct cv_effect *saved = scene_effect(scene, CV_EFFECT_SAVE_BLOCK);
    assert_string_equal(saved->block.link.text, "link-ben");
    assert_true(cv_id_empty(&saved->block.participant));
    assert_int_equal(scene_join(scene, "ben", CV_ROLE_GUEST), CV_ERR_DENIED);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_BLOCKED);
}

/* Nothing tells who comes by a shared link a second time: only the place is lost. */
static void who_came_by_a_shared_link_cannot_resume(void **state) {
    struct scene *scene = *state;
    scene_join_shared(scene, "cem", "shared", CV_ROLE_GUEST);
    assert_int_equal(scene_remove(scene, "mod", "cem", true), CV_OK);
    const struct cv_effect *saved = scene_effect(scene, CV_EFFECT_SAVE_BLOCK);
    assert_string_equal(saved->block.participant.text, "cem");
    assert_true(cv_id_empty(&saved->block.link));
    assert_int_equal(saved->block.session, 1);
    assert_int_equal(scene_do(scene, "cem", CV_COMMAND_RESUME), CV_ERR_DENIED);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_BLOCKED);
    assert_int_equal(scene_join_shared(scene, "dia", "shared", CV_ROLE_GUEST), CV_OK);
}

static void who_waits_may_be_removed_too(void **state) {
    struct scene *scene = *state;
    scene_lobby(scene, "mod", true);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    assert_int_equal(scene_remove(scene, "mod", "cem", true), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK_GONE), "ana mod");
    assert_string_equal(scene_told(scene, CV_EVENT_LEFT), "");
    assert_int_equal(scene_join(scene, "cem", CV_ROLE_GUEST), CV_ERR_DENIED);
}

static void nobody_removes_oneself(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_remove(scene, "mod", "mod", true), CV_ERR_DENIED);
    assert_int_equal(scene_remove(scene, "mod", "nobody", true), CV_ERR_NOT_FOUND);
}

static void blocks_are_limited(void **state) {
    struct scene *scene = *state;
    char who[CV_ID_BYTES];
    for (int i = 0; i < CV_MEETING_MAX_BLOCKS; i++) {
        snprintf(who, sizeof who, "guest%d", i);
        assert_int_equal(scene_join(scene, who, CV_ROLE_GUEST), CV_OK);
        assert_int_equal(scene_remove(scene, "mod", who, true), CV_OK);
    }
    assert_int_equal(scene_remove(scene, "mod", "ben", true), CV_ERR_FULL);
    assert_int_equal(scene_remove(scene, "mod", "ben", false), CV_OK);
}

static void the_host_makes_moderators(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_role(scene, "mod", "ben", CV_ROLE_MODERATOR), CV_ERR_DENIED);
    assert_int_equal(scene_role(scene, "ana", "ben", CV_ROLE_MODERATOR), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ana mod ben");
    assert_int_equal(scene_saved(scene, "ben")->role, CV_ROLE_MODERATOR);
    assert_int_equal(scene_saved(scene, "ben")->own_role, CV_ROLE_GUEST);
    assert_int_equal(scene_lock(scene, "ben", true), CV_OK);
    assert_int_equal(scene_role(scene, "ana", "ben", CV_ROLE_PARTICIPANT), CV_OK);
    assert_int_equal(scene_lock(scene, "ben", false), CV_ERR_DENIED);
    assert_int_equal(scene_role(scene, "ana", "ben", CV_ROLE_PARTICIPANT), CV_OK);
    assert_int_equal(scene->effects.count, 0);
}

static void no_other_role_is_given(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_role(scene, "ana", "ben", CV_ROLE_HOST), CV_ERR_RANGE);
    assert_int_equal(scene_role(scene, "ana", "mod", CV_ROLE_GUEST), CV_ERR_RANGE);
    assert_int_equal(scene_role(scene, "ana", "nobody", CV_ROLE_MODERATOR), CV_ERR_NOT_FOUND);
}

static void a_new_moderator_is_told_who_waits(void **state) {
    struct scene *scene = *state;
    scene_lobby(scene, "ana", true);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    scene_join(scene, "dia", CV_ROLE_GUEST);
    scene_role(scene, "ana", "ben", CV_ROLE_MODERATOR);
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK), "ben ben");
    assert_int_equal(scene_role(scene, "ana", "cem", CV_ROLE_MODERATOR), CV_ERR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define MODERATION_TEST(f) cmocka_unit_test_setup_teardown(f, setup, scene_teardown)
        MODERATION_TEST(the_lock_is_told_and_saved),
        MODERATION_TEST(muting_tells_one_person),
        MODERATION_TEST(nobody_acts_on_a_host),
        MODERATION_TEST(the_removed_are_out_and_may_come_back),
        MODERATION_TEST(a_blocked_personal_link_is_blocked_for_good),
        MODERATION_TEST(who_came_by_a_shared_link_cannot_resume),
        MODERATION_TEST(who_waits_may_be_removed_too),
        MODERATION_TEST(nobody_removes_oneself),
        MODERATION_TEST(blocks_are_limited),
        MODERATION_TEST(the_host_makes_moderators),
        MODERATION_TEST(no_other_role_is_given),
        MODERATION_TEST(a_new_moderator_is_told_who_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
