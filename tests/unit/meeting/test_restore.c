/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "test.h"

/* Restarts: the meeting forgets all but what is given here, which is of the scene's meeting. */
static enum cv_err restore(struct scene *scene, const struct cv_participant_record *participants,
                           size_t participant_count, const struct cv_block_record *blocks,
                           size_t block_count) {
    const struct cv_meeting_rules rules = CV_MEETING_RULES_DEFAULT;
    struct cv_meeting_record record = *cv_meeting_record(scene->meeting);
    struct cv_meeting *meeting = NULL;
    enum cv_err err = cv_meeting_restore(&record, &rules, scene->now_us, participants,
                                         participant_count, blocks, block_count, &meeting);
    if (!err) {
        cv_meeting_free(scene->meeting);
        scene->meeting = meeting;
        scene_tick(scene, 0);
    }
    return err;
}

static struct cv_participant_record record_of(const struct scene *scene, const char *who) {
    return scene_find(scene, who)->record;
}

static void everyone_has_30_s_to_come_back(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_role(scene, "ana", "ben", CV_ROLE_MODERATOR);
    scene_lobby(scene, "ana", true);
    scene_lock(scene, "ana", true);
    scene_lock(scene, "ana", false);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    struct cv_participant_record records[] = {record_of(scene, "cem"), record_of(scene, "ben"),
                                              record_of(scene, "ana")};
    scene->now_us += CV_US_PER_MIN;
    assert_int_equal(restore(scene, records, 3, NULL, 0), CV_OK);
    assert_int_equal(scene->effects.count, 0);
    assert_true(scene_is(scene, "ana", CV_PRESENCE_AWAY));
    assert_true(scene_is(scene, "ben", CV_PRESENCE_AWAY));
    assert_true(scene_is(scene, "cem", CV_PRESENCE_LOBBY));
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_MODERATOR);
    assert_int_equal(scene_state(scene), CV_STATE_LIVE);
    assert_int_equal(cv_meeting_deadline(scene->meeting), scene->now_us + 30 * CV_US_PER_S);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_RESUME), CV_OK);
    assert_int_equal(scene_do(scene, "cem", CV_COMMAND_RESUME), CV_OK);
    assert_int_equal(scene_admit(scene, "ana", "cem"), CV_OK);
    scene_tick(scene, 30 * CV_US_PER_S);
    assert_null(scene_find(scene, "ben"));
    assert_true(scene_is(scene, "ana", CV_PRESENCE_PRESENT));
    assert_true(scene_is(scene, "cem", CV_PRESENCE_PRESENT));
}

static void the_order_of_entry_is_kept(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_INSTANT);
    record.owned = false;
    scene_open(scene, &record);
    const char *const people[] = {"ana", "ben", "cem"};
    for (int i = 0; i < 3; i++) {
        scene_join(scene, people[i], i ? CV_ROLE_GUEST : CV_ROLE_HOST);
        scene->now_us += CV_US_PER_S;
    }
    struct cv_participant_record records[] = {record_of(scene, "cem"), record_of(scene, "ana"),
                                              record_of(scene, "ben")};
    assert_int_equal(restore(scene, records, 3, NULL, 0), CV_OK);
    for (int i = 2; i >= 0; i--)
        scene_do(scene, people[i], CV_COMMAND_RESUME);
    size_t cursor = 0;
    for (int i = 0; i < 3; i++)
        assert_string_equal(cv_meeting_next(scene->meeting, &cursor)->record.id.text, people[i]);
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    assert_int_equal(scene_role_of(scene, "ben"), CV_ROLE_HOST);
}

static void who_left_stays_away(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    struct cv_participant_record records[] = {record_of(scene, "ana"), record_of(scene, "ben")};
    records[1].left_at_us = scene->now_us;
    assert_int_equal(restore(scene, records, 2, NULL, 0), CV_OK);
    assert_null(scene_find(scene, "ben"));
    assert_int_equal(cv_meeting_occupied(scene->meeting), 1);
}

static void what_belongs_to_an_earlier_session_is_passed_over(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    struct cv_participant_record stale = record_of(scene, "ana");
    struct cv_block_record blocks[] = {{.participant = scene_id("cem"), .session = 1},
                                       {.participant = scene_id("dia"), .session = 2},
                                       {.link = scene_id("link-eva")}};
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    scene_join(scene, "ben", CV_ROLE_HOST);
    struct cv_participant_record records[] = {stale, record_of(scene, "ben")};
    assert_int_equal(restore(scene, records, 2, blocks, 3), CV_OK);
    assert_null(scene_find(scene, "ana"));
    assert_true(scene_is(scene, "ben", CV_PRESENCE_AWAY));
    scene_do(scene, "cem", CV_COMMAND_RESUME);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_RESUME_FAILED);
    scene_do(scene, "dia", CV_COMMAND_RESUME);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_BLOCKED);
    scene_join(scene, "eva", CV_ROLE_GUEST);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_BLOCKED);
}

static void a_session_that_nobody_is_left_in_ends(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    assert_int_equal(restore(scene, NULL, 0, NULL, 0), CV_OK);
    assert_int_equal(scene_effect(scene, CV_EFFECT_SAVE_MEETING)->meeting.session_ended_at_us,
                     scene->now_us);
}

static void what_was_over_meanwhile_closes(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    struct cv_participant_record record = record_of(scene, "ana");
    scene->now_us += CV_US_PER_DAY;
    assert_int_equal(restore(scene, &record, 1, NULL, 0), CV_OK);
    assert_int_equal(scene_gone(scene, "ana"), CV_GONE_EXPIRED);
    assert_non_null(scene_effect(scene, CV_EFFECT_CLOSE));
}

static void one_id_twice_is_refused(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    struct cv_participant_record records[] = {record_of(scene, "ana"), record_of(scene, "ana")};
    assert_int_equal(restore(scene, records, 2, NULL, 0), CV_ERR_EXISTS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
        SCENE_TEST(everyone_has_30_s_to_come_back),
        SCENE_TEST(the_order_of_entry_is_kept),
        SCENE_TEST(who_left_stays_away),
        SCENE_TEST(what_belongs_to_an_earlier_session_is_passed_over),
        SCENE_TEST(a_session_that_nobody_is_left_in_ends),
        SCENE_TEST(what_was_over_meanwhile_closes),
        SCENE_TEST(one_id_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
