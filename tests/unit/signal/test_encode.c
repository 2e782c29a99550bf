/* SPDX-License-Identifier: Apache-2.0 */
/* Expected messages are written as the document shows them; the order of fields doesn't matter. */
#include "signal/encode.h"

#include "meeting/scene.h"

#include <jansson.h>
#include <stdio.h>

#include "test.h"

static void assert_json(struct cv_slice text, const char *expected) {
    json_t *left = json_loadb((const char *)text.data, text.size, 0, NULL);
    json_t *right = json_loads(expected, 0, NULL);
    assert_non_null(right);
    if (!json_equal(left, right))
        fail_msg("%.*s\nis not\n%s", (int)text.size, (const char *)text.data, expected);
    json_decref(left);
    json_decref(right);
}

/* The text is an object without its brace. Takes the reference. */
static void assert_text(struct cv_signal_text *text, const char *expected) {
    assert_non_null(text);
    struct cv_buf buf = {0};
    cv_buf_append_byte(&buf, '{');
    cv_buf_append(&buf, text->data, text->size);
    assert_json(cv_buf_slice(&buf), expected);
    cv_buf_release(&buf);
    cv_signal_text_unref(text);
}

/* The last event of this type, as told after the last command. */
static void assert_event(const struct scene *scene, enum cv_event_type type, const char *expected) {
    const struct cv_event *event = scene_event(scene, type);
    assert_non_null(event);
    assert_text(cv_signal_encode_event(scene->meeting, scene->now_us, event), expected);
}

#define NOW_TEXT "\"2027-01-15T08:00:00.000Z\""
#define NO_MEDIA "{\"audio\":false,\"video\":false,\"screen\":false}"
#define ANA                                                                                        \
    "{\"id\":\"ana\",\"name\":\"ana\",\"role\":\"host\",\"presence\":\"present\","                 \
    "\"media\":" NO_MEDIA ",\"hand\":false,\"joined_at\":" NOW_TEXT "}"
#define BEN(presence)                                                                              \
    "{\"id\":\"ben\",\"name\":\"ben\",\"role\":\"guest\",\"presence\":\"" presence                 \
    "\",\"media\":" NO_MEDIA ",\"hand\":false,\"joined_at\":" NOW_TEXT "}"
#define FACTS(locked, lobby)                                                                       \
    "\"mode\":\"direct\",\"relay_asked\":false,\"title\":\"Planning\",\"state\":\"live\","         \
    "\"topology\":\"mesh\",\"capacity\":4,"                                                        \
    "\"locked\":" locked ",\"lobby\":" lobby ",\"closes_at\":\"2027-01-15T15:00:00.000Z\""
#define INSIDE "\"id\":\"m1\",\"kind\":\"scheduled\",\"started_at\":" NOW_TEXT

static void people_come_and_go(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_event(scene, CV_EVENT_JOINED,
                 "{\"type\":\"joined\",\"participant\":" BEN("present") "}");
    scene_do(scene, "ben", CV_COMMAND_LOST);
    assert_event(scene, CV_EVENT_UPDATED, "{\"type\":\"updated\",\"participant\":" BEN("away") "}");
    scene_remove(scene, "ana", "ben", false);
    assert_event(scene, CV_EVENT_LEFT, "{\"type\":\"left\",\"id\":\"ben\",\"reason\":\"removed\"}");
}

static void others_are_told_few_reasons(void **state) {
    static const char *const reasons[CV_GONE_COUNT] = {
        [CV_GONE_LEFT] = "left",       [CV_GONE_LOST] = "lost",   [CV_GONE_REMOVED] = "removed",
        [CV_GONE_BLOCKED] = "blocked", [CV_GONE_DENIED] = "left", [CV_GONE_REVOKED] = "removed",
        [CV_GONE_REPLACED] = "left",   [CV_GONE_ENDED] = "left",  [CV_GONE_EXPIRED] = "left",
        [CV_GONE_SIGNED_OUT] = "left",
    };
    for (int gone = CV_GONE_LEFT; gone < CV_GONE_COUNT; gone++) {
        struct cv_event event = {
            .type = CV_EVENT_LEFT, .subject = scene_id("ben"), .gone = (enum cv_gone)gone};
        char expected[64];
        snprintf(expected, sizeof expected, "{\"type\":\"left\",\"id\":\"ben\",\"reason\":\"%s\"}",
                 reasons[gone]);
        assert_text(cv_signal_encode_event(NULL, 0, &event), expected);
    }
}

static void the_lobby_is_for_those_who_may_know(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_lobby(scene, "ana", true);
    assert_event(scene, CV_EVENT_MEETING, "{\"type\":\"meeting\"," FACTS("false", "true") "}");
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_event(scene, CV_EVENT_KNOCK, "{\"type\":\"knock\",\"participant\":" BEN("lobby") "}");
    scene_admit(scene, "ana", "ben");
    assert_event(scene, CV_EVENT_KNOCK_GONE, "{\"type\":\"knock_gone\",\"id\":\"ben\"}");
    /* The guest is told of everyone who is in, and of nobody who waits. */
    assert_event(scene, CV_EVENT_ADMITTED,
                 "{\"type\":\"admitted\",\"you\":{\"id\":\"ben\",\"role\":\"guest\",\"name\":"
                 "\"ben\",\"presence\":\"present\"},\"meeting\":{" INSIDE
                 "," FACTS("false", "true") ",\"participants\":[" ANA "," BEN("present") "]}}");
}

static void signals_are_passed_on(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    scene_apply(scene, (struct cv_command){
                           .type = CV_COMMAND_SIGNAL,
                           .by = scene_id("ana"),
                           .signal = {scene_id("ben"),
                                      cv_slice_str("{\"session\":\"s\",\"candidate\":null}")}});
    assert_event(scene, CV_EVENT_SIGNAL,
                 "{\"type\":\"signal\",\"from\":\"ana\",\"session\":\"s\",\"candidate\":null}");
    scene_mute(scene, "ana", "ben");
    assert_event(scene, CV_EVENT_MUTED, "{\"type\":\"muted\",\"kind\":\"audio\",\"by\":\"ana\"}");
}

static void what_is_passed_says_from_whom(void **state) {
    const struct cv_event event = {.type = CV_EVENT_PASSED,
                                   .subject = scene_id("ana"),
                                   .payload =
                                       cv_slice_str("{\"channel\":\"chat\",\"data\":\"hi\"}")};
    assert_text(cv_signal_encode_event(NULL, 0, &event),
                "{\"type\":\"passed\",\"from\":\"ana\",\"channel\":\"chat\",\"data\":\"hi\"}");
}

static void errors_answer_a_command(void **state) {
    static const struct {
        enum cv_err err;
        const char *code;
    } cases[] = {
        {CV_ERR_DENIED, "denied"}, {CV_ERR_NOT_FOUND, "not-found"}, {CV_ERR_STATE, "state"},
        {CV_ERR_RANGE, "range"},   {CV_ERR_FULL, "full"},           {CV_ERR_STORE, "internal"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_signal_text *text = cv_signal_encode_error(7, cases[i].err);
        struct cv_slice body = cv_slice_of(text->data, text->size);
        struct cv_buf start = {0};
        cv_buf_printf(&start, "\"type\":\"error\",\"in_reply_to\":7,\"code\":\"%s\",\"message\":\"",
                      cases[i].code);
        body.size = start.size;
        assert_true(cv_slice_eq(body, cv_buf_slice(&start)));
        cv_buf_release(&start);
        cv_signal_text_unref(text);
    }
    assert_text(cv_signal_encode_bad(8, "raised: \"missing\""),
                "{\"type\":\"error\",\"in_reply_to\":8,\"code\":\"bad-message\",\"message\":"
                "\"raised: \\\"missing\\\"\"}");
}

static void closed_says_why(void **state) {
    assert_text(cv_signal_encode_closed(CV_GONE_ENDED), "{\"type\":\"closed\",\"code\":\"ended\","
                                                        "\"message\":\"The meeting has ended.\"}");
    assert_int_equal(cv_signal_gone_close(CV_GONE_ENDED), 4000);
    assert_int_equal(cv_signal_gone_close(CV_GONE_LEFT), 4000);
    assert_int_equal(cv_signal_gone_close(CV_GONE_REMOVED), 4001);
    assert_int_equal(cv_signal_gone_close(CV_GONE_REVOKED), 4001);
    assert_int_equal(cv_signal_gone_close(CV_GONE_REPLACED), 4002);
    assert_int_equal(cv_signal_gone_close(CV_GONE_SIGNED_OUT), 4401);
}

static const struct cv_signal_ice_server servers[] = {
    {(const char *const[]){"stun:h:3478", NULL}, NULL, NULL},
    {(const char *const[]){"turn:h:3478", "turns:h:5349", NULL}, "1:u", "c="},
};

#define ICE_SERVERS                                                                                \
    "\"servers\":[{\"urls\":[\"stun:h:3478\"]},{\"urls\":[\"turn:h:3478\",\"turns:h:5349\"],"      \
    "\"username\":\"1:u\",\"credential\":\"c=\"}]"

static void ice_servers(void **state) {
    struct cv_signal_ice ice = {servers, 2, true, INT64_C(1800000000) * CV_US_PER_S};
    assert_text(cv_signal_encode_ice(&ice), "{\"type\":\"ice\"," ICE_SERVERS
                                            ",\"policy\":\"relay\",\"expires_at\":" NOW_TEXT "}");
    ice = (struct cv_signal_ice){NULL, 0, false, CV_TIME_NEVER};
    assert_text(cv_signal_encode_ice(&ice),
                "{\"type\":\"ice\",\"servers\":[],\"policy\":\"all\",\"expires_at\":null}");
}

static void assert_welcome(struct scene *scene, const char *who, enum cv_signal_mode mode,
                           const char *expected) {
    const struct cv_signal_ice ice = {servers, 2, false, CV_TIME_NEVER};
    const struct cv_signal_welcome welcome = {.mode = mode,
                                              .ack = 5,
                                              .meeting = scene->meeting,
                                              .you = scene_find(scene, who),
                                              .resume = "TOKEN",
                                              .ice = &ice,
                                              .now_us = scene->now_us};
    struct cv_buf frame = {0};
    assert_int_equal(cv_signal_encode_welcome(&welcome, &frame), CV_OK);
    assert_json(cv_buf_slice(&frame), expected);
    cv_buf_release(&frame);
}

#define WELCOME(mode, id, role, presence)                                                          \
    "{\"type\":\"welcome\",\"version\":1,\"mode\":\"" mode "\",\"ack\":5,\"you\":{\"id\":\"" id    \
    "\",\"role\":\"" role "\",\"name\":\"" id "\",\"presence\":\"" presence                        \
    "\"},\"resume\":\"TOKEN\",\"ice\":{" ICE_SERVERS                                               \
    ",\"policy\":\"all\",\"expires_at\":null},\"server_time\":" NOW_TEXT

static void welcome_with_as_much_as_one_may_see(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_lobby(scene, "ana", true);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    assert_welcome(scene, "ana", CV_MODE_NEW,
                   WELCOME("new", "ana", "host", "present") ",\"meeting\":{" INSIDE "," FACTS(
                       "false", "true") ",\"participants\":[" ANA
                                        "],\"waiting\":[" BEN("lobby") "]}}");
    assert_welcome(
        scene, "ben", CV_MODE_STATE,
        WELCOME("state", "ben", "guest", "lobby") ",\"meeting\":{\"title\":\"Planning\"}}");
    assert_welcome(scene, "ana", CV_MODE_FULL, WELCOME("full", "ana", "host", "present") "}");
}

static void refused_says_why(void **state) {
    struct cv_buf frame = {0};
    cv_signal_encode_refused(CV_REFUSED_TOO_EARLY, INT64_C(1800000000) * CV_US_PER_S, NULL, &frame);
    assert_json(cv_buf_slice(&frame),
                "{\"type\":\"refused\",\"code\":\"too-early\",\"message\":\"The meeting is not "
                "open yet.\",\"opens_at\":" NOW_TEXT "}");
    cv_signal_encode_refused(CV_REFUSED_BAD_MESSAGE, 0, "name: missing", &frame);
    assert_json(cv_buf_slice(&frame), "{\"type\":\"refused\",\"code\":\"bad-message\",\"message\":"
                                      "\"name: missing\"}");
    cv_buf_release(&frame);
    static const struct {
        enum cv_refusal refusal;
        int close;
    } cases[] = {
        {CV_REFUSAL_TOO_EARLY, 4403},     {CV_REFUSAL_ENDED, 4410}, {CV_REFUSAL_EXPIRED, 4410},
        {CV_REFUSAL_LOCKED, 4403},        {CV_REFUSAL_FULL, 4403},  {CV_REFUSAL_BLOCKED, 4403},
        {CV_REFUSAL_RESUME_FAILED, 4401},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(cv_signal_refusal_close(cv_signal_refusal_of(cases[i].refusal)),
                         cases[i].close);
    assert_int_equal(cv_signal_refusal_close(CV_REFUSED_UNKNOWN), 4401);
    assert_int_equal(cv_signal_refusal_close(CV_REFUSED_SIGNED_OUT), 4401);
    assert_int_equal(cv_signal_refusal_close(CV_REFUSED_BAD_MESSAGE), 4400);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
        SCENE_TEST(people_come_and_go),
        cmocka_unit_test(others_are_told_few_reasons),
        SCENE_TEST(the_lobby_is_for_those_who_may_know),
        SCENE_TEST(signals_are_passed_on),
        cmocka_unit_test(what_is_passed_says_from_whom),
        cmocka_unit_test(errors_answer_a_command),
        cmocka_unit_test(closed_says_why),
        cmocka_unit_test(ice_servers),
        SCENE_TEST(welcome_with_as_much_as_one_may_see),
        cmocka_unit_test(refused_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
