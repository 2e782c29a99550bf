/* SPDX-License-Identifier: Apache-2.0 */
/* Control's end of the channels, with the test at the workers'. */
#include "app/workers.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "turn.h"

struct stage {
    struct cv_loop *loop;
    struct cv_workers_settings settings;
    struct cv_workers *workers;
    struct cv_buf space;
    int ends[3]; /* the workers' ends */

    unsigned known, events, stats, gone, ready;
    bool closes_known;
    struct cv_relay_event event;
    unsigned answers;
    enum cv_err err;
    char text[256];
};

static void on_known(void *context, unsigned worker, const struct cv_relay_known *known) {
    struct stage *stage = context;
    stage->known++;
    if (stage->closes_known) {
        struct cv_ipc_relay_message message;
        cv_ipc_relay_init(&message, CV_IPC_RELAY_CLOSE);
        message.participant = known->config.participant;
        cv_workers_tell(stage->workers, worker, &message);
    }
}

static void on_event(void *context, unsigned worker, const struct cv_relay_event *event) {
    struct stage *stage = context;
    stage->events++;
    stage->event = *event;
}

static void on_stats(void *context, unsigned worker, const struct cv_ipc_relay_stats *stats) {
    struct stage *stage = context;
    stage->stats++;
}

static void on_gone(void *context, unsigned worker) {
    struct stage *stage = context;
    stage->gone |= 1U << worker;
}

static void on_ready(void *context) {
    struct stage *stage = context;
    stage->ready++;
}

static void on_answer(void *context, enum cv_err err, const char *problem, struct cv_slice sdp) {
    struct stage *stage = context;
    stage->answers++;
    stage->err = err;
    snprintf(stage->text, sizeof stage->text, "%s%.*s", problem, (int)sdp.size,
             (const char *)sdp.data);
}

/* What the worker has been told next. */
static enum cv_ipc_relay_type heard(struct stage *stage, unsigned worker,
                                    struct cv_ipc_relay_message *ret_message) {
    struct cv_ipc_message message;
    assert_int_equal(cv_ipc_receive(stage->ends[worker], &stage->space, &message), CV_OK);
    assert_int_equal(cv_ipc_relay_read(&message, CV_IPC_RELAY_CONTROL, ret_message), CV_OK);
    return ret_message->type;
}

static void worker_says(struct stage *stage, unsigned worker,
                        const struct cv_ipc_relay_message *message) {
    assert_int_equal(cv_ipc_relay_send(stage->ends[worker], message), CV_OK);
    turn_loop(stage->loop);
}

static void load(struct stage *stage, unsigned worker, uint32_t permille, size_t peers) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_LOAD);
    message.load.permille = permille;
    message.load.counters.peers = peers;
    worker_says(stage, worker, &message);
}

static void greet(struct stage *stage, unsigned worker) {
    int ends[2];
    struct cv_ipc_relay_message message;
    assert_int_equal(cv_ipc_pair(ends), CV_OK);
    if (stage->ends[worker] >= 0)
        close(stage->ends[worker]);
    stage->ends[worker] = ends[1];
    const struct cv_handover_worker named = {
        .index = worker, .port = 9000 + worker, .tcp = true, .hung = 10 + worker};
    cv_workers_attach(stage->workers, &named, ends[0]);
    assert_int_equal(heard(stage, worker, &message), CV_IPC_RELAY_HELLO);
    assert_int_equal(message.hello.address_count, 1);
    assert_int_equal(message.hello.addresses[0].port, 9000 + worker);
}

static void attach(struct stage *stage, unsigned worker) {
    struct cv_ipc_relay_message message;
    greet(stage, worker);
    cv_ipc_relay_init(&message, CV_IPC_RELAY_READY);
    worker_says(stage, worker, &message);
}

static int setup(void **state) {
    struct stage *stage = calloc(1, sizeof *stage);
    static const uint8_t ip[4] = {192, 0, 2, 1};
    assert_int_equal(cv_loop_new(&stage->loop), CV_OK);
    stage->settings.addresses[0] = cv_addr_v4(ip, 0);
    stage->settings.address_count = 1;
    stage->settings.limits = (struct cv_relay_limits){1000, 1000, 1 << 20, 1000000};
    assert_int_equal(cv_workers_new(stage->loop, &stage->settings, &stage->workers), CV_OK);
    const struct cv_workers_handlers handlers = {stage,    on_known, on_event,
                                                 on_stats, on_gone,  on_ready};
    cv_workers_set_handlers(stage->workers, &handlers);
    cv_workers_start(stage->workers);
    for (int i = 0; i < 3; i++)
        stage->ends[i] = -1;
    *state = stage;
    return 0;
}

static int teardown(void **state) {
    struct stage *stage = *state;
    cv_workers_free(stage->workers);
    cv_loop_free(stage->loop);
    cv_buf_release(&stage->space);
    for (int i = 0; i < 3; i++)
        if (stage->ends[i] >= 0)
            close(stage->ends[i]);
    free(stage);
    return 0;
}

static struct cv_relay_peer_config ana(void) {
    return (struct cv_relay_peer_config){
        .meeting = {"m1"}, .participant = {"ana"}, .session = "s1", .audio = true};
}

static void a_meeting_stays_together_until_its_worker_is_loaded(void **state) {
    struct stage *stage = *state;
    assert_int_equal(cv_workers_choose(stage->workers, 0, 0), -1);
    attach(stage, 0);
    attach(stage, 1);
    attach(stage, 2);
    load(stage, 0, 100, 20);
    load(stage, 1, 50, 10);
    load(stage, 2, 50, 12);
    assert_int_equal(cv_workers_choose(stage->workers, 0, 0), 1);
    assert_int_equal(cv_workers_choose(stage->workers, 1, 0), 0);
    load(stage, 0, CV_WORKERS_LOADED_PERMILLE + 1, 20);
    assert_int_equal(cv_workers_choose(stage->workers, 1, 0), 1);
    assert_int_equal(cv_workers_choose(stage->workers, 1 | 4, 0), 2);
    load(stage, 0, 100, CV_WORKERS_LOADED_PEERS);
    assert_int_equal(cv_workers_choose(stage->workers, 1, 0), 1);
    assert_int_equal(cv_workers_choose(stage->workers, 1, 2), 2);
    assert_int_equal(cv_workers_choose(stage->workers, 1, 7), -1);
}

static void an_offer_gets_its_answer(void **state) {
    struct stage *stage = *state;
    struct cv_ipc_relay_message message;
    const struct cv_relay_peer_config peer = ana();
    attach(stage, 0);
    cv_workers_offer(stage->workers, 0, &peer, cv_slice_str("offer"), on_answer, stage);
    assert_int_equal(heard(stage, 0, &message), CV_IPC_RELAY_OFFER);
    assert_true(cv_slice_eq_str(message.sdp, "offer"));
    assert_string_equal(message.offer.peer.participant.text, "ana");
    uint32_t request = message.offer.request;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_ANSWER);
    message.answer.request = request + 1; /* of nobody's */
    worker_says(stage, 0, &message);
    assert_int_equal(stage->answers, 0);
    message.answer.request = request;
    message.sdp = cv_slice_str("answer");
    worker_says(stage, 0, &message);
    assert_int_equal(stage->answers, 1);
    assert_int_equal(stage->err, CV_OK);
    assert_string_equal(stage->text, "answer");
    worker_says(stage, 0, &message); /* a second answer is none */
    assert_int_equal(stage->answers, 1);

    cv_workers_offer(stage->workers, 0, &peer, cv_slice_str("offer"), on_answer, stage);
    heard(stage, 0, &message);
    request = message.offer.request;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_ANSWER);
    message.answer.request = request;
    message.answer.err = (uint32_t)CV_ERR_SYNTAX;
    snprintf(message.answer.problem, sizeof message.answer.problem, "no fingerprint");
    worker_says(stage, 0, &message);
    assert_int_equal(stage->err, CV_ERR_SYNTAX);
    assert_string_equal(stage->text, "no fingerprint");
}

static void so_does_a_restart_of_ice(void **state) {
    struct stage *stage = *state;
    struct cv_ipc_relay_message message;
    const struct cv_id participant = ana().participant;
    char long_one[CV_ICE_MAX_UFRAG_CHARS + 1];
    memset(long_one, 'x', sizeof long_one);
    attach(stage, 0);
    cv_workers_restart(stage->workers, 0, &participant, cv_slice_str("name"), on_answer, stage);
    assert_int_equal(heard(stage, 0, &message), CV_IPC_RELAY_RESTART);
    assert_string_equal(message.restart.participant.text, "ana");
    assert_string_equal(message.restart.ufrag, "name");
    uint32_t request = message.restart.request;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_ANSWER);
    message.answer.request = request;
    message.sdp = cv_slice_str("fragment");
    worker_says(stage, 0, &message);
    assert_int_equal(stage->err, CV_OK);
    assert_string_equal(stage->text, "fragment");
    cv_workers_restart(stage->workers, 0, &participant, cv_slice_of(long_one, sizeof long_one),
                       on_answer, stage);
    assert_int_equal(stage->err, CV_ERR_SYNTAX);
    close(stage->ends[0]);
    stage->ends[0] = -1;
    turn_loop(stage->loop);
    cv_workers_restart(stage->workers, 0, &participant, cv_slice_str("name"), on_answer, stage);
    assert_int_equal(stage->err, CV_ERR_CLOSED);
    assert_int_equal(stage->answers, 3);
}

static void a_worker_that_dies_answers_nothing(void **state) {
    struct stage *stage = *state;
    struct cv_workers_status status;
    const struct cv_relay_peer_config peer = ana();
    attach(stage, 0);
    attach(stage, 1);
    cv_workers_offer(stage->workers, 1, &peer, cv_slice_str("offer"), on_answer, stage);
    close(stage->ends[1]);
    stage->ends[1] = -1;
    turn_loop(stage->loop);
    assert_int_equal(stage->answers, 1);
    assert_int_equal(stage->err, CV_ERR_CLOSED);
    assert_int_equal(stage->gone, 1U << 1);
    assert_int_equal(cv_workers_choose(stage->workers, 2, 0), 0);
    cv_workers_status(stage->workers, 1, &status);
    assert_false(status.ready);
    cv_workers_offer(stage->workers, 1, &peer, cv_slice_str("offer"), on_answer, stage);
    assert_int_equal(stage->answers, 2);
    attach(stage, 1);
    cv_workers_status(stage->workers, 1, &status);
    assert_true(status.ready);
    assert_int_equal(status.starts, 2);
    assert_int_equal(status.hung, 11);
}

static void say_known(struct stage *stage, unsigned worker) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_KNOWN);
    message.known.config = ana();
    memcpy(message.known.ufrag, "abcd", 4);
    worker_says(stage, worker, &message);
}

static void what_it_tells_arrives_and_nonsense_does_not(void **state) {
    struct stage *stage = *state;
    struct cv_ipc_relay_message message;
    struct cv_workers_status status;
    greet(stage, 0);
    say_known(stage, 0);
    assert_int_equal(stage->known, 1);
    cv_ipc_relay_init(&message, CV_IPC_RELAY_READY);
    worker_says(stage, 0, &message);
    say_known(stage, 0); /* that is over: from here on control says who is there */
    assert_int_equal(stage->known, 1);
    cv_ipc_relay_init(&message, CV_IPC_RELAY_EVENT);
    message.event.type = CV_RELAY_SPEAKER;
    message.event.meeting = ana().meeting;
    message.event.speaker = ana().participant;
    worker_says(stage, 0, &message);
    assert_int_equal(stage->events, 1);
    assert_string_equal(stage->event.speaker.text, "ana");
    memset(message.event.speaker.text, 'x', sizeof message.event.speaker.text);
    worker_says(stage, 0, &message);
    const struct cv_ipc_message short_one = {.type = CV_IPC_RELAY_STATS,
                                             .payload = cv_slice_str("short")};
    assert_int_equal(cv_ipc_send(stage->ends[0], &short_one), CV_OK);
    turn_loop(stage->loop);
    assert_int_equal(stage->events, 1);
    assert_int_equal(stage->stats, 0);
    cv_workers_status(stage->workers, 0, &status);
    assert_int_equal(status.malformed, 3);
    assert_true(status.ready);
}

static void who_has_no_place_any_more_is_closed_before_it_is_ready(void **state) {
    struct stage *stage = *state;
    struct cv_ipc_relay_message message;
    stage->closes_known = true;
    greet(stage, 0);
    say_known(stage, 0);
    assert_int_equal(stage->known, 1);
    assert_int_equal(heard(stage, 0, &message), CV_IPC_RELAY_CLOSE);
    assert_string_equal(message.participant.text, "ana");
    /* And who was known there is lost with it. */
    close(stage->ends[0]);
    stage->ends[0] = -1;
    turn_loop(stage->loop);
    assert_int_equal(stage->gone, 1);
}

static bool tell_span(struct stage *stage, unsigned worker) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_SPAN);
    message.span.meeting = ana().meeting;
    message.span.workers = 3;
    return cv_workers_tell(stage->workers, worker, &message);
}

static void say_ready(struct stage *stage, unsigned worker) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_READY);
    worker_says(stage, worker, &message);
}

static void spans_are_taken_when_all_have_said_whom_they_know(void **state) {
    struct stage *stage = *state;
    struct cv_ipc_relay_message message;
    assert_false(tell_span(stage, 0)); /* there is none */
    greet(stage, 0);
    greet(stage, 1);
    assert_false(tell_span(stage, 0));
    say_ready(stage, 0);
    assert_false(tell_span(stage, 0)); /* the other may know somebody who belongs to it */
    assert_int_equal(stage->ready, 0);
    say_ready(stage, 1);
    assert_int_equal(stage->ready, 1);
    assert_true(tell_span(stage, 0));
    assert_int_equal(heard(stage, 0, &message), CV_IPC_RELAY_SPAN);
    assert_int_equal(message.span.workers, 3);
    /* One that comes later, and is lost before it is ready. */
    greet(stage, 2);
    assert_false(tell_span(stage, 0));
    close(stage->ends[2]);
    stage->ends[2] = -1;
    turn_loop(stage->loop);
    assert_int_equal(stage->ready, 2);
    assert_true(tell_span(stage, 0));
    assert_false(tell_span(stage, 2));
}

static void who_does_not_read_is_waited_for_and_then_given_up(void **state) {
    struct stage *stage = *state;
    struct cv_ipc_relay_message message;
    static char sdp[32 * 1024];
    const struct cv_relay_peer_config peer = ana();
    memset(sdp, 'x', sizeof sdp);
    attach(stage, 0);
    for (int i = 0; i < 50; i++)
        cv_workers_offer(stage->workers, 0, &peer, cv_slice_of(sdp, sizeof sdp), on_answer, stage);
    for (int i = 0; i < 50; i++) { /* none is lost, and the order is kept */
        assert_int_equal(heard(stage, 0, &message), CV_IPC_RELAY_OFFER);
        assert_int_equal(message.offer.request, i + 1);
        assert_int_equal(message.sdp.size, sizeof sdp);
        turn_loop(stage->loop);
    }
    for (int i = 0; i < 400; i++)
        cv_workers_offer(stage->workers, 0, &peer, cv_slice_of(sdp, sizeof sdp), on_answer, stage);
    assert_int_equal(stage->gone, 1);
    assert_int_equal(stage->answers, 450);
    assert_int_equal(stage->err, CV_ERR_CLOSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STAGE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        STAGE_TEST(a_meeting_stays_together_until_its_worker_is_loaded),
        STAGE_TEST(an_offer_gets_its_answer),
        STAGE_TEST(so_does_a_restart_of_ice),
        STAGE_TEST(a_worker_that_dies_answers_nothing),
        STAGE_TEST(what_it_tells_arrives_and_nonsense_does_not),
        STAGE_TEST(who_has_no_place_any_more_is_closed_before_it_is_ready),
        STAGE_TEST(spans_are_taken_when_all_have_said_whom_they_know),
        STAGE_TEST(who_does_not_read_is_waited_for_and_then_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
