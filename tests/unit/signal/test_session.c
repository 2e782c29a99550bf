/* SPDX-License-Identifier: Apache-2.0 */
#include "signal/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

struct line {
    struct cv_signal_session *session;
    struct cv_buf frame;
    int64_t now_us;
};

static int setup(void **state) {
    struct line *line = calloc(1, sizeof *line);
    line->session = cv_signal_session_new();
    line->now_us = 1000 * CV_US_PER_S;
    *state = line;
    return 0;
}

static int teardown(void **state) {
    struct line *line = *state;
    cv_signal_session_free(line->session);
    cv_buf_release(&line->frame);
    free(line);
    return 0;
}

static enum cv_err push(struct line *line, const char *body) {
    struct cv_signal_text *text = cv_signal_text_new(cv_slice_str(body));
    enum cv_err err = cv_signal_session_push(line->session, text);
    cv_signal_text_unref(text);
    return err;
}

/* The next frame; "" for none. */
static const char *next(struct line *line) {
    if (!cv_signal_session_output(line->session, line->now_us, &line->frame))
        return "";
    return cv_buf_cstr(&line->frame);
}

static enum cv_signal_verdict receive(struct line *line, uint64_t seq,
                                      struct cv_signal_ticket *ticket) {
    struct cv_signal_message message = {.type = CV_SIGNAL_COMMAND, .seq = seq};
    return cv_signal_session_receive(line->session, line->now_us, &message, ticket);
}

/* Received, and durable at once. */
static enum cv_signal_verdict take(struct line *line, uint64_t seq) {
    struct cv_signal_ticket ticket;
    enum cv_signal_verdict verdict = receive(line, seq, &ticket);
    if (verdict == CV_VERDICT_NEW)
        cv_signal_session_done(line->session, line->now_us, ticket);
    return verdict;
}

static enum cv_signal_verdict acknowledge(struct line *line, uint64_t ack) {
    struct cv_signal_message message = {.type = CV_SIGNAL_ACK, .has_ack = true, .ack = ack};
    struct cv_signal_ticket ticket;
    return cv_signal_session_receive(line->session, line->now_us, &message, &ticket);
}

static enum cv_signal_mode resume(struct line *line, uint64_t acked) {
    return cv_signal_session_resume(line->session, &acked);
}

/* The client lets the server know that it has its welcome. */
static void greet(struct line *line) {
    assert_int_equal(acknowledge(line, 0), CV_VERDICT_ACK);
}

static void messages_are_numbered_and_carry_the_acknowledgement(void **state) {
    struct line *line = *state;
    push(line, "\"type\":\"a\"}");
    push(line, "\"type\":\"b\"}");
    assert_string_equal(next(line), "{\"seq\":1,\"ack\":0,\"type\":\"a\"}");
    take(line, 1);
    assert_string_equal(next(line), "{\"seq\":2,\"ack\":1,\"type\":\"b\"}");
    assert_string_equal(next(line), "");
}

static void an_acknowledgement_of_its_own_comes_after_250_ms(void **state) {
    struct line *line = *state;
    assert_int_equal(cv_signal_session_deadline(line->session), CV_TIME_NEVER);
    take(line, 1);
    int64_t due_us = line->now_us + 250 * CV_US_PER_MS;
    assert_int_equal(cv_signal_session_deadline(line->session), due_us);
    assert_string_equal(next(line), "");
    line->now_us += 100 * CV_US_PER_MS;
    take(line, 2);
    assert_int_equal(cv_signal_session_deadline(line->session), due_us);
    line->now_us = due_us;
    assert_string_equal(next(line), "{\"type\":\"ack\",\"ack\":2}");
    assert_string_equal(next(line), "");
    assert_int_equal(cv_signal_session_deadline(line->session), CV_TIME_NEVER);
}

static void a_message_carries_it_sooner(void **state) {
    struct line *line = *state;
    take(line, 1);
    push(line, "\"type\":\"a\"}");
    assert_string_equal(next(line), "{\"seq\":1,\"ack\":1,\"type\":\"a\"}");
    assert_int_equal(cv_signal_session_deadline(line->session), CV_TIME_NEVER);
}

static void only_what_is_durable_is_acknowledged_in_order(void **state) {
    struct line *line = *state;
    struct cv_signal_ticket tickets[3];
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(receive(line, i + 1, &tickets[i]), CV_VERDICT_NEW);
    assert_int_equal(cv_signal_session_deadline(line->session), CV_TIME_NEVER);
    cv_signal_session_done(line->session, line->now_us, tickets[1]);
    cv_signal_session_done(line->session, line->now_us, tickets[2]);
    assert_int_equal(cv_signal_session_acked_in(line->session), 0);
    cv_signal_session_done(line->session, line->now_us, tickets[0]);
    assert_int_equal(cv_signal_session_acked_in(line->session), 3);
    cv_signal_session_done(line->session, line->now_us, tickets[0]);
    assert_int_equal(cv_signal_session_acked_in(line->session), 3);
}

static void duplicates_are_acknowledged_again_and_gaps_are_found(void **state) {
    struct line *line = *state;
    assert_int_equal(take(line, 1), CV_VERDICT_NEW);
    line->now_us += CV_US_PER_S;
    next(line);
    assert_int_equal(take(line, 1), CV_VERDICT_DUPLICATE);
    line->now_us += CV_US_PER_S;
    assert_string_equal(next(line), "{\"type\":\"ack\",\"ack\":1}");
    assert_int_equal(take(line, 3), CV_VERDICT_GAP);
    assert_int_equal(take(line, 2), CV_VERDICT_NEW);
    assert_int_equal(acknowledge(line, 0), CV_VERDICT_ACK);
    assert_int_equal(acknowledge(line, 1), CV_VERDICT_GAP);
}

static void after_a_gap_only_the_state_helps(void **state) {
    struct line *line = *state;
    uint64_t acked = 0;
    assert_int_equal(take(line, 2), CV_VERDICT_GAP);
    assert_int_equal(cv_signal_session_resume(line->session, &acked), CV_MODE_STATE);
    assert_int_equal(take(line, 1), CV_VERDICT_NEW);
    assert_int_equal(cv_signal_session_resume(line->session, &acked), CV_MODE_FULL);
}

static void there_is_a_limit_to_what_is_not_durable(void **state) {
    struct line *line = *state;
    struct cv_signal_ticket first, ticket;
    assert_int_equal(receive(line, 1, &first), CV_VERDICT_NEW);
    for (uint64_t seq = 2; seq <= CV_SIGNAL_MAX_IN_HAND; seq++) {
        assert_int_equal(receive(line, seq, &ticket), CV_VERDICT_NEW);
        cv_signal_session_done(line->session, line->now_us, ticket);
    }
    assert_int_equal(receive(line, CV_SIGNAL_MAX_IN_HAND + 1, &ticket), CV_VERDICT_BUSY);
    cv_signal_session_done(line->session, line->now_us, first);
    assert_int_equal(cv_signal_session_acked_in(line->session), CV_SIGNAL_MAX_IN_HAND);
    assert_int_equal(receive(line, CV_SIGNAL_MAX_IN_HAND + 1, &ticket), CV_VERDICT_NEW);
}

static void what_was_missed_comes_again_with_its_numbers(void **state) {
    struct line *line = *state;
    push(line, "\"type\":\"a\"}");
    push(line, "\"type\":\"b\"}");
    next(line);
    next(line);
    push(line, "\"type\":\"c\"}"); /* while there is no connection */
    take(line, 1);
    assert_int_equal(resume(line, 1), CV_MODE_FULL);
    assert_int_equal(cv_signal_session_acked_in(line->session), 1);
    assert_string_equal(next(line), "{\"seq\":2,\"ack\":1,\"type\":\"b\"}");
    assert_string_equal(next(line), "{\"seq\":3,\"ack\":1,\"type\":\"c\"}");
    assert_string_equal(next(line), "");
    assert_int_equal(take(line, 1), CV_VERDICT_DUPLICATE);
    assert_int_equal(take(line, 2), CV_VERDICT_NEW);
}

/* They were on their way over the old connection when the new one was made. */
static void messages_may_be_acknowledged_before_they_come_again(void **state) {
    struct line *line = *state;
    greet(line);
    for (int i = 0; i < 3; i++)
        push(line, "\"type\":\"a\"}");
    while (*next(line))
        ;
    assert_int_equal(resume(line, 1), CV_MODE_FULL);
    assert_int_equal(acknowledge(line, 2), CV_VERDICT_ACK);
    assert_string_equal(next(line), "{\"seq\":3,\"ack\":0,\"type\":\"a\"}");
}

static void who_knows_nothing_or_too_much_starts_anew(void **state) {
    struct line *line = *state;
    for (int i = 0; i < 3; i++)
        push(line, "\"type\":\"a\"}");
    next(line);
    acknowledge(line, 1);
    take(line, 1);
    assert_int_equal(resume(line, 0), CV_MODE_STATE); /* it had acknowledged 1 before */
    assert_string_equal(next(line), "");
    assert_int_equal(take(line, 1), CV_VERDICT_NEW);
    push(line, "\"type\":\"b\"}");
    assert_string_equal(next(line), "{\"seq\":1,\"ack\":1,\"type\":\"b\"}");
    assert_int_equal(resume(line, 2), CV_MODE_STATE);
    assert_int_equal(cv_signal_session_resume(line->session, NULL), CV_MODE_STATE);
}

/* Its welcome may be lost, and the numbers that it knows be those of another numbering. */
static void who_has_said_nothing_yet_starts_anew(void **state) {
    struct line *line = *state;
    assert_int_equal(resume(line, 0), CV_MODE_STATE); /* after a restart, say */
    push(line, "\"type\":\"a\"}");
    push(line, "\"type\":\"b\"}");
    next(line);
    assert_int_equal(resume(line, 1), CV_MODE_STATE);
    push(line, "\"type\":\"c\"}");
    assert_string_equal(next(line), "{\"seq\":1,\"ack\":0,\"type\":\"c\"}");
    greet(line);
    assert_int_equal(resume(line, 0), CV_MODE_FULL);
    assert_int_equal(resume(line, 1), CV_MODE_FULL);
}

static void a_late_commit_of_before_does_not_count(void **state) {
    struct line *line = *state;
    struct cv_signal_ticket old, new;
    receive(line, 1, &old);
    cv_signal_session_resume(line->session, NULL);
    receive(line, 1, &new);
    cv_signal_session_done(line->session, line->now_us, old);
    assert_int_equal(cv_signal_session_acked_in(line->session), 0);
    cv_signal_session_done(line->session, line->now_us, new);
    assert_int_equal(cv_signal_session_acked_in(line->session), 1);
}

static void a_resume_is_confirmed_by_something_new(void **state) {
    struct line *line = *state;
    push(line, "\"type\":\"a\"}");
    next(line);
    assert_false(cv_signal_session_confirmed(line->session));
    acknowledge(line, 1);
    assert_true(cv_signal_session_confirmed(line->session));
    resume(line, 1);
    acknowledge(line, 1);
    assert_false(cv_signal_session_confirmed(line->session));
}

static void a_slow_client_is_bounded_in_messages(void **state) {
    struct line *line = *state;
    for (int i = 0; i < CV_SIGNAL_MAX_UNACKED; i++)
        assert_int_equal(push(line, "\"type\":\"a\"}"), CV_OK);
    while (*next(line))
        ;
    assert_int_equal(push(line, "\"type\":\"a\"}"), CV_ERR_LIMIT);
    assert_string_equal(next(line), "");
    assert_int_equal(push(line, "\"type\":\"a\"}"), CV_ERR_LIMIT);
    assert_int_equal(resume(line, CV_SIGNAL_MAX_UNACKED), CV_MODE_STATE);
    assert_int_equal(push(line, "\"type\":\"a\"}"), CV_OK);
}

static void a_slow_client_is_bounded_in_bytes(void **state) {
    struct line *line = *state;
    static char large[CV_SIGNAL_MAX_UNACKED_BYTES / 4 + 1];
    memset(large, ' ', sizeof large - 1);
    for (int i = 0; i < 4; i++)
        assert_int_equal(push(line, large), CV_OK);
    assert_int_equal(push(line, "}"), CV_ERR_LIMIT);
}

static void acknowledged_messages_make_room(void **state) {
    struct line *line = *state;
    for (int i = 1; i <= 10 * CV_SIGNAL_MAX_UNACKED; i++) {
        assert_int_equal(push(line, "\"type\":\"a\"}"), CV_OK);
        assert_true(*next(line));
        if (i % 100 == 0)
            assert_int_equal(acknowledge(line, (uint64_t)i), CV_VERDICT_ACK);
    }
}

static void too_many_frames_are_a_flood(void **state) {
    struct line *line = *state;
    for (int i = 0; i < CV_SIGNAL_MESSAGES_PER_10_S; i++)
        assert_true(cv_signal_session_frame(line->session, line->now_us, 10));
    assert_false(cv_signal_session_frame(line->session, line->now_us, 10));
    line->now_us += 10 * CV_US_PER_S;
    assert_true(cv_signal_session_frame(line->session, line->now_us, 10));
}

static void too_many_bytes_are_a_flood(void **state) {
    struct line *line = *state;
    for (int i = 0; i < 16; i++)
        assert_true(cv_signal_session_frame(line->session, line->now_us, 64 * 1024));
    assert_false(cv_signal_session_frame(line->session, line->now_us, 1));
    line->now_us += CV_US_PER_MIN;
    assert_true(cv_signal_session_frame(line->session, line->now_us, 1));
    assert_false(cv_signal_session_frame(line->session, line->now_us, SIZE_MAX));
}

static void the_tenth_malformed_command_in_a_minute_is_too_many(void **state) {
    struct line *line = *state;
    for (int i = 0; i < 9; i++)
        assert_true(cv_signal_session_bad(line->session, line->now_us));
    assert_false(cv_signal_session_bad(line->session, line->now_us));
    assert_true(cv_signal_session_bad(line->session, line->now_us + CV_US_PER_MIN));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define LINE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
        LINE_TEST(messages_are_numbered_and_carry_the_acknowledgement),
        LINE_TEST(an_acknowledgement_of_its_own_comes_after_250_ms),
        LINE_TEST(a_message_carries_it_sooner),
        LINE_TEST(only_what_is_durable_is_acknowledged_in_order),
        LINE_TEST(duplicates_are_acknowledged_again_and_gaps_are_found),
        LINE_TEST(after_a_gap_only_the_state_helps),
        LINE_TEST(there_is_a_limit_to_what_is_not_durable),
        LINE_TEST(what_was_missed_comes_again_with_its_numbers),
        LINE_TEST(messages_may_be_acknowledged_before_they_come_again),
        LINE_TEST(who_knows_nothing_or_too_much_starts_anew),
        LINE_TEST(who_has_said_nothing_yet_starts_anew),
        LINE_TEST(a_late_commit_of_before_does_not_count),
        LINE_TEST(a_resume_is_confirmed_by_something_new),
        LINE_TEST(a_slow_client_is_bounded_in_messages),
        LINE_TEST(a_slow_client_is_bounded_in_bytes),
        LINE_TEST(acknowledged_messages_make_room),
        LINE_TEST(too_many_frames_are_a_flood),
        LINE_TEST(too_many_bytes_are_a_flood),
        LINE_TEST(the_tenth_malformed_command_in_a_minute_is_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
