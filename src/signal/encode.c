/* SPDX-License-Identifier: Apache-2.0 */
/* Sequenced messages: events, errors, `closed`, `ice`. */
#include "signal/encode_private.h"

#include <stdlib.h>

struct cv_signal_text *cv_json_text(json_t *object) {
    char *dumped = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    if (!dumped)
        return NULL;
    struct cv_signal_text *text = cv_signal_text_new(cv_slice_str(dumped + 1));
    free(dumped);
    return text;
}

static json_t *encode_admitted(const struct cv_meeting *meeting, int64_t now_us,
                               const struct cv_event *event) {
    const struct cv_participant *you = cv_meeting_find(meeting, &event->subject);
    if (!you)
        return NULL;
    return json_pack("{s:s,s:o,s:o}", "type", "admitted", "you", cv_json_you(you), "meeting",
                     cv_json_snapshot(meeting, now_us, you));
}

static json_t *encode_facts(const struct cv_meeting *meeting, int64_t now_us) {
    json_t *message = json_pack("{s:s}", "type", "meeting");
    json_t *facts = cv_json_facts(meeting, now_us);
    if (!message || !facts || json_object_update(message, facts)) {
        json_decref(message);
        message = NULL;
    }
    json_decref(facts);
    return message;
}

/* The payload is a JSON object of our own making (decode_command.c): its members are appended. */
static struct cv_signal_text *encode_from(const char *type, const struct cv_event *event) {
    struct cv_buf buf = {0};
    struct cv_signal_text *text = NULL;
    if (!cv_buf_printf(&buf, "\"type\":\"%s\",\"from\":\"%s\",", type, event->subject.text) &&
        !cv_buf_append(&buf, event->payload.data + 1, event->payload.size - 1))
        text = cv_signal_text_new(cv_buf_slice(&buf));
    cv_buf_release(&buf);
    return text;
}

/*
 * Others needn't know that somebody's link was revoked, or that a page was opened twice. Whoever is
 * denied was not in: nobody is told that they left, but those who saw them knock that they are
 * gone.
 */
static const char *left_reason(enum cv_gone gone) {
    switch (gone) {
    case CV_GONE_LOST:
    case CV_GONE_REMOVED:
    case CV_GONE_BLOCKED:
        return cv_gone_name(gone);
    case CV_GONE_REVOKED:
        return cv_gone_name(CV_GONE_REMOVED);
    default:
        return cv_gone_name(CV_GONE_LEFT);
    }
}

static json_t *encode_about(const char *type, const struct cv_event *event) {
    return json_pack("{s:s,s:o}", "type", type, "participant",
                     cv_json_participant(&event->participant));
}

struct cv_signal_text *cv_signal_encode_event(const struct cv_meeting *meeting, int64_t now_us,
                                              const struct cv_event *event) {
    const char *subject = event->subject.text;
    switch (event->type) {
    case CV_EVENT_JOINED:
        return cv_json_text(encode_about("joined", event));
    case CV_EVENT_UPDATED:
        return cv_json_text(encode_about("updated", event));
    case CV_EVENT_KNOCK:
        return cv_json_text(encode_about("knock", event));
    case CV_EVENT_KNOCK_GONE:
        return cv_json_text(json_pack("{s:s,s:s}", "type", "knock_gone", "id", subject));
    case CV_EVENT_LEFT:
        return cv_json_text(json_pack("{s:s,s:s,s:s}", "type", "left", "id", subject, "reason",
                                      left_reason(event->gone)));
    case CV_EVENT_ADMITTED:
        return cv_json_text(encode_admitted(meeting, now_us, event));
    case CV_EVENT_MEETING:
        return cv_json_text(encode_facts(meeting, now_us));
    case CV_EVENT_MUTED:
        return cv_json_text(json_pack("{s:s,s:s,s:s}", "type", "muted", "kind",
                                      cv_media_part_name(event->kind), "by", subject));
    case CV_EVENT_SIGNAL:
        return encode_from("signal", event);
    case CV_EVENT_PASSED:
        return encode_from("passed", event);
    }
    return NULL;
}

static struct cv_signal_text *encode_error(uint64_t seq, const char *code, const char *message) {
    return cv_json_text(json_pack("{s:s,s:I,s:s,s:s}", "type", "error", "in_reply_to",
                                  (json_int_t)seq, "code", code, "message", message));
}

struct cv_signal_text *cv_signal_encode_error(uint64_t seq, enum cv_err err) {
    switch (err) {
    case CV_ERR_DENIED:
        return encode_error(seq, "denied", "You may not do this.");
    case CV_ERR_NOT_FOUND:
        return encode_error(seq, "not-found", "There is nobody of this id here.");
    case CV_ERR_STATE:
        return encode_error(seq, "state", "This is not possible now.");
    case CV_ERR_RANGE:
        return encode_error(seq, "range", "A value is not a possible one.");
    case CV_ERR_FULL:
        return encode_error(seq, "full", "There is no room left.");
    default:
        return encode_error(seq, "internal", "The server could not do this; try again.");
    }
}

struct cv_signal_text *cv_signal_encode_bad(uint64_t seq, const char *problem) {
    return encode_error(seq, "bad-message", problem);
}

static const char *const closed_messages[CV_GONE_COUNT] = {
    [CV_GONE_NOT] = "",
    [CV_GONE_LEFT] = "You have left the meeting.",
    [CV_GONE_LOST] = "The connection was lost for too long.",
    [CV_GONE_REMOVED] = "You were removed from the meeting.",
    [CV_GONE_BLOCKED] = "You were removed from the meeting and can't come back.",
    [CV_GONE_DENIED] = "You were not let in.",
    [CV_GONE_REVOKED] = "The link by which you entered was revoked.",
    [CV_GONE_SIGNED_OUT] = "You were signed out.",
    [CV_GONE_REPLACED] = "You have entered again elsewhere.",
    [CV_GONE_ENDED] = "The meeting has ended.",
    [CV_GONE_EXPIRED] = "The time for this meeting is over.",
};

struct cv_signal_text *cv_signal_encode_closed(enum cv_gone gone) {
    return cv_json_text(json_pack("{s:s,s:s,s:s}", "type", "closed", "code", cv_gone_name(gone),
                                  "message", closed_messages[gone]));
}

struct cv_signal_text *cv_signal_encode_ice(const struct cv_signal_ice *ice) {
    json_t *message = cv_json_ice(ice);
    if (message && json_object_set_new(message, "type", json_string("ice"))) {
        json_decref(message);
        message = NULL;
    }
    return cv_json_text(message);
}
