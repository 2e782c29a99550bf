/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "test.h"

static void the_first_to_enter_starts_a_session(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_state(scene), CV_STATE_OPEN);
    assert_int_equal(scene_join(scene, "ana", CV_ROLE_GUEST), CV_OK);
    assert_int_equal(scene_state(scene), CV_STATE_LIVE);
    const struct cv_effect *saved = scene_effect(scene, CV_EFFECT_SAVE_MEETING);
    assert_int_equal(saved->meeting.session, 1);
    assert_int_equal(saved->meeting.session_started_at_us, scene->now_us);
    const struct cv_participant_record *ana = scene_saved(scene, "ana");
    assert_int_equal(ana->joined_at_us, scene->now_us);
    assert_int_equal(ana->session, 1);
    assert_string_equal(ana->name, "ana");
}

/* The store may hold on to this order: a participant refers to a session. */
static void the_session_is_saved_before_its_participant(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_GUEST);
    assert_int_equal(scene->effects.items[0].type, CV_EFFECT_SAVE_MEETING);
    assert_int_equal(scene->effects.items[1].type, CV_EFFECT_SAVE_PARTICIPANT);
}

static void those_who_are_in_are_told_who_enters(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    assert_string_equal(scene_told(scene, CV_EVENT_JOINED), "");
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_string_equal(scene_told(scene, CV_EVENT_JOINED), "ana");
    scene_join(scene, "cem", CV_ROLE_GUEST);
    assert_string_equal(scene_told(scene, CV_EVENT_JOINED), "ana ben");
    assert_string_equal(scene_event(scene, CV_EVENT_JOINED)->participant.record.name, "cem");
}

static void nobody_enters_too_early_or_too_late(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_SCHEDULED);
    record.schedule.starts_at_us += 1;
    scene_open(scene, &record);
    assert_int_equal(scene_join(scene, "ana", CV_ROLE_HOST), CV_ERR_STATE);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_TOO_EARLY);
    scene->now_us += 1;
    assert_int_equal(scene_join(scene, "ana", CV_ROLE_HOST), CV_OK);
    scene->now_us += 7 * CV_US_PER_HOUR;
    assert_int_equal(scene_join(scene, "ben", CV_ROLE_HOST), CV_ERR_STATE);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_EXPIRED);
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_EXPIRED);
    assert_non_null(scene_effect(scene, CV_EFFECT_CLOSE));
}

static void an_ended_meeting_stays_closed(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_do(scene, "ana", CV_COMMAND_END);
    assert_int_equal(scene_join(scene, "ana2", CV_ROLE_HOST), CV_ERR_STATE);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_ENDED);
    assert_int_equal(scene_count(scene, CV_EFFECT_CLOSE), 0);
}

static void four_places_in_a_mesh_and_as_many_as_set_in_others(void **state) {
    struct scene *scene = *state;
    const char *const people[] = {"ana", "ben", "cem", "dia", "eva"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(scene_join(scene, people[i], CV_ROLE_GUEST), CV_OK);
    assert_int_equal(scene_join(scene, people[4], CV_ROLE_HOST), CV_ERR_FULL);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_FULL);

    struct cv_meeting_record record = scene_record(CV_KIND_ROOM);
    record.topology = CV_TOPOLOGY_AUTO;
    scene_open(scene, &record);
    for (int i = 0; i < 200; i++) {
        char who[16];
        snprintf(who, sizeof who, "person%d", i);
        assert_int_equal(scene_join(scene, who, CV_ROLE_GUEST), CV_OK);
    }
    assert_int_equal(scene_join(scene, people[4], CV_ROLE_GUEST), CV_ERR_FULL);
}

static void a_locked_meeting_takes_host_and_moderators_only(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    assert_int_equal(scene_lock(scene, "ana", true), CV_OK);
    assert_int_equal(scene_join(scene, "ben", CV_ROLE_PARTICIPANT), CV_ERR_STATE);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_LOCKED);
    assert_int_equal(scene_join(scene, "cem", CV_ROLE_MODERATOR), CV_OK);
    assert_int_equal(scene_join(scene, "dia", CV_ROLE_HOST), CV_OK);
}

static void a_lost_connection_keeps_the_place_for_30_s(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_LOST), CV_OK);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_AWAY));
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ana ben");
    int64_t lost_at_us = scene->now_us;
    assert_int_equal(cv_meeting_deadline(scene->meeting), lost_at_us + 30 * CV_US_PER_S);
    scene_tick(scene, 30 * CV_US_PER_S - 1);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_AWAY));
    scene_tick(scene, 1);
    assert_null(scene_find(scene, "ben"));
    assert_string_equal(scene_told(scene, CV_EVENT_LEFT), "ana");
    assert_int_equal(scene_event(scene, CV_EVENT_LEFT)->gone, CV_GONE_LOST);
    assert_int_equal(scene_saved(scene, "ben")->left_at_us, lost_at_us);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_RESUME), CV_ERR_NOT_FOUND);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_RESUME_FAILED);
}

static void whose_session_ends_is_out_at_once(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_do(scene, "ben", CV_COMMAND_LOST);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_SIGNED_OUT), CV_OK);
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_SIGNED_OUT);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_SIGNED_OUT), CV_OK);
    assert_null(scene_find(scene, "ben"));
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_SIGNED_OUT), CV_ERR_NOT_FOUND);
}

static void who_resumes_in_time_has_its_place(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_lock(scene, "ana", true);
    scene_do(scene, "ben", CV_COMMAND_LOST);
    scene->now_us += 29 * CV_US_PER_S;
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_RESUME), CV_OK);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ana ben");
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_NOT);
    scene_tick(scene, CV_US_PER_MIN);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
}

static void a_second_connection_replaces_the_first(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_RESUME), CV_OK);
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_REPLACED);
    assert_true(scene_is(scene, "ben", CV_PRESENCE_PRESENT));
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "");
}

static void losing_twice_is_losing_once(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_do(scene, "ana", CV_COMMAND_LOST);
    scene->now_us += 20 * CV_US_PER_S;
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_LOST), CV_ERR_STATE);
    assert_int_equal(scene_do(scene, "nobody", CV_COMMAND_LOST), CV_ERR_NOT_FOUND);
    scene_tick(scene, 10 * CV_US_PER_S);
    assert_null(scene_find(scene, "ana"));
}

static void who_is_away_can_only_leave(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_do(scene, "ana", CV_COMMAND_LOST);
    assert_int_equal(scene_lock(scene, "ana", true), CV_ERR_STATE);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_LEAVE), CV_OK);
    assert_int_equal(scene_saved(scene, "ana")->gone, CV_GONE_LEFT);
    assert_null(scene_find(scene, "ana"));
}

static void leaving_gives_the_place_up(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_LEAVE), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_LEFT), "ana");
    assert_int_equal(scene_gone(scene, "ben"), CV_GONE_LEFT);
    assert_int_equal(scene_saved(scene, "ben")->gone, CV_GONE_LEFT);
    assert_int_equal(scene_saved(scene, "ben")->left_at_us, scene->now_us);
    assert_int_equal(scene_do(scene, "ben", CV_COMMAND_LEAVE), CV_ERR_NOT_FOUND);
}

static enum cv_err join_by(struct scene *scene, const char *who, const char *link,
                           const char *account) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_JOIN,
                                                  .join = {.participant = scene_id(who),
                                                           .link = scene_id(link),
                                                           .account = scene_id(account),
                                                           .role = CV_ROLE_HOST,
                                                           .name = cv_slice_str(who)}});
}

static void an_account_holds_one_place(void **state) {
    struct scene *scene = *state;
    assert_int_equal(join_by(scene, "ana", "", "u1"), CV_OK);
    assert_int_equal(join_by(scene, "ben", "link-ben", ""), CV_OK);
    assert_int_equal(join_by(scene, "ana2", "", "u1"), CV_OK);
    assert_null(scene_find(scene, "ana"));
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_REPLACED);
    assert_string_equal(scene_told(scene, CV_EVENT_LEFT), "ben");
    assert_string_equal(scene_told(scene, CV_EVENT_JOINED), "ben");
    assert_int_equal(cv_meeting_record(scene->meeting)->session, 1);
}

static void a_personal_link_takes_its_place_over(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_ROOM);
    record.topology = CV_TOPOLOGY_AUTO;
    scene_open(scene, &record);
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_role(scene, "ana", "ben", CV_ROLE_MODERATOR);
    scene_lobby(scene, "ana", true);
    scene_lock(scene, "ana", true);
    scene_do(scene, "ben", CV_COMMAND_LOST);
    struct cv_command again = {.type = CV_COMMAND_JOIN,
                               .join = {.participant = scene_id("ben2"),
                                        .link = scene_id("link-ben"),
                                        .role = CV_ROLE_GUEST,
                                        .name = cv_slice_str("Ben")}};
    assert_int_equal(scene_apply(scene, again), CV_OK);
    assert_true(scene_is(scene, "ben2", CV_PRESENCE_PRESENT));
    assert_int_equal(scene_role_of(scene, "ben2"), CV_ROLE_MODERATOR);
    assert_null(scene_find(scene, "ben"));
}

static void a_shared_link_takes_several(void **state) {
    struct scene *scene = *state;
    assert_int_equal(scene_join_shared(scene, "ana", "link", CV_ROLE_GUEST), CV_OK);
    assert_int_equal(scene_join_shared(scene, "ben", "link", CV_ROLE_GUEST), CV_OK);
    assert_int_equal(cv_meeting_occupied(scene->meeting), 2);
}

static void an_impossible_join_is_refused(void **state) {
    struct scene *scene = *state;
    assert_int_equal(join_by(scene, "ana", "", ""), CV_ERR_RANGE);
    assert_int_equal(join_by(scene, "ana", "link", "u1"), CV_ERR_RANGE);
    struct cv_command join = {
        .type = CV_COMMAND_JOIN,
        .join = {.participant = scene_id("ana"), .link = scene_id("link"), .name = {NULL, 0}}};
    assert_int_equal(scene_apply(scene, join), CV_ERR_RANGE);
    join.join.name = cv_slice_str("a\nb");
    assert_int_equal(scene_apply(scene, join), CV_ERR_RANGE);
    char longest[CV_NAME_CHARS + 2] = {0};
    memset(longest, 'x', CV_NAME_CHARS + 1);
    join.join.name = cv_slice_str(longest);
    assert_int_equal(scene_apply(scene, join), CV_ERR_RANGE);
    join.join.name.size--;
    assert_int_equal(scene_apply(scene, join), CV_OK);
    assert_int_equal(scene_apply(scene, join), CV_ERR_EXISTS);
    join.join.participant = scene_id("");
    assert_int_equal(scene_apply(scene, join), CV_ERR_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
        SCENE_TEST(the_first_to_enter_starts_a_session),
        SCENE_TEST(the_session_is_saved_before_its_participant),
        SCENE_TEST(those_who_are_in_are_told_who_enters),
        SCENE_TEST(nobody_enters_too_early_or_too_late),
        SCENE_TEST(an_ended_meeting_stays_closed),
        SCENE_TEST(four_places_in_a_mesh_and_as_many_as_set_in_others),
        SCENE_TEST(a_locked_meeting_takes_host_and_moderators_only),
        SCENE_TEST(a_lost_connection_keeps_the_place_for_30_s),
        SCENE_TEST(whose_session_ends_is_out_at_once),
        SCENE_TEST(who_resumes_in_time_has_its_place),
        SCENE_TEST(a_second_connection_replaces_the_first),
        SCENE_TEST(losing_twice_is_losing_once),
        SCENE_TEST(who_is_away_can_only_leave),
        SCENE_TEST(leaving_gives_the_place_up),
        SCENE_TEST(an_account_holds_one_place),
        SCENE_TEST(a_personal_link_takes_its_place_over),
        SCENE_TEST(a_shared_link_takes_several),
        SCENE_TEST(an_impossible_join_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
