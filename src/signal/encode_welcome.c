/* SPDX-License-Identifier: Apache-2.0 */
/* The two answers to `hello`. They carry no number, so they are whole frames. */
#include "signal/encode_private.h"

#include <stdlib.h>

static const char *const modes[] = {
    [CV_MODE_NEW] = "new",
    [CV_MODE_FULL] = "full",
    [CV_MODE_STATE] = "state",
};

static const struct {
    const char *code;
    const char *message;
} refusals[CV_REFUSED_COUNT] = {
    [CV_REFUSED_UNKNOWN] = {"unknown", "This link does not lead to a meeting."},
    [CV_REFUSED_TOO_EARLY] = {"too-early", "The meeting is not open yet."},
    [CV_REFUSED_ENDED] = {"ended", "The meeting has ended."},
    [CV_REFUSED_EXPIRED] = {"expired", "The time for this meeting is over."},
    [CV_REFUSED_LOCKED] = {"locked", "The meeting is locked: nobody else can enter now."},
    [CV_REFUSED_FULL] = {"full", "There is no place left in the meeting."},
    [CV_REFUSED_BLOCKED] = {"blocked", "You were removed from the meeting and can't come back."},
    [CV_REFUSED_SIGNED_OUT] = {"signed-out", "Sign in to enter your meeting."},
    [CV_REFUSED_RESUME_FAILED] = {"resume-failed", "Your place was given up; join again."},
    [CV_REFUSED_BAD_MESSAGE] = {"bad-message", "The message was malformed."},
};

/* Takes the reference; NULL comes to CV_ERR_MEMORY. */
static enum cv_err to_frame(json_t *object, struct cv_buf *frame) {
    char *dumped = object ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    cv_buf_clear(frame);
    enum cv_err err = dumped ? cv_buf_append_str(frame, dumped) : CV_ERR_MEMORY;
    free(dumped);
    return err;
}

enum cv_err cv_signal_encode_welcome(const struct cv_signal_welcome *welcome,
                                     struct cv_buf *frame) {
    json_t *snapshot = NULL;
    if (welcome->mode != CV_MODE_FULL) {
        snapshot = cv_json_snapshot(welcome->meeting, welcome->now_us, welcome->you);
        if (!snapshot)
            return CV_ERR_MEMORY;
    }
    return to_frame(
        json_pack("{s:s,s:i,s:s,s:I,s:o,s:s,s:o*,s:o,s:o}", "type", "welcome", "version",
                  CV_SIGNAL_VERSION, "mode", modes[welcome->mode], "ack", (json_int_t)welcome->ack,
                  "you", cv_json_you(welcome->you), "resume", welcome->resume, "meeting", snapshot,
                  "ice", cv_json_ice(welcome->ice), "server_time", cv_json_time(welcome->now_us)),
        frame);
}

enum cv_err cv_signal_encode_refused(enum cv_signal_refusal refusal, int64_t opens_at_us,
                                     const char *problem, struct cv_buf *frame) {
    return to_frame(json_pack("{s:s,s:s,s:s,s:o*}", "type", "refused", "code",
                              refusals[refusal].code, "message",
                              problem ? problem : refusals[refusal].message, "opens_at",
                              opens_at_us ? cv_json_time(opens_at_us) : NULL),
                    frame);
}
