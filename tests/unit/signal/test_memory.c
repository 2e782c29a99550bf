/* SPDX-License-Identifier: Apache-2.0 */
/* Want of memory while reading, writing and queueing: an error, no harm and no leak. */
#include "failing_alloc.h"
#include "meeting/scene.h"
#include "signal/encode.h"

#include <jansson.h>
#include <stdlib.h>

#include "test.h"

static int setup(void **state) {
    json_set_alloc_funcs(cv_failing_malloc, free);
    return scene_setup(state);
}

static void decoding(void **state) {
    static const char *const frames[] = {
        "{\"type\":\"hello\",\"version\":1,\"link\":\"t\",\"name\":\"Ana\"}",
        "{\"type\":\"stats\",\"seq\":1,\"peer\":\"p\",\"audio\":{\"rtt_ms\":1}}",
        "{\"type\":\"signal\",\"seq\":1,\"to\":\"p\",\"session\":\"s\",\"candidate\":{"
        "\"candidate\":"
        "\"c\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0,\"usernameFragment\":\"u\"}}",
        "{\"type\":\"signal\",\"seq\":1,\"to\":\"p\",\"session\":\"s\",\"description\":{\"type\":"
        "\"offer\",\"sdp\":\"v=0\"}}",
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        struct cv_signal_message message;
        enum cv_err err;
        int n = 0;
        do {
            cv_fail_alloc(n++);
            err = cv_signal_decode(cv_slice_str(frames[i]), &message);
            cv_fail_alloc(-1);
            /* The parser of JSON doesn't always tell want of memory from bad syntax. */
            assert_true(!err || err == CV_ERR_MEMORY || err == CV_ERR_SYNTAX);
        } while (err);
        assert_true(n > 5);
        cv_signal_message_release(&message);
    }
}

typedef struct cv_signal_text *encode_fn(const struct scene *scene);

static struct cv_signal_text *encode_last_event(const struct scene *scene) {
    for (size_t i = scene->effects.count; i > 0; i--)
        if (scene->effects.items[i - 1].type == CV_EFFECT_TELL)
            return cv_signal_encode_event(scene->meeting, scene->now_us,
                                          &scene->effects.items[i - 1].tell.event);
    return NULL;
}

static struct cv_signal_text *encode_ice(const struct scene *scene) {
    const struct cv_signal_ice_server server = {(const char *const[]){"stun:h", NULL}, "u", "c"};
    const struct cv_signal_ice ice = {&server, 1, false, scene->now_us};
    return cv_signal_encode_ice(&ice);
}

static struct cv_signal_text *encode_error(const struct scene *scene) {
    return cv_signal_encode_error(1, CV_ERR_DENIED);
}

static struct cv_signal_text *encode_closed(const struct scene *scene) {
    return cv_signal_encode_closed(CV_GONE_ENDED);
}

static void fails_in_turn(encode_fn *encode, const struct scene *scene) {
    struct cv_signal_text *text;
    int n = 0;
    do {
        cv_fail_alloc(n++);
        text = encode(scene);
        cv_fail_alloc(-1);
    } while (!text && n < 1000);
    assert_non_null(text);
    assert_true(n > 2);
    cv_signal_text_unref(text);
}

static void encoding(void **state) {
    struct scene *scene = *state;
    fails_in_turn(encode_ice, scene);
    fails_in_turn(encode_error, scene);
    fails_in_turn(encode_closed, scene);
    scene_join(scene, "ana", CV_ROLE_HOST);
    scene_join(scene, "ben", CV_ROLE_GUEST);
    fails_in_turn(encode_last_event, scene); /* joined */
    scene_apply(scene, (struct cv_command){.type = CV_COMMAND_SIGNAL,
                                           .by = scene_id("ana"),
                                           .signal = {scene_id("ben"), cv_slice_str("{\"a\":1}")}});
    fails_in_turn(encode_last_event, scene);
    scene_mute(scene, "ana", "ben");
    fails_in_turn(encode_last_event, scene);
    scene_do(scene, "ben", CV_COMMAND_LEAVE);
    fails_in_turn(encode_last_event, scene);
    scene_lobby(scene, "ana", true);
    fails_in_turn(encode_last_event, scene); /* meeting */
    scene_join(scene, "cem", CV_ROLE_GUEST);
    scene_admit(scene, "ana", "cem");
    fails_in_turn(encode_last_event, scene); /* admitted */
}

static void the_answers_to_hello(void **state) {
    struct scene *scene = *state;
    scene_join(scene, "ana", CV_ROLE_HOST);
    const struct cv_signal_ice ice = {.expires_at_us = CV_TIME_NEVER};
    const struct cv_signal_welcome welcome = {.meeting = scene->meeting,
                                              .you = scene_find(scene, "ana"),
                                              .resume = "t",
                                              .ice = &ice,
                                              .now_us = scene->now_us};
    struct cv_buf frame = {0};
    enum cv_err err;
    int n = 0;
    do {
        cv_fail_alloc(n++);
        err = cv_signal_encode_welcome(&welcome, &frame);
        cv_fail_alloc(-1);
        assert_true(!err || err == CV_ERR_MEMORY);
    } while (err);
    assert_true(n > 20);
    cv_fail_alloc(0);
    err = cv_signal_encode_refused(CV_REFUSED_UNKNOWN, 0, NULL, &frame);
    cv_fail_alloc(-1);
    assert_int_equal(err, CV_ERR_MEMORY);
    cv_buf_release(&frame);
}

static void queueing(void **state) {
    cv_fail_alloc(0);
    struct cv_signal_session *none = cv_signal_session_new();
    cv_fail_alloc(-1);
    assert_null(none);
    assert_null(cv_signal_session_free(none));

    struct cv_signal_session *session = cv_signal_session_new();
    struct cv_signal_text *text = cv_signal_text_new(cv_slice_str("\"type\":\"a\"}"));
    cv_fail_alloc(0);
    enum cv_err err = cv_signal_session_push(session, text);
    cv_fail_alloc(-1);
    assert_int_equal(err, CV_ERR_MEMORY);
    /* There is a hole now: only a resume by state mends it. */
    assert_int_equal(cv_signal_session_push(session, text), CV_ERR_LIMIT);
    assert_int_equal(cv_signal_session_resume(session, &(uint64_t){0}), CV_MODE_STATE);
    assert_int_equal(cv_signal_session_push(session, text), CV_OK);

    struct cv_buf frame = {0};
    cv_fail_alloc(0);
    bool sent = cv_signal_session_output(session, 0, &frame);
    cv_fail_alloc(-1);
    assert_false(sent);
    assert_true(cv_signal_session_output(session, 0, &frame));
    cv_buf_release(&frame);
    cv_signal_text_unref(text);
    cv_signal_session_free(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define MEMORY_TEST(f) cmocka_unit_test_setup_teardown(f, setup, scene_teardown)
        MEMORY_TEST(decoding),
        MEMORY_TEST(encoding),
        MEMORY_TEST(the_answers_to_hello),
        MEMORY_TEST(queueing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
