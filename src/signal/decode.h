/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the text of a frame to a message: `hello`, `ack` or a command of the meeting. Strict about
 * what it knows (types, lengths, ranges, duplicates); fields it doesn't know are passed over, so
 * that newer clients can talk to older servers. docs/protocol.md has the shapes.
 */
#ifndef CV_SIGNAL_DECODE_H
#define CV_SIGNAL_DECODE_H

#include "meeting/command.h"
#include "signal/codes.h"

enum {
    CV_SIGNAL_MAX_TOKEN_CHARS = 64,
    CV_SIGNAL_MAX_SESSION_CHARS = 32,
    CV_SIGNAL_MAX_SDP_BYTES = 48 * 1024,
    CV_SIGNAL_MAX_CANDIDATE_BYTES = 1024,
    CV_SIGNAL_MAX_FIELD_BYTES = 256, /* sdpMid, usernameFragment */
    CV_SIGNAL_MAX_PASS_BYTES = 8 * 1024,
};

enum cv_signal_type { CV_SIGNAL_HELLO, CV_SIGNAL_ACK, CV_SIGNAL_COMMAND };

enum cv_signal_way {
    CV_WAY_LINK,    /* token */
    CV_WAY_MEETING, /* meeting, and the session cookie */
    CV_WAY_RESUME,  /* token, perhaps acked */
};

struct cv_signal_hello {
    enum cv_signal_way way;
    struct cv_slice token; /* 1 to 64 URL-safe characters */
    struct cv_id meeting;
    struct cv_slice name; /* checked; empty when not given */
    bool hide_address;
    bool knows; /* has `ack`: the page is the one that received the messages up to … */
    uint64_t acked;
};

struct cv_signal_message {
    enum cv_signal_type type;
    uint64_t seq; /* 0 for hello and ack */
    bool has_ack;
    uint64_t ack;
    union {
        struct cv_signal_hello hello;
        struct cv_command command; /* `by` is empty: the caller knows who it is */
    };
    char problem[64];      /* with CV_ERR_TYPE: what is wrong with which field; for people */
    struct json_t *json;   /* what the slices point into */
    char *payload;         /* likewise, of signal and pass: an object of the members of the event */
    struct cv_want *wants; /* likewise, of want */
};

/*
 * CV_OK          a message; to be released when done with
 * CV_ERR_TYPE    the envelope is good and what it holds is not: `problem` is set, and `seq`, `ack`
 *                and `type` say what to answer; to be released too
 * CV_ERR_SYNTAX  not a JSON object within the limits, or an impossible envelope: close with 4400
 * CV_ERR_MEMORY
 */
enum cv_err cv_signal_decode(struct cv_slice frame, struct cv_signal_message *ret_message);
void cv_signal_message_release(struct cv_signal_message *message);

#endif
