/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of relayed calls. */
#include "signal/decode_private.h"

#include <stdlib.h>

enum cv_err cv_signal_read_relay(struct cv_fields *fields, struct cv_signal_message *message) {
    struct cv_fields description = cv_fields_object(fields, "description");
    struct cv_slice type = cv_fields_word(&description, "type", CV_SIGNAL_MAX_FIELD_BYTES);
    message->command.relay.session = cv_fields_word(fields, "session", CV_SIGNAL_MAX_SESSION_CHARS);
    message->command.relay.sdp = cv_fields_string(&description, "sdp", 1, CV_SIGNAL_MAX_SDP_BYTES);
    if (!cv_slice_eq_str(type, "offer"))
        cv_fields_fail(fields, "description.type", "not offer");
    return CV_OK;
}

static uint16_t read_pixels(struct cv_fields *fields, const char *name) {
    return (uint16_t)cv_fields_integer(fields, name, 0, UINT16_MAX);
}

static struct cv_want read_one(struct cv_fields *slot) {
    struct cv_want want = {.mid = cv_fields_string(slot, "mid", 1, CV_WANT_MID_CHARS),
                           .participant = cv_fields_id(slot, "participant"),
                           .width = read_pixels(slot, "width"),
                           .height = read_pixels(slot, "height")};
    struct cv_slice source = cv_fields_word(slot, "source", CV_SIGNAL_MAX_FIELD_BYTES);
    want.screen = cv_slice_eq_str(source, "screen");
    if (!want.screen && !cv_slice_eq_str(source, "camera"))
        cv_fields_fail(slot, "source", "unknown");
    if (cv_fields_has(slot, "stage"))
        want.stage = cv_fields_bool(slot, "stage");
    return want;
}

enum cv_err cv_signal_read_want(struct cv_fields *fields, struct cv_signal_message *message) {
    const json_t *slots = json_object_get(fields->object, "slots");
    size_t count = json_array_size(slots);
    message->command.want.session = cv_fields_word(fields, "session", CV_SIGNAL_MAX_SESSION_CHARS);
    if (!json_is_array(slots))
        cv_fields_fail(fields, "slots", "not an array");
    else if (count > CV_WANT_MAX)
        cv_fields_fail(fields, "slots", "too many");
    if (!cv_fields_ok(fields) || !count)
        return CV_OK;
    message->wants = calloc(count, sizeof *message->wants);
    if (!message->wants)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct cv_fields slot = *fields;
        slot.object = json_array_get(slots, i);
        if (!json_is_object(slot.object))
            cv_fields_fail(fields, "slots", "an item is not an object");
        else
            message->wants[i] = read_one(&slot);
    }
    message->command.want.items = message->wants;
    message->command.want.count = count;
    return CV_OK;
}

enum cv_err cv_signal_read_pass(struct cv_fields *fields, struct cv_signal_message *message) {
    struct cv_id to = cv_fields_id(fields, "to");
    struct cv_slice channel = cv_fields_word(fields, "channel", CV_SIGNAL_MAX_FIELD_BYTES);
    struct cv_slice data = cv_fields_string(fields, "data", 0, CV_SIGNAL_MAX_PASS_BYTES);
    if (!cv_slice_eq_str(channel, "control") && !cv_slice_eq_str(channel, "chat"))
        cv_fields_fail(fields, "channel", "unknown");
    if (!cv_fields_ok(fields))
        return CV_OK;
    if (strcmp(to.text, "all") != 0)
        message->command.pass.to = to;
    return cv_signal_set_payload(message,
                                 json_pack("{s:o,s:o}", "channel", cv_signal_copy_string(channel),
                                           "data", cv_signal_copy_string(data)),
                                 &message->command.pass.payload);
}
