/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers going out:   acked_out (before the first of the queue) <= sent_out <= last_out (its last)
 * Numbers coming in:   acked_in (all durable up to here) <= last_in (received up to here)
 *
 * The queue holds every message that isn't acknowledged, sent or not, in a ring. The flags say of
 * the commands after acked_in which are durable, by number modulo their count.
 */
#include "signal/session.h"

#include "signal/rate.h"

#include <stdlib.h>

struct cv_signal_session {
    struct cv_signal_text **queue; /* message acked_out + 1 + i is at (first + i) % capacity */
    uint32_t capacity;             /* 0 or a power of two */
    uint32_t first;
    size_t queued_bytes;
    uint64_t acked_out;
    uint64_t sent_out;
    uint64_t last_out;

    uint64_t last_in;
    uint64_t acked_in;
    bool durable[CV_SIGNAL_MAX_IN_HAND];
    int64_t ack_due_us;
    uint32_t epoch; /* counts the times that numbering started anew */

    bool slow;      /* what was to be sent has been dropped: only a resume by state mends it */
    bool apart;     /* there was a gap, so the two sides count differently: likewise */
    bool heard;     /* the client has sent something since numbering started anew */
    bool confirmed; /* it has acknowledged something since the last resume */

    struct cv_rate messages;
    struct cv_rate bytes;
    struct cv_rate bad;
};

struct cv_signal_session *cv_signal_session_new(void) {
    struct cv_signal_session *session = calloc(1, sizeof *session);
    if (session)
        session->ack_due_us = CV_TIME_NEVER;
    return session;
}

/*
 * Drops the oldest messages of the queue, up to number `seq`. Those that were sent on the
 * connection before may be acknowledged before they are sent again.
 */
static void drop_up_to(struct cv_signal_session *session, uint64_t seq) {
    while (session->acked_out < seq) {
        struct cv_signal_text *text = session->queue[session->first];
        session->queued_bytes -= text->size;
        cv_signal_text_unref(text);
        session->first = (session->first + 1) & (session->capacity - 1);
        session->acked_out++;
    }
    if (session->sent_out < session->acked_out)
        session->sent_out = session->acked_out;
}

struct cv_signal_session *cv_signal_session_free(struct cv_signal_session *session) {
    if (!session)
        return NULL;
    drop_up_to(session, session->last_out);
    free(session->queue);
    free(session);
    return NULL;
}

bool cv_signal_session_frame(struct cv_signal_session *session, int64_t now_us, size_t size_bytes) {
    return size_bytes <= CV_SIGNAL_BYTES_PER_MIN &&
           cv_rate_take(&session->messages, now_us, 10 * CV_US_PER_S, CV_SIGNAL_MESSAGES_PER_10_S,
                        1) &&
           cv_rate_take(&session->bytes, now_us, CV_US_PER_MIN, CV_SIGNAL_BYTES_PER_MIN,
                        (uint32_t)size_bytes);
}

bool cv_signal_session_bad(struct cv_signal_session *session, int64_t now_us) {
    return cv_rate_take(&session->bad, now_us, CV_US_PER_MIN, CV_SIGNAL_BAD_PER_MIN, 1);
}

static void want_ack(struct cv_signal_session *session, int64_t now_us) {
    if (session->ack_due_us == CV_TIME_NEVER)
        session->ack_due_us = now_us + CV_SIGNAL_ACK_DELAY_US;
}

static enum cv_signal_verdict gap(struct cv_signal_session *session) {
    session->apart = true;
    return CV_VERDICT_GAP;
}

enum cv_signal_verdict cv_signal_session_receive(struct cv_signal_session *session, int64_t now_us,
                                                 const struct cv_signal_message *message,
                                                 struct cv_signal_ticket *ret_ticket) {
    session->heard = true;
    if (message->has_ack) {
        if (message->ack > session->last_out)
            return gap(session);
        session->confirmed |= message->ack > session->acked_out;
        drop_up_to(session, message->ack);
    }
    if (!message->seq)
        return CV_VERDICT_ACK;
    if (message->seq > session->last_in + 1)
        return gap(session);
    if (message->seq <= session->last_in) {
        want_ack(session, now_us);
        return CV_VERDICT_DUPLICATE;
    }
    if (session->last_in - session->acked_in >= CV_SIGNAL_MAX_IN_HAND)
        return CV_VERDICT_BUSY;
    session->last_in++;
    *ret_ticket = (struct cv_signal_ticket){session->epoch, message->seq};
    return CV_VERDICT_NEW;
}

void cv_signal_session_done(struct cv_signal_session *session, int64_t now_us,
                            struct cv_signal_ticket ticket) {
    if (ticket.epoch != session->epoch || ticket.seq <= session->acked_in)
        return;
    session->durable[ticket.seq % CV_SIGNAL_MAX_IN_HAND] = true;
    bool *next;
    while (*(next = &session->durable[(session->acked_in + 1) % CV_SIGNAL_MAX_IN_HAND])) {
        *next = false;
        session->acked_in++;
        want_ack(session, now_us);
    }
}

static enum cv_err grow(struct cv_signal_session *session) {
    uint32_t capacity = session->capacity ? session->capacity * 2 : 8;
    struct cv_signal_text **queue = malloc(capacity * sizeof(*queue));
    if (!queue)
        return CV_ERR_MEMORY;
    for (uint32_t i = 0; i < session->capacity; i++)
        queue[i] = session->queue[(session->first + i) & (session->capacity - 1)];
    free(session->queue);
    session->queue = queue;
    session->capacity = capacity;
    session->first = 0;
    return CV_OK;
}

static enum cv_err give_up(struct cv_signal_session *session, enum cv_err err) {
    drop_up_to(session, session->last_out);
    session->slow = true;
    return err;
}

enum cv_err cv_signal_session_push(struct cv_signal_session *session, struct cv_signal_text *text) {
    uint64_t count = session->last_out - session->acked_out;
    if (session->slow || count >= CV_SIGNAL_MAX_UNACKED ||
        session->queued_bytes + text->size > CV_SIGNAL_MAX_UNACKED_BYTES)
        return give_up(session, CV_ERR_LIMIT);
    if (count == session->capacity && grow(session))
        return give_up(session, CV_ERR_MEMORY);
    session->queue[(session->first + count) & (session->capacity - 1)] = cv_signal_text_ref(text);
    session->queued_bytes += text->size;
    session->last_out++;
    return CV_OK;
}

/* Writes the message after the last one sent. */
static enum cv_err write_next(const struct cv_signal_session *session, struct cv_buf *frame) {
    uint64_t place = session->first + (session->sent_out - session->acked_out);
    const struct cv_signal_text *text = session->queue[place & (session->capacity - 1)];
    enum cv_err err = cv_buf_printf(frame, "{\"seq\":%llu,\"ack\":%llu,",
                                    (unsigned long long)session->sent_out + 1,
                                    (unsigned long long)session->acked_in);
    return err ? err : cv_buf_append(frame, text->data, text->size);
}

bool cv_signal_session_output(struct cv_signal_session *session, int64_t now_us,
                              struct cv_buf *frame) {
    enum cv_err err;
    bool message = session->sent_out < session->last_out;
    if (!message && now_us < session->ack_due_us)
        return false;
    cv_buf_clear(frame);
    if (message)
        err = write_next(session, frame);
    else
        err = cv_buf_printf(frame, "{\"type\":\"ack\",\"ack\":%llu}",
                            (unsigned long long)session->acked_in);
    if (err)
        return false;
    session->sent_out += message;
    session->ack_due_us = CV_TIME_NEVER;
    return true;
}

int64_t cv_signal_session_deadline(const struct cv_signal_session *session) {
    return session->ack_due_us;
}

static void start_anew(struct cv_signal_session *session) {
    drop_up_to(session, session->last_out);
    session->acked_out = session->sent_out = session->last_out = 0;
    session->last_in = session->acked_in = 0;
    memset(session->durable, 0, sizeof session->durable);
    session->slow = session->apart = session->heard = false;
    session->epoch++;
}

enum cv_signal_mode cv_signal_session_resume(struct cv_signal_session *session,
                                             const uint64_t *acked) {
    session->confirmed = false;
    session->ack_due_us = CV_TIME_NEVER;
    bool can_go_on = acked && session->heard && !session->slow && !session->apart &&
                     *acked >= session->acked_out && *acked <= session->last_out;
    if (!can_go_on) {
        start_anew(session);
        return CV_MODE_STATE;
    }
    drop_up_to(session, *acked);
    session->sent_out = session->acked_out;
    return CV_MODE_FULL;
}

uint64_t cv_signal_session_acked_in(const struct cv_signal_session *session) {
    return session->acked_in;
}

bool cv_signal_session_confirmed(const struct cv_signal_session *session) {
    return session->confirmed;
}
