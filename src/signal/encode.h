/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From events and states to the text of messages. Sequenced ones become a cv_signal_text, to be
 * pushed to as many sessions as it is for; `welcome` and `refused` become a whole frame.
 * docs/protocol.md has the shapes. NULL, or CV_ERR_MEMORY, without memory.
 */
#ifndef CV_SIGNAL_ENCODE_H
#define CV_SIGNAL_ENCODE_H

#include "meeting/meeting.h"
#include "signal/session.h"

/* The event as every recipient gets it. `meeting` is as the command that told it has left it. */
struct cv_signal_text *cv_signal_encode_event(const struct cv_meeting *meeting, int64_t now_us,
                                              const struct cv_event *event);

/* The answer to command `seq` that was refused; `err` as cv_meeting_apply returned it. */
struct cv_signal_text *cv_signal_encode_error(uint64_t seq, enum cv_err err);
/* The answer to command `seq` that was malformed. */
struct cv_signal_text *cv_signal_encode_bad(uint64_t seq, const char *problem);

/* The last message before the connection closes with cv_signal_gone_close(gone). */
struct cv_signal_text *cv_signal_encode_closed(enum cv_gone gone);

/* `urls` ends with NULL; username and credential are NULL for STUN. */
struct cv_signal_ice_server {
    const char *const *urls;
    const char *username;
    const char *credential;
};

struct cv_signal_ice {
    const struct cv_signal_ice_server *servers;
    size_t server_count;
    bool relay_only;       /* "hide my address" */
    int64_t expires_at_us; /* of the credentials, wall clock; CV_TIME_NEVER */
};

struct cv_signal_text *cv_signal_encode_ice(const struct cv_signal_ice *ice);

/* `relay`: the answer to the offer of that session. */
struct cv_signal_text *cv_signal_encode_relay(const char *session, struct cv_slice sdp);
/* `code`: "bad-offer", "full", "lost". */
struct cv_signal_text *cv_signal_encode_relay_gone(const char *session, const char *code,
                                                   const char *message);

struct cv_signal_slot {
    const char *mid;
    struct cv_id participant; /* empty: nobody */
    const char *source;       /* "microphone", "camera", "screen", "screen-sound" */
    const char *state;        /* "off", "live", "starved" */
};
struct cv_signal_text *cv_signal_encode_slots(const char *session,
                                              const struct cv_signal_slot *slots, size_t count);
/* Empty: nobody. */
struct cv_signal_text *cv_signal_encode_speaker(const struct cv_id *participant);
struct cv_signal_text *cv_signal_encode_watched(const char *session, const char *const *rids,
                                                size_t count, bool screen);

struct cv_signal_welcome {
    enum cv_signal_mode mode;
    uint64_t ack;
    const struct cv_meeting *meeting;
    const struct cv_participant *you; /* in that meeting */
    const char *resume;               /* the new token */
    const struct cv_signal_ice *ice;
    int64_t now_us; /* wall clock */
};

enum cv_err cv_signal_encode_welcome(const struct cv_signal_welcome *welcome, struct cv_buf *frame);

/*
 * `opens_at_us`: with CV_REFUSED_TOO_EARLY, else 0. `problem`: with CV_REFUSED_BAD_MESSAGE, what
 * is wrong; else NULL.
 */
enum cv_err cv_signal_encode_refused(enum cv_signal_refusal refusal, int64_t opens_at_us,
                                     const char *problem, struct cv_buf *frame);

#endif
