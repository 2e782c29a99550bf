/* SPDX-License-Identifier: Apache-2.0 */
/* The envelope, `hello` and `ack`; commands are in decode_command.c. */
#include "signal/decode_private.h"

#include <stdlib.h>

/* Numbers that every JSON implementation holds exactly. */
static const int64_t MAX_SEQ = INT64_C(1) << 53;

/* Arrays and objects inside one another, at most; nothing else is looked at. */
static bool is_too_deep(struct cv_slice frame) {
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < frame.size; i++) {
        uint8_t c = frame.data[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CV_SIGNAL_MAX_DEPTH)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

static enum cv_err parse(struct cv_slice frame, json_t **ret_json) {
    if (frame.size > CV_SIGNAL_MAX_FRAME_BYTES || is_too_deep(frame))
        return CV_ERR_SYNTAX;
    json_error_t error;
    json_t *json = json_loadb((const char *)frame.data, frame.size, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        return json_error_code(&error) == json_error_out_of_memory ? CV_ERR_MEMORY : CV_ERR_SYNTAX;
    if (!json_is_object(json)) {
        json_decref(json);
        return CV_ERR_SYNTAX;
    }
    *ret_json = json;
    return CV_OK;
}

static void read_way(struct cv_fields *fields, struct cv_signal_hello *hello) {
    bool link = cv_fields_has(fields, "link"), meeting = cv_fields_has(fields, "meeting"),
         resume = cv_fields_has(fields, "resume");
    if (link + meeting + resume != 1) {
        cv_fields_fail(fields, "link, meeting, resume", "exactly one is needed");
    } else if (meeting) {
        hello->way = CV_WAY_MEETING;
        hello->meeting = cv_fields_id(fields, "meeting");
    } else {
        hello->way = link ? CV_WAY_LINK : CV_WAY_RESUME;
        hello->token = cv_fields_word(fields, link ? "link" : "resume", CV_SIGNAL_MAX_TOKEN_CHARS);
    }
}

static void read_hello(struct cv_fields *fields, struct cv_signal_message *message) {
    struct cv_signal_hello *hello = &message->hello;
    cv_fields_integer(fields, "version", CV_SIGNAL_VERSION, CV_SIGNAL_VERSION);
    read_way(fields, hello);
    if (cv_fields_has(fields, "name"))
        hello->name = cv_fields_name(fields, "name");
    if (cv_fields_has(fields, "hide_address"))
        hello->hide_address = cv_fields_bool(fields, "hide_address");
    hello->knows = hello->way == CV_WAY_RESUME && message->has_ack;
    hello->acked = message->ack;
}

/* Type and numbers; false when there is no telling what to answer. */
static bool read_envelope(struct cv_fields *fields, struct cv_signal_message *message,
                          struct cv_slice *ret_type) {
    *ret_type = cv_fields_string(fields, "type", 1, CV_SIGNAL_MAX_FIELD_BYTES);
    if (!cv_fields_ok(fields))
        return false;
    if (cv_slice_eq_str(*ret_type, "hello"))
        message->type = CV_SIGNAL_HELLO;
    else if (cv_slice_eq_str(*ret_type, "ack"))
        message->type = CV_SIGNAL_ACK;
    else
        message->type = CV_SIGNAL_COMMAND;
    message->has_ack =
        message->type == CV_SIGNAL_ACK || json_object_get(fields->object, "ack") != NULL;
    if (message->has_ack)
        message->ack = (uint64_t)cv_fields_integer(fields, "ack", 0, MAX_SEQ);
    if (message->type == CV_SIGNAL_COMMAND)
        message->seq = (uint64_t)cv_fields_integer(fields, "seq", 1, MAX_SEQ);
    return cv_fields_ok(fields);
}

enum cv_err cv_signal_decode(struct cv_slice frame, struct cv_signal_message *ret_message) {
    json_t *json;
    enum cv_err err = parse(frame, &json);
    if (err)
        return err;
    struct cv_signal_message message = {.json = json};
    struct cv_fields fields = {json, message.problem, sizeof message.problem};
    struct cv_slice type;
    if (!read_envelope(&fields, &message, &type)) {
        cv_signal_message_release(&message);
        return CV_ERR_SYNTAX;
    }
    if (message.type == CV_SIGNAL_HELLO)
        read_hello(&fields, &message);
    else if (message.type == CV_SIGNAL_COMMAND)
        err = cv_signal_decode_command(&fields, type, &message);
    if (err) {
        cv_signal_message_release(&message);
        return err;
    }
    *ret_message = message;
    return cv_fields_ok(&fields) ? CV_OK : CV_ERR_TYPE;
}

void cv_signal_message_release(struct cv_signal_message *message) {
    json_decref(message->json);
    free(message->payload);
    free(message->wants);
    message->json = NULL;
    message->payload = NULL;
    message->wants = NULL;
}
