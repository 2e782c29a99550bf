/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "test.h"

/* ana is host, the lobby is on, ben (guest) and cem (participant) wait. */
static int setup(void **state) {
    scene_setup(state);
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_lobby(scene, "ana", true);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_join(scene, "cem", CV_ROLE_PARTICIPANT);
    return 0;
}

static void guests_and_participants_wait(void **state) {
    struct scene *scene = *state;
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
    assert_true(scene_is(scene, "cem", CV_PRESENCE_LOBBY));
    assert_int_equal(cv_meeting_occupied(scene->meeting), 1);
    assert_int_equal(cv_meeting_waiting(scene->meeting), 2);
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK), "ana");
    assert_string_equal(scene_told(scene, CV_EVENT_JOINED), "");
    assert_int_equal(scene_saved(scene, "cem")->joined_at_us, 0);
}

static void host_and_moderators_enter_directly(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "dia", CV_ROLE_MODERATOR);
    scene_join(scene, "eva", CV_ROLE_HOST);
    assert_true(scene_is(scene, "dia", CV_PRESENCE_PRESENT));
    assert_true(scene_is(scene, "eva", CV_PRESENCE_PRESENT));
}

static void only_those_who_may_admit_know_who_waits(void **state) {
    struct scene *scene = *state;
    scene_admit(scene, "ana", "cem");
    scene_join(scene, "dia", CV_ROLE_MODERATOR);
    scene_join(scene, "eva", CV_ROLE_GUEST);
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK), "ana dia");
}

static void who_waits_is_told_nothing_and_does_nothing(void **state) {
    struct scene *scene = *state;
    scene_apply(
        scene, (struct cv_command){.type = CV_COMMAND_HAND, .by = scene_id("ana"), .raised = true});
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ana");
    for (int type = CV_COMMAND_MEDIA; type <= CV_COMMAND_END; type++)
        assert_int_equal(scene_do(scene, "ben", type), CV_ERR_DENIED);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
}

static void no_signal_reaches_the_lobby(void **state) {
    struct scene *scene = *state;
    struct cv_command signal = {.type = CV_COMMAND_SIGNAL,
                                .by = scene_id("ana"),
                                .signal = {scene_id("ben"), cv_slice_str("x")}};
    assert_int_equal(scene_apply(scene, signal), CV_ERR_NOT_FOUND);
    assert_string_equal(scene_told(scene, CV_EVENT_SIGNAL), "");
}

static void the_admitted_get_a_snapshot_and_others_are_told(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_admit(scene, "ana", "ben"), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_ADMITTED), "ben");
    assert_string_equal(scene_told(scene, CV_EVENT_JOINED), "ana");
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK_GONE), "ana");
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
    assert_int_equal(scene_admit(scene, "ana", "ben"), CV_ERR_NOT_FOUND);
    assert_int_equal(scene_admit(scene, "ana", "nobody"), CV_ERR_NOT_FOUND);
}

static void all_are_admitted_as_far_as_there_is_room(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "dia", CV_ROLE_GUEST);
    scene_join(scene, "eva", CV_ROLE_GUEST);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_ADMIT_ALL), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_ADMITTED), "ben cem dia");
    /* The three see each other in their snapshots, so only ana needs to be told. */
    assert_string_equal(scene_told(scene, CV_EVENT_JOINED), "ana ana ana");
    assert_true(scene_is(scene, "eva", CV_PRESENCE_LOBBY));
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_ADMIT_ALL), CV_ERR_FULL);
    assert_int_equal(scene_admit(scene, "ana", "eva"), CV_ERR_FULL);
}

static void admitting_nobody_is_fine(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ana", CV_COMMAND_ADMIT_ALL);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_ADMIT_ALL), CV_OK);
}

static void the_denied_are_out_and_leave_no_trace(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_deny(scene, "ana", "ben"), CV_OK);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_DENIED);
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK_GONE), "ana");
    assert_string_equal(scene_told(scene, CV_EVENT_LEFT), "");
    assert_int_equal(scene_saved(scene, "ben")->joined_at_us, 0);
    assert_true(scene_saved(scene, "ben")->left_at_us > 0);
    assert_int_equal(scene_deny(scene, "ana", "ben"), CV_ERR_NOT_FOUND);
    assert_int_equal(scene_deny(scene, "ana", "ana"), CV_ERR_NOT_FOUND);
    assert_int_equal(scene_join(scene, "ben", CV_ROLE_GUEST), CV_OK);
}

static void so_many_wait_and_no_more(void **state) {
    struct scene *scene = *state;
    char who[CV_ID_BYTES];
    for (int i = 2; i < CV_MEETING_MAX_WAITING; i++) {
        snprintf(who, sizeof who, "guest%d", i);
        assert_int_equal(scene_join(scene, who, CV_ROLE_GUEST), CV_OK);
    }
    assert_int_equal(scene_join(scene, "late", CV_ROLE_GUEST), CV_ERR_FULL);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_FULL);
    assert_int_equal(scene_join(scene, "mod", CV_ROLE_MODERATOR), CV_OK);
    scene_deny(scene, "ana", "ben");
    assert_int_equal(scene_join(scene, "late", CV_ROLE_GUEST), CV_OK);
}

static void switching_it_off_lets_in_who_waits_longest(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "dia", CV_ROLE_GUEST);
    scene_join(scene, "eva", CV_ROLE_GUEST);
    scene_lobby(scene, "ana", false);
    assert_string_equal(scene_told(scene, CV_EVENT_ADMITTED), "ben cem dia");
    assert_int_equal(scene_join(scene, "fay", CV_ROLE_GUEST), CV_ERR_FULL);
    scene_do(scene, "cem", CV_COMMAND_LEAVE);
    assert_string_equal(scene_told(scene, CV_EVENT_ADMITTED), "eva");
}

static void a_lock_holds_them_in_the_lobby(void **state) {
    struct scene *scene = *state;
    scene_lock(scene, "ana", true);
    scene_lobby(scene, "ana", false);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
    assert_int_equal(scene_admit(scene, "ana", "ben"), CV_OK);
    scene_lock(scene, "ana", false);
    assert_true(scene_is(scene, "cem", CV_PRESENCE_PRESENT));
}

static void who_waits_may_lose_the_connection_too(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ben", CV_COMMAND_LOST);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "");
    /* A free place isn't given to somebody who may never come back … */
    scene_lobby(scene, "ana", false);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
    assert_true(scene_is(scene, "cem", CV_PRESENCE_PRESENT));
    /* … until it does. */
    scene_do(scene, "ben", CV_COMMAND_RESUME);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
}

static void admitted_without_a_connection_is_away(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ben", CV_COMMAND_LOST);
    scene_tick(scene, 20 * CV_US_PER_S);
    assert_int_equal(scene_admit(scene, "ana", "ben"), CV_OK);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_AWAY));
    scene_tick(scene, 10 * CV_US_PER_S);
    assert_null(scene_find(scene, "ben"));
}

static void who_waits_is_forgotten_after_30_s(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ben", CV_COMMAND_LOST);
    scene_tick(scene, 30 * CV_US_PER_S);
    assert_null(scene_find(scene, "ben"));
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK_GONE), "ana");
    assert_int_equal(scene_do(scene, "cem", CV_COMMAND_LEAVE), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_KNOCK_GONE), "ana");
}

static void a_personal_link_waits_once(void **state) {
    struct scene *scene = *state;
    struct cv_command again = {.type = CV_COMMAND_JOIN,
                               .join = {.participant = scene_id("ben2"),
                                        .link = scene_id("link-ben"),
                                        .role = CV_ROLE_GUEST,
                                        .name = cv_slice_str("Ben")}};
    assert_int_equal(scene_apply(scene, again), CV_OK);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_REPLACED);
    assert_true(scene_is(scene, "ben2", CV_PRESENCE_LOBBY));
    assert_int_equal(cv_meeting_waiting(scene->meeting), 2);
    /* Its place in the lobby outlasts a lock, as that of one who merely waits on does. */
    scene_lock(scene, "ana", true);
    again.join.participant = scene_id("ben3");
    assert_int_equal(scene_apply(scene, again), CV_OK);
    assert_true(scene_is(scene, "ben3", CV_PRESENCE_LOBBY));
}

static void they_wait_on_when_everybody_leaves(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    assert_int_equal(scene_state(scene), CV_STATE_OPEN);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_LOBBY));
    scene_join(scene, "mod", CV_ROLE_MODERATOR);
    assert_int_equal(scene_do(scene, "mod", CV_COMMAND_ADMIT_ALL), CV_OK);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
    assert_int_equal(scene_saved(scene, "ben")->session, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define LOBBY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, scene_teardown)
        LOBBY_TEST(guests_and_participants_wait),
        LOBBY_TEST(host_and_moderators_enter_directly),
        LOBBY_TEST(only_those_who_may_admit_know_who_waits),
        LOBBY_TEST(who_waits_is_told_nothing_and_does_nothing),
        LOBBY_TEST(no_signal_reaches_the_lobby),
        LOBBY_TEST(the_admitted_get_a_snapshot_and_others_are_told),
        LOBBY_TEST(all_are_admitted_as_far_as_there_is_room),
        LOBBY_TEST(admitting_nobody_is_fine),
        LOBBY_TEST(the_denied_are_out_and_leave_no_trace),
        LOBBY_TEST(so_many_wait_and_no_more),
        LOBBY_TEST(switching_it_off_lets_in_who_waits_longest),
        LOBBY_TEST(a_lock_holds_them_in_the_lobby),
        LOBBY_TEST(who_waits_may_lose_the_connection_too),
        LOBBY_TEST(admitted_without_a_connection_is_away),
        LOBBY_TEST(who_waits_is_forgotten_after_30_s),
        LOBBY_TEST(a_personal_link_waits_once),
        LOBBY_TEST(they_wait_on_when_everybody_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
