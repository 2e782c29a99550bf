/* SPDX-License-Identifier: Apache-2.0 */
/* The codes of docs/protocol.md: why somebody is refused, and with what a WebSocket closes. */
#ifndef CV_SIGNAL_CODES_H
#define CV_SIGNAL_CODES_H

#include "meeting/effect.h"

#define CV_SIGNAL_SUBPROTOCOL "conclave.v1"
#define CV_SIGNAL_HELLO_TIMEOUT_US (10 * CV_US_PER_S)

enum { CV_SIGNAL_VERSION = 1, CV_SIGNAL_MAX_FRAME_BYTES = 64 * 1024, CV_SIGNAL_MAX_DEPTH = 16 };

/* RFC 6455 section 7.4.2 leaves 4000 to 4999 to applications. */
enum cv_signal_close {
    CV_CLOSE_GOING_AWAY = 1001,
    CV_CLOSE_OVER = 4000,
    CV_CLOSE_REMOVED = 4001,
    CV_CLOSE_REPLACED = 4002,
    CV_CLOSE_SLOW = 4013,
    CV_CLOSE_MALFORMED = 4400,
    CV_CLOSE_UNKNOWN = 4401,
    CV_CLOSE_NOT_NOW = 4403,
    CV_CLOSE_NO_HELLO = 4408,
    CV_CLOSE_GAP = 4409,
    CV_CLOSE_PAST = 4410,
    CV_CLOSE_FLOOD = 4429,
};

/* With which code a connection closes after `closed`. */
enum cv_signal_close cv_signal_gone_close(enum cv_gone gone);

/* The codes of `refused`: those of the meeting, and those that the meeting is never asked about. */
enum cv_signal_refusal {
    CV_REFUSED_UNKNOWN, /* no such link, revoked, or not usable by a stranger: all the same */
    CV_REFUSED_TOO_EARLY,
    CV_REFUSED_ENDED,
    CV_REFUSED_EXPIRED,
    CV_REFUSED_LOCKED,
    CV_REFUSED_FULL,
    CV_REFUSED_BLOCKED,
    CV_REFUSED_SIGNED_OUT,
    CV_REFUSED_RESUME_FAILED,
    CV_REFUSED_BAD_MESSAGE,
    CV_REFUSED_COUNT
};

/* `refusal` is not CV_REFUSAL_NONE. */
enum cv_signal_refusal cv_signal_refusal_of(enum cv_refusal refusal);
enum cv_signal_close cv_signal_refusal_close(enum cv_signal_refusal refusal);

#endif
