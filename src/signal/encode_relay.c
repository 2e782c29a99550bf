/* SPDX-License-Identifier: Apache-2.0 */
/* What the relay has to say to a participant. */
#include "signal/encode_private.h"

struct cv_signal_text *cv_signal_encode_relay(const char *session, struct cv_slice sdp) {
    return cv_json_text(json_pack("{s:s,s:s,s:{s:s,s:o}}", "type", "relay", "session", session,
                                  "description", "type", "answer", "sdp",
                                  json_stringn((const char *)sdp.data, sdp.size)));
}

struct cv_signal_text *cv_signal_encode_relay_gone(const char *session, const char *code,
                                                   const char *message) {
    return cv_json_text(json_pack("{s:s,s:s,s:s,s:s}", "type", "relay_gone", "session", session,
                                  "code", code, "message", message));
}

static json_t *json_or_null(const struct cv_id *id) {
    return cv_id_empty(id) ? json_null() : json_string(id->text);
}

struct cv_signal_text *cv_signal_encode_slots(const char *session,
                                              const struct cv_signal_slot *slots, size_t count) {
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        json_t *slot = json_pack("{s:s,s:o,s:s,s:s}", "mid", slots[i].mid, "participant",
                                 json_or_null(&slots[i].participant), "source", slots[i].source,
                                 "state", slots[i].state);
        if (json_array_append_new(list, slot)) {
            json_decref(list);
            list = NULL;
        }
    }
    return cv_json_text(
        json_pack("{s:s,s:s,s:o}", "type", "slots", "session", session, "slots", list));
}

struct cv_signal_text *cv_signal_encode_speaker(const struct cv_id *participant) {
    return cv_json_text(
        json_pack("{s:s,s:o}", "type", "speaker", "participant", json_or_null(participant)));
}

struct cv_signal_text *cv_signal_encode_watched(const char *session, const char *const *rids,
                                                size_t count, bool screen) {
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        if (json_array_append_new(list, json_string(rids[i]))) {
            json_decref(list);
            list = NULL;
        }
    }
    return cv_json_text(json_pack("{s:s,s:s,s:o,s:b}", "type", "watched", "session", session,
                                  "camera", list, "screen", screen));
}
