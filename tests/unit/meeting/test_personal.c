/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "test.h"

/* ana is host, ben a guest. */
static int setup(void **state) {
    scene_setup(state);
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    return 0;
}

static enum cv_err media(struct scene *scene, const char *by, struct cv_media media) {
    return scene_apply(
        scene, (struct cv_command){.type = CV_COMMAND_MEDIA, .by = scene_id(by), .media = media});
}

static void media_is_told_when_it_changes(void **state) {
    struct scene *scene = *state;
    assert_int_equal(media(scene, "ben", (struct cv_media){.audio = true}), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ana ben");
    assert_true(scene_event(scene, CV_EVENT_UPDATED)->participant.media.audio);
    assert_int_equal(media(scene, "ben", (struct cv_media){.audio = true}), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "");
    assert_int_equal(scene->effects.count, 0);
}

static void a_hand_is_raised_and_lowered(void **state) {
    struct scene *scene = *state;
    struct cv_command hand = {.type = CV_COMMAND_HAND, .by = scene_id("ben"), .raised = true};
    scene_apply(scene, hand);
    assert_true(scene_event(scene, CV_EVENT_UPDATED)->participant.record.hand);
    scene_apply(scene, hand);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "");
    hand.raised = false;
    scene_apply(scene, hand);
    assert_false(scene_event(scene, CV_EVENT_UPDATED)->participant.record.hand);
}

static enum cv_err rename_to(struct scene *scene, const char *by, const char *name) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_RENAME,
                                                  .by = scene_id(by),
                                                  .name = cv_slice_str(name)});
}

static void a_new_name_is_told_and_saved(void **state) {
    struct scene *scene = *state;
    assert_int_equal(rename_to(scene, "ben", "Benjamin"), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ana ben");
    assert_string_equal(scene_saved(scene, "ben")->name, "Benjamin");
    assert_int_equal(rename_to(scene, "ben", "Bo"), CV_OK);
    assert_string_equal(scene_saved(scene, "ben")->name, "Bo");
    assert_int_equal(rename_to(scene, "ben", "Bo"), CV_OK);
    assert_int_equal(scene->effects.count, 0);
    assert_int_equal(rename_to(scene, "ben", ""), CV_ERR_RANGE);
    assert_int_equal(rename_to(scene, "ben", "a\x7f"), CV_ERR_RANGE);
}

static enum cv_err signal_to(struct scene *scene, const char *by, const char *to) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_SIGNAL,
                                                  .by = scene_id(by),
                                                  .signal = {scene_id(to), cv_slice_str("{}")}});
}

static void a_signal_goes_to_one_only(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "cem", CV_ROLE_GUEST);
    assert_int_equal(signal_to(scene, "ben", "ana"), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_SIGNAL), "ana");
    assert_string_equal(scene_event(scene, CV_EVENT_SIGNAL)->subject.text, "ben");
    assert_int_equal(scene->effects.count, 1);
    assert_int_equal(signal_to(scene, "ben", "ben"), CV_ERR_NOT_FOUND);
    assert_int_equal(signal_to(scene, "ben", "nobody"), CV_ERR_NOT_FOUND);
}

static void a_signal_waits_for_who_is_away(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ana", CV_COMMAND_LOST);
    assert_int_equal(signal_to(scene, "ben", "ana"), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_SIGNAL), "ana");
}

static enum cv_err report(struct scene *scene, const char *by, const char *peer) {
    return scene_apply(scene,
                       (struct cv_command){
                           .type = CV_COMMAND_CONNECTION,
                           .by = scene_id(by),
                           .connection = {scene_id(peer), CV_CONNECTION_CONNECTED, CV_PATH_RELAY}});
}

static enum cv_err stats(struct scene *scene, const char *by, const char *peer) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_STATS,
                                                  .by = scene_id(by),
                                                  .stats = {.peer = scene_id(peer),
                                                            .audio = {.packets_sent = 3},
                                                            .video = {.rtt_ms = 1.5}}});
}

static void reports_are_saved(void **state) {
    struct scene *scene = *state;
    assert_int_equal(report(scene, "ben", "ana"), CV_OK);
    const struct cv_effect *effect = scene_effect(scene, CV_EFFECT_SAVE_CONNECTION);
    assert_string_equal(effect->connection.participant.text, "ben");
    assert_string_equal(effect->connection.peer.text, "ana");
    assert_int_equal(effect->connection.path, CV_PATH_RELAY);
    assert_int_equal(effect->connection.at_us, scene->now_us);
    assert_int_equal(stats(scene, "ben", "ana"), CV_OK);
    effect = scene_effect(scene, CV_EFFECT_SAVE_STATS);
    assert_int_equal(effect->stats.audio.packets_sent, 3);
    assert_true(effect->stats.video.rtt_ms > 1);
}

/* The last word on a connection comes when the other one is gone already. */
static void reports_may_be_about_who_left_lately(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    assert_int_equal(report(scene, "ben", "ana"), CV_OK);
    assert_int_equal(stats(scene, "ben", "ana"), CV_OK);
    assert_int_equal(report(scene, "ben", "nobody"), CV_ERR_NOT_FOUND);
    assert_int_equal(stats(scene, "ben", "nobody"), CV_ERR_NOT_FOUND);
}

static void reports_are_about_this_session(void **state) {
    struct scene *scene = *state;
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    scene_do(scene, "ben", CV_COMMAND_LEAVE);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    assert_int_equal(report(scene, "cem", "ana"), CV_ERR_NOT_FOUND);
}

static void reports_are_limited(void **state) {
    struct scene *scene = *state;
    for (int i = 0; i < CV_MEETING_MAX_CONNECTION_REPORTS; i++)
        assert_int_equal(report(scene, "ben", "ana"), CV_OK);
    assert_int_equal(report(scene, "ben", "ana"), CV_ERR_FULL);
    assert_int_equal(report(scene, "ana", "ben"), CV_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define PERSONAL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, scene_teardown)
        PERSONAL_TEST(media_is_told_when_it_changes),
        PERSONAL_TEST(a_hand_is_raised_and_lowered),
        PERSONAL_TEST(a_new_name_is_told_and_saved),
        PERSONAL_TEST(a_signal_goes_to_one_only),
        PERSONAL_TEST(a_signal_waits_for_who_is_away),
        PERSONAL_TEST(reports_are_saved),
        PERSONAL_TEST(reports_may_be_about_who_left_lately),
        PERSONAL_TEST(reports_are_about_this_session),
        PERSONAL_TEST(reports_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
