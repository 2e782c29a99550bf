/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames from clients, several in a row, separated by newlines: what decodes keeps to the limits,
 * goes through a session, and what is passed on is the JSON of a sane event again.
 */
#include "signal/encode.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition) {
    if (!condition)
        abort();
}

/* Every sequenced message is an object when its brace is put back. */
static void check_text(struct cv_signal_text *text) {
    require(text != NULL);
    struct cv_buf frame = {0};
    require(!cv_buf_append_byte(&frame, '{'));
    require(!cv_buf_append(&frame, text->data, text->size));
    json_t *json = json_loadb((const char *)frame.data, frame.size, JSON_REJECT_DUPLICATES, NULL);
    require(json_is_object(json) && json_is_string(json_object_get(json, "type")));
    json_decref(json);
    cv_buf_release(&frame);
    cv_signal_text_unref(text);
}

static void check_command(const struct cv_command *command) {
    require(command->type > CV_COMMAND_LOST && command->type < CV_COMMAND_UPDATE);
    require(cv_id_empty(&command->by));
    if (command->type != CV_COMMAND_SIGNAL)
        return;
    struct cv_event event = {
        .type = CV_EVENT_SIGNAL, .subject = {.text = "p1"}, .payload = command->signal.payload};
    check_text(cv_signal_encode_event(NULL, 0, &event));
}

static void check_hello(const struct cv_signal_hello *hello) {
    require((hello->way == CV_WAY_MEETING) == !cv_id_empty(&hello->meeting));
    require((hello->way == CV_WAY_MEETING) == (hello->token.size == 0));
    require(hello->token.size <= CV_SIGNAL_MAX_TOKEN_CHARS && cv_id_chars(hello->token));
    require(hello->name.size < CV_NAME_BYTES);
}

static void take_frame(struct cv_signal_session *session, int64_t now_us, struct cv_slice frame) {
    struct cv_signal_message message;
    enum cv_err err = cv_signal_decode(frame, &message);
    if (err && err != CV_ERR_TYPE)
        return;
    if (err)
        check_text(cv_signal_encode_bad(message.seq, message.problem));
    else if (message.type == CV_SIGNAL_COMMAND)
        check_command(&message.command);
    else if (message.type == CV_SIGNAL_HELLO)
        check_hello(&message.hello);
    if (message.type != CV_SIGNAL_HELLO) {
        struct cv_signal_ticket ticket;
        uint64_t before = cv_signal_session_acked_in(session);
        if (cv_signal_session_receive(session, now_us, &message, &ticket) == CV_VERDICT_NEW) {
            cv_signal_session_done(session, now_us, ticket);
            require(cv_signal_session_acked_in(session) == before + 1);
        }
    } else if (!err) {
        cv_signal_session_resume(session, message.hello.knows ? &message.hello.acked : NULL);
    }
    cv_signal_message_release(&message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cv_signal_session *session = cv_signal_session_new();
    struct cv_buf out = {0};
    int64_t now_us = 0;
    for (size_t start = 0; start <= size;) {
        const uint8_t *line = memchr(data + start, '\n', size - start);
        size_t end = line ? (size_t)(line - data) : size;
        take_frame(session, now_us, cv_slice_of(data + start, end - start));
        struct cv_signal_text *text = cv_signal_encode_closed(CV_GONE_LEFT);
        cv_signal_session_push(session, text);
        cv_signal_text_unref(text);
        if (start % 3 == 0)
            while (cv_signal_session_output(session, now_us, &out))
                require(out.size > 0);
        now_us += 100 * CV_US_PER_MS;
        start = end + 1;
    }
    cv_buf_release(&out);
    cv_signal_session_free(session);
    return 0;
}
