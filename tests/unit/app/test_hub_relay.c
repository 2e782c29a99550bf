/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hub tells workers of a meeting, with the test at the workers' ends: which of them have
 * people of it, and who is known after control was started again. People come by WHIP.
 */
#include "app/hub.h"
#include "app/mailbox.h"
#include "seeded.h"
#include "store/store.h"
#include "turn.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WORKERS = 2 };

#define ANSWER "v=0\r\na=ice-ufrag:abcdefgh\r\na=ice-pwd:0123456789012345678901\r\n"

struct stage {
    struct cv_seeded seeded;
    struct cv_loop *loop;
    struct cv_mailbox mailbox;
    struct cv_store *store; /* what is behind the next */
    struct cv_store shown;
    bool is_full; /* the store takes nothing more */
    struct cv_secrets secrets;
    struct cv_api_settings settings;
    struct cv_ice_settings ice;
    struct cv_geo geo;
    struct cv_workers_settings workers_settings;
    struct cv_workers *workers;
    struct cv_hub *hub;
    struct cv_buf space;
    int ends[WORKERS];
    bool started;
    struct cv_id entered; /* the newest */
    enum cv_err answered;
    uint32_t request; /* of the newest offer */
};

static const struct cv_id meeting = {"m1"};

/* --- the store --- */

static enum cv_err submit(struct cv_store *store, const struct cv_store_op *ops, size_t count,
                          cv_store_done_fn *done, void *context) {
    struct stage *stage = CV_CONTAINER_OF(store, struct stage, shown);
    return stage->is_full ? CV_ERR_FULL : cv_store_submit(stage->store, ops, count, done, context);
}

static const struct cv_store_interface shown = {.submit = submit};

/* --- the workers' ends --- */

/* What it was told next; 0: nothing more. */
static unsigned heard(struct stage *stage, unsigned worker,
                      struct cv_ipc_relay_message *ret_message) {
    struct cv_ipc_message message;
    enum cv_err err = cv_ipc_receive(stage->ends[worker], &stage->space, &message);
    if (err == CV_ERR_AGAIN)
        return 0;
    assert_int_equal(err, CV_OK);
    assert_int_equal(cv_ipc_relay_read(&message, CV_IPC_RELAY_CONTROL, ret_message), CV_OK);
    return ret_message->type;
}

/* The last span that it heard of, and forgets all before; -1: of none. */
static int span(struct stage *stage, unsigned worker) {
    struct cv_ipc_relay_message message;
    unsigned type;
    int last = -1;
    while ((type = heard(stage, worker, &message))) {
        if (type == CV_IPC_RELAY_SPAN) {
            assert_string_equal(message.span.meeting.text, meeting.text);
            last = (int)message.span.workers;
        } else if (type == CV_IPC_RELAY_OFFER) {
            stage->request = message.offer.request;
        }
    }
    return last;
}

static void say(struct stage *stage, unsigned worker, const struct cv_ipc_relay_message *message) {
    assert_int_equal(cv_ipc_relay_send(stage->ends[worker], message), CV_OK);
    turn_loop(stage->loop);
}

static void say_ready(struct stage *stage, unsigned worker) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_READY);
    say(stage, worker, &message);
}

static void say_load(struct stage *stage, unsigned worker, size_t peers) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_LOAD);
    message.load.counters.peers = peers;
    say(stage, worker, &message);
}

static void say_answer(struct stage *stage, unsigned worker, enum cv_err err) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_ANSWER);
    message.answer.request = stage->request;
    message.answer.err = (uint32_t)err;
    message.sdp = err ? cv_slice_of(NULL, 0) : cv_slice_str(ANSWER);
    say(stage, worker, &message);
}

static void say_known(struct stage *stage, unsigned worker, const struct cv_id *who) {
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_KNOWN);
    message.known.config.meeting = meeting;
    message.known.config.participant = *who;
    memcpy(message.known.config.session, "whip", 4);
    message.known.config.audio = message.known.config.video = message.known.config.screen = true;
    memcpy(message.known.ufrag, "abcdefgh", 8);
    say(stage, worker, &message);
}

/* --- control --- */

static void on_started(void *context, enum cv_err err) {
    struct stage *stage = context;
    assert_int_equal(err, CV_OK);
    stage->started = true;
}

static void start_control(struct stage *stage) {
    assert_int_equal(cv_workers_new(stage->loop, &stage->workers_settings, &stage->workers), CV_OK);
    for (unsigned i = 0; i < WORKERS; i++) {
        const struct cv_handover_worker worker = {.index = i, .port = 9000 + i};
        int ends[2];
        assert_int_equal(cv_ipc_pair(ends), CV_OK);
        stage->ends[i] = ends[1];
        fcntl(ends[1], F_SETFL, O_NONBLOCK);
        cv_workers_attach(stage->workers, &worker, ends[0]);
    }
    const struct cv_hub_deps deps = {.loop = stage->loop,
                                     .store = &stage->shown,
                                     .secrets = &stage->secrets,
                                     .settings = &stage->settings,
                                     .ice = &stage->ice,
                                     .geo = &stage->geo,
                                     .workers = stage->workers,
                                     .random = cv_seeded_random(&stage->seeded)};
    assert_int_equal(cv_hub_new(&deps, &stage->hub), CV_OK);
    stage->started = false;
    cv_hub_start(stage->hub, on_started, stage);
    while (!stage->started)
        turn_loop(stage->loop);
    cv_workers_start(stage->workers);
    for (unsigned i = 0; i < WORKERS; i++)
        assert_int_equal(span(stage, i), -1);
}

/* As a crash does: nobody is told anything. */
static void end_control(struct stage *stage) {
    for (unsigned i = 0; i < WORKERS; i++)
        close(stage->ends[i]);
    stage->hub = cv_hub_free(stage->hub);
    stage->workers = cv_workers_free(stage->workers);
}

static int setup(void **state) {
    static const uint8_t ip[4] = {192, 0, 2, 1};
    struct stage *stage = calloc(1, sizeof *stage);
    stage->shown.interface = &shown;
    stage->settings.places = 20;
    stage->settings.windows = (struct cv_policy_windows)CV_POLICY_WINDOWS_DEFAULT;
    stage->workers_settings.addresses[0] = cv_addr_v4(ip, 0);
    stage->workers_settings.address_count = 1;
    stage->workers_settings.limits = (struct cv_relay_limits){1000, 1000, 1 << 20, 1000000};
    assert_int_equal(cv_loop_new(&stage->loop), CV_OK);
    cv_mailbox_init(&stage->mailbox, stage->loop);
    assert_int_equal(cv_store_memory_new(cv_mailbox_poster(&stage->mailbox), &stage->store), CV_OK);
    struct cv_store_op op = {.kind = CV_STORE_MEETING_CREATE};
    op.meeting_create.closes_at_us = CV_TIME_NEVER;
    op.meeting_create.record.id = meeting;
    op.meeting_create.record.schedule.kind = CV_KIND_ROOM;
    op.meeting_create.record.schedule.created_at_us = cv_loop_wall_us(stage->loop);
    snprintf(op.meeting_create.record.title, CV_TITLE_BYTES, "Room");
    assert_int_equal(cv_store_submit(stage->store, &op, 1, NULL, NULL), CV_OK);
    start_control(stage);
    *state = stage;
    return 0;
}

static int teardown(void **state) {
    struct stage *stage = *state;
    end_control(stage);
    stage->store = cv_store_close(stage->store);
    cv_mailbox_deliver(&stage->mailbox);
    cv_loop_free(stage->loop);
    cv_buf_release(&stage->space);
    free(stage);
    return 0;
}

/* --- people --- */

static void on_entered(void *context, enum cv_err err, enum cv_refusal refusal,
                       const struct cv_id *participant) {
    struct stage *stage = context;
    assert_int_equal(err, CV_OK);
    assert_int_equal(refusal, CV_REFUSAL_NONE);
    stage->entered = *participant;
}

static void on_answered(void *context, enum cv_err err, const char *problem, struct cv_slice sdp) {
    struct stage *stage = context;
    stage->answered = err;
}

/* In the meeting, with an offer under way. */
static struct cv_id enter(struct stage *stage, const char *name) {
    static const struct cv_id nobody = {{0}};
    struct cv_hub_entry entry = {
        .meeting = meeting,
        .join = {.role = CV_ROLE_GUEST, .via = CV_VIA_WHIP, .name = cv_slice_str(name)},
        .client = stage->workers_settings.addresses[0],
        .entered = on_entered,
        .context = stage};
    snprintf(entry.join.link.text, sizeof entry.join.link.text, "link-%s", name);
    stage->entered = nobody;
    assert_int_equal(cv_hub_enter(stage->hub, &entry), CV_OK);
    while (cv_id_empty(&stage->entered))
        turn_loop(stage->loop);
    struct cv_id who = stage->entered;
    stage->answered = CV_ERR_AGAIN;
    cv_hub_offer(stage->hub, &meeting, &who, cv_slice_str("whip"), cv_slice_str("v=0\r\n"), &nobody,
                 on_answered, stage);
    return who;
}

static struct cv_id join(struct stage *stage, const char *name, unsigned worker) {
    struct cv_id who = enter(stage, name);
    span(stage, worker);
    say_answer(stage, worker, CV_OK);
    assert_int_equal(stage->answered, CV_OK);
    return who;
}

static void begin(struct stage *stage) {
    say_ready(stage, 0);
    say_ready(stage, 1);
}

/* Ana on the first worker, Ben on the second. */
static void begin_with_two(struct stage *stage, struct cv_id *ret_ana, struct cv_id *ret_ben) {
    begin(stage);
    *ret_ana = join(stage, "ana", 0);
    say_load(stage, 0, CV_WORKERS_LOADED_PEERS);
    *ret_ben = join(stage, "ben", 1);
}

static void restart_control(struct stage *stage) {
    end_control(stage);
    start_control(stage);
}

/* --- tests --- */

static void both_workers_hear_of_both(void **state) {
    struct stage *stage = *state;
    begin(stage);
    struct cv_id ana = join(stage, "ana", 0);
    assert_int_equal(span(stage, 0), 1);
    assert_int_equal(span(stage, 1), -1);
    say_load(stage, 0, CV_WORKERS_LOADED_PEERS);
    struct cv_id ben = enter(stage, "ben");
    assert_int_equal(span(stage, 0), 3);
    assert_int_equal(span(stage, 1), 3);
    say_answer(stage, 1, CV_OK);
    assert_int_equal(span(stage, 0), -1);
    assert_int_equal(span(stage, 1), 3); /* it had no such meeting before it let him in */
    cv_hub_leave(stage->hub, &meeting, &ana, NULL, NULL);
    turn_loop(stage->loop);
    assert_int_equal(span(stage, 0), 2);
    assert_int_equal(span(stage, 1), 2);
    assert_string_equal(cv_hub_ice_session(stage->hub, &meeting, &ben), "abcdefgh");
    assert_null(cv_hub_ice_session(stage->hub, &meeting, &ana));
}

static void who_is_refused_leaves_no_span(void **state) {
    struct stage *stage = *state;
    begin(stage);
    join(stage, "ana", 0);
    say_load(stage, 0, CV_WORKERS_LOADED_PEERS);
    enter(stage, "ben");
    assert_int_equal(span(stage, 0), 3);
    assert_int_equal(span(stage, 1), 3);
    say_answer(stage, 1, CV_ERR_SYNTAX);
    assert_int_equal(stage->answered, CV_ERR_SYNTAX);
    assert_int_equal(span(stage, 0), 1);
    assert_int_equal(span(stage, 1), 1);
    join(stage, "cem", 1);
    assert_int_equal(span(stage, 0), 3);
    assert_int_equal(span(stage, 1), 3);
}

/* The first worker has lost its people while nobody listened: the second hears of it. */
static void a_span_that_was_not_taken_is_told_again(void **state) {
    struct stage *stage = *state;
    struct cv_id ana, ben;
    begin_with_two(stage, &ana, &ben);
    restart_control(stage);
    say_known(stage, 1, &ben);
    assert_int_equal(span(stage, 1), -1);
    say_ready(stage, 1);
    assert_int_equal(span(stage, 1), -1);
    assert_false(cv_hub_knows_sessions(stage->hub));
    say_ready(stage, 0);
    assert_true(cv_hub_knows_sessions(stage->hub));
    assert_int_equal(span(stage, 1), 2);
    assert_string_equal(cv_hub_ice_session(stage->hub, &meeting, &ben), "abcdefgh");
    assert_null(cv_hub_ice_session(stage->hub, &meeting, &ana));
}

/* In between neither is told that it is alone: the media from one to the other goes on. */
static void a_restart_takes_no_meeting_apart(void **state) {
    struct stage *stage = *state;
    struct cv_id ana, ben;
    begin_with_two(stage, &ana, &ben);
    restart_control(stage);
    say_known(stage, 0, &ana);
    say_ready(stage, 0);
    assert_int_equal(span(stage, 0), -1);
    say_known(stage, 1, &ben);
    say_ready(stage, 1);
    assert_int_equal(span(stage, 0), 3);
    assert_int_equal(span(stage, 1), 3);
}

static void who_leaves_before_a_worker_has_spoken_is_closed_there(void **state) {
    struct stage *stage = *state;
    struct cv_ipc_relay_message message;
    struct cv_id ana, ben;
    begin_with_two(stage, &ana, &ben);
    restart_control(stage);
    assert_null(cv_hub_ice_session(stage->hub, &meeting, &ana));
    assert_false(cv_hub_knows_sessions(stage->hub));
    cv_hub_leave(stage->hub, &meeting, &ana, NULL, NULL);
    turn_loop(stage->loop);
    say_known(stage, 0, &ana);
    assert_int_equal(heard(stage, 0, &message), CV_IPC_RELAY_CLOSE);
    assert_string_equal(message.participant.text, ana.text);
    assert_false(
        cv_hub_is_in(stage->hub, &meeting, &ana, &(struct cv_id){"link-ana"}, CV_VIA_WHIP));
}

/* They are back soon, and are asked again soon; for lack of room one waits. */
static void while_no_worker_is_ready_there_is_no_lack_of_room(void **state) {
    struct stage *stage = *state;
    (void)enter(stage, "ana");
    assert_int_equal(stage->answered, CV_ERR_CLOSED);
    begin(stage);
    (void)enter(stage, "ben");
    for (unsigned worker = 0; worker < WORKERS; worker++) {
        span(stage, worker);
        say_answer(stage, worker, CV_ERR_FULL);
    }
    assert_int_equal(stage->answered, CV_ERR_FULL);
}

/* A worker with all of a meeting is lost just then: the meeting is loaded anew, later. */
static void a_store_that_is_full_takes_nobody_by_surprise(void **state) {
    struct stage *stage = *state;
    struct cv_hub_counters counters;
    begin(stage);
    struct cv_id ana = join(stage, "ana", 0), ben = join(stage, "ben", 0);
    const struct cv_id link = {"link-ben"};
    stage->is_full = true;
    assert_int_equal(shutdown(stage->ends[0], SHUT_RDWR), 0);
    turn_loop(stage->loop);
    cv_hub_counters(stage->hub, &counters);
    assert_int_equal(counters.failed, 1);
    assert_int_equal(counters.meetings, 0);
    assert_null(cv_hub_ice_session(stage->hub, &meeting, &ana));
    stage->is_full = false;
    for (int i = 0; i < 100 && !cv_hub_is_in(stage->hub, &meeting, &ben, &link, CV_VIA_WHIP); i++)
        turn_loop(stage->loop);
    assert_true(cv_hub_is_in(stage->hub, &meeting, &ben, &link, CV_VIA_WHIP));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define STAGE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        STAGE_TEST(both_workers_hear_of_both),
        STAGE_TEST(who_is_refused_leaves_no_span),
        STAGE_TEST(a_span_that_was_not_taken_is_told_again),
        STAGE_TEST(a_restart_takes_no_meeting_apart),
        STAGE_TEST(while_no_worker_is_ready_there_is_no_lack_of_room),
        STAGE_TEST(a_store_that_is_full_takes_nobody_by_surprise),
        STAGE_TEST(who_leaves_before_a_worker_has_spoken_is_closed_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
