/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One participant's stream of numbered messages, in both directions, over one connection after the
 * other: what is kept until it is acknowledged, what is a duplicate and what a gap, when an
 * acknowledgement is due, and how much is too much. Sans-IO; times are monotonic microseconds.
 *
 *   in    frame ─► cv_signal_session_frame ─► cv_signal_decode ─► cv_signal_session_receive
 *                ─► (apply, store) ─► cv_signal_session_done
 *   out   cv_signal_session_push ─► cv_signal_session_output until false, also at the deadline
 *
 * While the connection is lost the session lives on: push fills the queue, and resume says whether
 * the client can go on where it was.
 */
#ifndef CV_SIGNAL_SESSION_H
#define CV_SIGNAL_SESSION_H

#include "signal/decode.h"
#include "signal/text.h"

#define CV_SIGNAL_ACK_DELAY_US (250 * CV_US_PER_MS)

enum {
    CV_SIGNAL_MAX_UNACKED = 512,              /* messages */
    CV_SIGNAL_MAX_UNACKED_BYTES = 256 * 1024, /* of their texts */
    CV_SIGNAL_MAX_IN_HAND = 256,              /* commands received and not yet durable */
    CV_SIGNAL_MESSAGES_PER_10_S = 200,
    CV_SIGNAL_BYTES_PER_MIN = 1024 * 1024,
    CV_SIGNAL_BAD_PER_MIN = 9, /* malformed commands that are answered; one more closes */
};

struct cv_signal_session;

/* Numbering starts at 1 on both sides. NULL without memory. */
struct cv_signal_session *cv_signal_session_new(void);
/* Takes NULL, returns NULL. */
struct cv_signal_session *cv_signal_session_free(struct cv_signal_session *session);

/* For each frame as it comes, before it is decoded: false when the client sends too much (4429). */
bool cv_signal_session_frame(struct cv_signal_session *session, int64_t now_us, size_t size_bytes);

/* Counts a malformed command: false when there were too many (4400). */
bool cv_signal_session_bad(struct cv_signal_session *session, int64_t now_us);

enum cv_signal_verdict {
    CV_VERDICT_NEW,       /* act on the command */
    CV_VERDICT_DUPLICATE, /* it was there before: nothing to do */
    CV_VERDICT_ACK,       /* carried no command: nothing to do */
    CV_VERDICT_GAP,       /* something is missing, or was never sent: close with 4409 */
    CV_VERDICT_BUSY,      /* too many commands are not durable yet: close with 4429 */
};

/* Which command is done; of no meaning to the caller. */
struct cv_signal_ticket {
    uint32_t epoch;
    uint64_t seq;
};

/*
 * For each decoded message (a malformed command too) that isn't `hello`. With CV_VERDICT_NEW the
 * ticket is set, and the message is acknowledged only after cv_signal_session_done of it and all
 * before it.
 */
enum cv_signal_verdict cv_signal_session_receive(struct cv_signal_session *session, int64_t now_us,
                                                 const struct cv_signal_message *message,
                                                 struct cv_signal_ticket *ret_ticket);

/* What the command changed is durable. In any order; a ticket of before a resume is ignored. */
void cv_signal_session_done(struct cv_signal_session *session, int64_t now_us,
                            struct cv_signal_ticket ticket);

/*
 * Queues a message; takes its own reference. CV_ERR_LIMIT when the client is too slow: the queue
 * is dropped, nothing is queued from here on and the connection is to be closed with 4013; a resume
 * will be by state. CV_ERR_MEMORY has the same consequences.
 */
enum cv_err cv_signal_session_push(struct cv_signal_session *session, struct cv_signal_text *text);

/*
 * Puts the next frame to send in `frame` (emptied first); false when there is none. A bare
 * acknowledgement comes only when one is due. Without memory: false, and the frame stays queued.
 */
bool cv_signal_session_output(struct cv_signal_session *session, int64_t now_us,
                              struct cv_buf *frame);

/* When cv_signal_session_output has an acknowledgement to send; CV_TIME_NEVER if none. */
int64_t cv_signal_session_deadline(const struct cv_signal_session *session);

enum cv_signal_mode { CV_MODE_NEW, CV_MODE_FULL, CV_MODE_STATE };

/*
 * A new connection of the participant. `acked`: the highest number that the client has received,
 * NULL when it knows nothing. CV_MODE_FULL: what it missed comes out again with the old numbers.
 * CV_MODE_STATE: numbering starts anew on both sides and the queue is empty. So it is until the
 * client has sent something in the numbering of the last welcome: that welcome may have been lost,
 * and the client be thinking of the numbers of before (of before a restart, with a new session).
 */
enum cv_signal_mode cv_signal_session_resume(struct cv_signal_session *session,
                                             const uint64_t *acked);

/* The highest command that is received and durable: `ack` of `welcome`. */
uint64_t cv_signal_session_acked_in(const struct cv_signal_session *session);

/* Whether the client has acknowledged something since the start or the last resume. */
bool cv_signal_session_confirmed(const struct cv_signal_session *session);

#endif
