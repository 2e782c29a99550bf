/* SPDX-License-Identifier: Apache-2.0 */
/* When a call goes through the server, and when it is direct again. */
#include "scene.h"

#include "test.h"

/* An owned meeting of topology auto with a host and a guest in it. */
static struct scene *two_of_them(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_SCHEDULED);
    record.topology = CV_TOPOLOGY_AUTO;
    scene_open(scene, &record);
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
    return scene;
}

static void a_third_makes_it_relayed(void **state) {
    struct scene *scene = two_of_them(state);
    assert_int_equal(scene_join(scene, "cem", CV_ROLE_GUEST), CV_OK);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    /* The one who came has it from its snapshot. */
    assert_string_equal(scene_told(scene, CV_EVENT_MEETING), "ana ben");
    assert_int_equal(scene_effect(scene, CV_EFFECT_SAVE_MODE)->mode.mode, CV_CALL_RELAYED);
    assert_int_equal(scene_effect(scene, CV_EFFECT_SAVE_MODE)->mode.session, 1);
    assert_int_equal(scene_effect(scene, CV_EFFECT_SAVE_MEETING)->meeting.mode, CV_CALL_RELAYED);
}

static void it_is_direct_again_after_ten_calm_seconds(void **state) {
    struct scene *scene = two_of_them(state);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    scene_do(scene, "cem", CV_COMMAND_LEAVE);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    int64_t deadline_us = scene->now_us + CV_MEETING_CALM_US;
    assert_int_equal(cv_meeting_deadline(scene->meeting), deadline_us);
    scene_tick(scene, 6 * CV_US_PER_S);
    /* Somebody comes and goes: the time counts anew. */
    scene_join(scene, "dan", CV_ROLE_GUEST);
    scene_tick(scene, CV_US_PER_S);
    scene_do(scene, "dan", CV_COMMAND_LEAVE);
    scene_tick(scene, CV_MEETING_CALM_US - 1);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    scene_tick(scene, 1);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
    assert_string_equal(scene_told(scene, CV_EVENT_MEETING), "ana ben");
    assert_int_equal(scene_effect(scene, CV_EFFECT_SAVE_MODE)->mode.mode, CV_CALL_DIRECT);
    scene_tick(scene, 0);
    assert_int_equal(scene->effects.count, 0);
}

static void who_is_away_counts(void **state) {
    struct scene *scene = two_of_them(state);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    scene_do(scene, "cem", CV_COMMAND_LOST);
    scene_tick(scene, 29 * CV_US_PER_S);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    scene_tick(scene, CV_US_PER_S);
    assert_null(scene_find(scene, "cem"));
    scene_tick(scene, CV_MEETING_CALM_US);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
}

static void a_moderator_asks_for_the_relay(void **state) {
    struct scene *scene = two_of_them(state);
    assert_int_equal(scene_ask_relay(scene, "ben", true), CV_ERR_DENIED);
    assert_int_equal(scene_ask_relay(scene, "ana", true), CV_OK);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    assert_true(cv_meeting_record(scene->meeting)->relay_asked);
    scene_tick(scene, CV_US_PER_MIN);
    assert_int_equal(scene_ask_relay(scene, "ana", true), CV_OK);
    assert_int_equal(scene->effects.count, 0);
    assert_int_equal(scene_ask_relay(scene, "ana", false), CV_OK);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    scene_tick(scene, CV_MEETING_CALM_US);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
}

static void the_wish_ends_with_the_session(void **state) {
    struct scene *scene = two_of_them(state);
    scene_ask_relay(scene, "ana", true);
    scene_do(scene, "ana", CV_COMMAND_LEAVE);
    scene_do(scene, "ben", CV_COMMAND_LEAVE);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
    assert_false(cv_meeting_record(scene->meeting)->relay_asked);
    scene_join(scene, "ana", CV_ROLE_HOST);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
}

static void a_mesh_is_never_relayed(void **state) {
    struct scene *scene = *state; /* a mesh */
    for (int i = 0; i < 4; i++)
        scene_join(scene, (const char *[]){"ana", "ben", "cem", "dan"}[i],
                   i ? CV_ROLE_GUEST : CV_ROLE_HOST);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
    assert_int_equal(scene_ask_relay(scene, "ana", true), CV_ERR_STATE);
    assert_int_equal(scene_join_whip(scene, "obs"), CV_ERR_STATE);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_NO_RELAY);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_RELAY), CV_ERR_STATE);
    assert_int_equal(scene_do(scene, "ana", CV_COMMAND_PASS), CV_ERR_STATE);
}

static void without_a_relay_there_are_two_places(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_SCHEDULED);
    struct cv_meeting_rules rules = CV_MEETING_RULES_DEFAULT;
    record.topology = CV_TOPOLOGY_AUTO;
    rules.places = 0;
    cv_meeting_free(scene->meeting);
    scene->meeting = cv_meeting_new(&record, &rules);
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_int_equal(cv_meeting_capacity(scene->meeting), 2);
    assert_int_equal(scene_join(scene, "cem", CV_ROLE_GUEST), CV_ERR_FULL);
    assert_int_equal(scene_ask_relay(scene, "ana", true), CV_ERR_STATE);
    assert_int_equal(scene_join_whip(scene, "obs"), CV_ERR_STATE);
}

static void whip_passes_the_lobby_and_not_the_lock(void **state) {
    struct scene *scene = two_of_them(state);
    scene_lobby(scene, "ana", true);
    assert_int_equal(scene_join_whip(scene, "obs"), CV_OK);
    assert_true(scene_is(scene, "obs", CV_PRESENCE_PRESENT));
    assert_int_equal(scene_find(scene, "obs")->record.via, CV_VIA_WHIP);
    scene_do(scene, "obs", CV_COMMAND_LEAVE);
    scene_lock(scene, "ana", true);
    assert_int_equal(scene_join_whip(scene, "obs"), CV_ERR_STATE);
    assert_int_equal(scene->effects.refusal, CV_REFUSAL_LOCKED);
}

static void a_token_lasts_no_longer_than_its_time(void **state) {
    struct scene *scene = two_of_them(state);
    int64_t until_us = scene->now_us + CV_US_PER_MIN;
    const struct cv_command join = {.type = CV_COMMAND_JOIN,
                                    .join = {.participant = scene_id("obs"),
                                             .link = scene_id("link-obs"),
                                             .role = CV_ROLE_GUEST,
                                             .via = CV_VIA_WHIP,
                                             .name = cv_slice_str("Camera"),
                                             .until_us = until_us}};
    assert_int_equal(scene_apply(scene, join), CV_OK);
    assert_int_equal(scene_saved(scene, "obs")->until_us, until_us);
    assert_int_equal(cv_meeting_deadline(scene->meeting), until_us);
    scene_tick(scene, CV_US_PER_MIN - 1);
    assert_true(scene_is(scene, "obs", CV_PRESENCE_PRESENT));
    scene_tick(scene, 1);
    assert_int_equal(scene_gone(scene, "obs"), CV_GONE_EXPIRED);
    assert_string_equal(scene_told(scene, CV_EVENT_LEFT), "ana ben");
    const struct cv_participant_record *saved = scene_saved(scene, "obs");
    assert_int_equal(saved->gone, CV_GONE_EXPIRED);
    assert_int_equal(saved->left_at_us, scene->now_us);
    assert_int_equal(saved->until_us, 0);
    /* A moment too late at the door it is out again at once. */
    assert_int_equal(scene_apply(scene, join), CV_OK);
    scene_tick(scene, 0);
    assert_null(scene_find(scene, "obs"));
}

static void one_on_one_with_whip_is_relayed(void **state) {
    struct scene *scene = two_of_them(state);
    scene_do(scene, "ben", CV_COMMAND_LEAVE);
    assert_int_equal(scene_join_whip(scene, "obs"), CV_OK);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    scene_tick(scene, CV_US_PER_MIN);
    assert_int_equal(scene_mode(scene), CV_CALL_RELAYED);
    /* Changed into a mesh it would have nobody to send to. */
    const struct cv_command update = {.type = CV_COMMAND_UPDATE,
                                      .update = {.title = cv_slice_str("Title"),
                                                 .starts_at_us = scene->now_us,
                                                 .topology = CV_TOPOLOGY_MESH}};
    assert_int_equal(scene_apply(scene, update), CV_ERR_STATE);
    scene_do(scene, "obs", CV_COMMAND_LEAVE);
    assert_int_equal(scene_apply(scene, update), CV_OK);
    assert_int_equal(scene_mode(scene), CV_CALL_DIRECT);
}

static void whip_is_nobodys_host(void **state) {
    struct scene *scene = *state;
    struct cv_meeting_record record = scene_record(CV_KIND_INSTANT);
    record.topology = CV_TOPOLOGY_AUTO;
    record.owned = false;
    scene_open(scene, &record);
    scene_join_whip(scene, "obs");
    assert_int_equal(scene_role_of(scene, "obs"), CV_ROLE_GUEST);
    scene_join(scene, "ana", CV_ROLE_GUEST);
    assert_int_equal(scene_role_of(scene, "ana"), CV_ROLE_HOST);
}

static void what_is_passed_reaches_those_present(void **state) {
    struct scene *scene = two_of_them(state);
    scene_join(scene, "cem", CV_ROLE_GUEST);
    scene_join(scene, "dan", CV_ROLE_GUEST);
    scene_do(scene, "dan", CV_COMMAND_LOST);
    struct cv_command pass = {
        .type = CV_COMMAND_PASS, .by = scene_id("ana"), .pass = {.payload = cv_slice_str("{}")}};
    assert_int_equal(scene_apply(scene, pass), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_PASSED), "ben cem");
    pass.pass.to = scene_id("cem");
    assert_int_equal(scene_apply(scene, pass), CV_OK);
    assert_string_equal(scene_told(scene, CV_EVENT_PASSED), "cem");
    pass.pass.to = scene_id("dan");
    assert_int_equal(scene_apply(scene, pass), CV_ERR_STATE);
    pass.pass.to = scene_id("ana");
    assert_int_equal(scene_apply(scene, pass), CV_ERR_NOT_FOUND);
}

static void a_muted_person_is_silent_until_it_says_otherwise(void **state) {
    struct scene *scene = two_of_them(state);
    struct cv_command media = {
        .type = CV_COMMAND_MEDIA, .by = scene_id("ben"), .media = {.audio = true, .video = true}};
    scene_apply(scene, media);
    assert_int_equal(scene_mute(scene, "ana", "ben"), CV_OK);
    assert_int_equal(scene_saved(scene, "ben")->silenced, 1U << CV_PART_AUDIO);
    assert_false(scene_find(scene, "ben")->media.audio);
    assert_string_equal(scene_told(scene, CV_EVENT_UPDATED), "ana ben");
    assert_string_equal(scene_told(scene, CV_EVENT_MUTED), "ben");
    media.media.audio = false;
    scene_apply(scene, media);
    assert_int_equal(scene_find(scene, "ben")->record.silenced, 1U << CV_PART_AUDIO);
    media.media.audio = true;
    scene_apply(scene, media);
    assert_int_equal(scene_saved(scene, "ben")->silenced, 0);
    /* Whoever has left comes back as anybody. */
    scene_mute(scene, "ana", "ben");
    scene_do(scene, "ben", CV_COMMAND_LEAVE);
    assert_int_equal(scene_saved(scene, "ben")->silenced, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
        SCENE_TEST(a_third_makes_it_relayed),
        SCENE_TEST(it_is_direct_again_after_ten_calm_seconds),
        SCENE_TEST(who_is_away_counts),
        SCENE_TEST(a_moderator_asks_for_the_relay),
        SCENE_TEST(the_wish_ends_with_the_session),
        SCENE_TEST(a_mesh_is_never_relayed),
        SCENE_TEST(without_a_relay_there_are_two_places),
        SCENE_TEST(whip_passes_the_lobby_and_not_the_lock),
        SCENE_TEST(a_token_lasts_no_longer_than_its_time),
        SCENE_TEST(one_on_one_with_whip_is_relayed),
        SCENE_TEST(whip_is_nobodys_host),
        SCENE_TEST(what_is_passed_reaches_those_present),
        SCENE_TEST(a_muted_person_is_silent_until_it_says_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
