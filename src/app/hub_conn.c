/* SPDX-License-Identifier: Apache-2.0 */
/* One WebSocket: from the upgrade to hello, then frames for the seat. */
#include "app/hub_private.h"

#include <stdlib.h>

/* The host of "HOST:PORT" or "[v6]:PORT", without port. */
static void keep_host(struct hub_conn *conn, struct cv_slice authority) {
    const uint8_t *end = authority.data + authority.size;
    const uint8_t *colon = authority.size ? memrchr(authority.data, ':', authority.size) : NULL;
    if (colon && !memchr(colon, ']', (size_t)(end - colon))) {
        authority.size = (size_t)(colon - authority.data);
    }
    if (authority.size < sizeof conn->host) {
        memcpy(conn->host, authority.data, authority.size);
    }
}

struct hub_conn *hub_conn_new(struct cv_hub *hub, const struct cv_http_request *request) {
    const struct cv_api_settings *settings = hub->deps.settings;
    struct hub_conn *conn = calloc(1, sizeof *conn);
    if (!conn) {
        return NULL;
    }
    conn->hub = hub;
    cv_list_append(&hub->conns, &conn->item);
    conn->refs = 1;
    conn->client = request->client;
    conn->has_session = cv_api_session_hash(hub->deps.secrets, request, &conn->session);
    keep_host(conn, settings->origin_is_fixed ? cv_slice_str(settings->origin + strlen("https://"))
                                              : request->authority);
    return conn;
}

struct hub_conn *hub_conn_ref(struct hub_conn *conn) {
    conn->refs++;
    return conn;
}

void hub_conn_unref(struct hub_conn *conn) {
    if (conn && --conn->refs == 0) {
        cv_list_remove(&conn->item);
        cv_loop_timer_cancel(conn->hub->deps.loop, &conn->timer);
        cv_wipe(conn, sizeof *conn);
        free(conn);
    }
}

void hub_conn_close(struct hub_conn *conn, uint16_t code, const char *reason) {
    conn->phase = CONN_CLOSING;
    cv_loop_timer_cancel(conn->hub->deps.loop, &conn->timer);
    if (conn->websocket) {
        cv_websocket_close(conn->websocket, code, reason);
    }
}

void hub_conn_send(struct hub_conn *conn, struct cv_slice frame) {
    /* Over the limit the socket closes itself with 4013. */
    if (conn->websocket && cv_websocket_send_text(conn->websocket, frame) == CV_ERR_LIMIT) {
        conn->hub->counters.slow++;
    }
}

void hub_conn_refuse(struct hub_conn *conn, enum cv_signal_refusal refusal, int64_t opens_at_us,
                     const char *problem) {
    struct cv_buf frame = {0};
    if (!cv_signal_encode_refused(refusal, opens_at_us, problem, &frame)) {
        hub_conn_send(conn, cv_buf_slice(&frame));
    }
    cv_buf_release(&frame);
    hub_conn_close(conn, (uint16_t)cv_signal_refusal_close(refusal), NULL);
}

static void on_hello_timer(struct cv_timer *timer) {
    struct hub_conn *conn = CV_CONTAINER_OF(timer, struct hub_conn, timer);
    hub_conn_close(conn, CV_CLOSE_NO_HELLO, "no hello");
}

void hub_conn_start(struct hub_conn *conn, struct cv_websocket *websocket) {
    conn->websocket = websocket;
    conn->timer.call = on_hello_timer;
    cv_loop_timer_set(conn->hub->deps.loop, &conn->timer,
                      cv_loop_now_us(conn->hub->deps.loop) + CV_SIGNAL_HELLO_TIMEOUT_US);
}

/* A command of somebody seated; takes the message over. */
static void take_command(struct hub_conn *conn, struct cv_signal_message *message,
                         struct cv_signal_ticket ticket) {
    struct hub_seat *seat = conn->seat;
    struct hub_input *input = hub_input_new(INPUT_MESSAGE, conn);
    if (!input) {
        cv_signal_message_release(message);
        hub_conn_close(conn, CV_CLOSE_GOING_AWAY, "no memory");
        return;
    }
    conn->hub->counters.commands++;
    input->by = seat->id;
    input->message = *message;
    input->message.command.by = seat->id;
    input->ticket = ticket;
    hub_room_put(seat->room, input);
}

/* A numbered message whose content is no command that we know: answered, up to a point. */
static void answer_bad(struct hub_conn *conn, const struct cv_signal_message *message,
                       struct cv_signal_ticket ticket) {
    struct hub_seat *seat = conn->seat;
    int64_t now_us = cv_loop_now_us(conn->hub->deps.loop);
    if (!cv_signal_session_bad(seat->session, now_us)) {
        hub_conn_close(conn, CV_CLOSE_MALFORMED, "too many malformed messages");
        return;
    }
    cv_signal_session_done(seat->session, now_us, ticket);
    hub_seat_push(seat, cv_signal_encode_bad(message->seq, message->problem));
    hub_seat_flush(seat);
}

static void on_seated_frame(struct hub_conn *conn, struct cv_slice frame) {
    struct hub_seat *seat = conn->seat;
    struct cv_signal_ticket ticket;
    struct cv_signal_message message = {0};
    int64_t now_us = cv_loop_now_us(conn->hub->deps.loop);
    if (!cv_signal_session_frame(seat->session, now_us, frame.size)) {
        hub_conn_close(conn, CV_CLOSE_FLOOD, "too many messages");
        return;
    }
    enum cv_err err = cv_signal_decode(frame, &message);
    if ((err && err != CV_ERR_TYPE) || (!err && message.type == CV_SIGNAL_HELLO)) {
        if (!err) {
            cv_signal_message_release(&message);
        }
        hub_conn_close(conn, err == CV_ERR_MEMORY ? CV_CLOSE_GOING_AWAY : CV_CLOSE_MALFORMED,
                       "malformed");
        return;
    }
    enum cv_signal_verdict verdict =
        cv_signal_session_receive(seat->session, now_us, &message, &ticket);
    if (seat->has_old && cv_signal_session_confirmed(seat->session)) {
        hub_seat_confirm(seat);
    }
    switch (verdict) {
    case CV_VERDICT_NEW:
        if (!err) {
            take_command(conn, &message, ticket);
            return;
        }
        answer_bad(conn, &message, ticket);
        break;
    case CV_VERDICT_DUPLICATE:
    case CV_VERDICT_ACK:
        hub_seat_flush(seat);
        break;
    case CV_VERDICT_GAP:
        hub_conn_close(conn, CV_CLOSE_GAP, "gap in the sequence");
        break;
    case CV_VERDICT_BUSY:
        hub_conn_close(conn, CV_CLOSE_FLOOD, "too many messages at a time");
        break;
    }
    cv_signal_message_release(&message);
}

static void on_first_frame(struct hub_conn *conn, struct cv_slice frame) {
    struct cv_signal_message message = {0};
    enum cv_err err = cv_signal_decode(frame, &message);
    if (err == CV_ERR_TYPE && message.type == CV_SIGNAL_HELLO) {
        hub_conn_refuse(conn, CV_REFUSED_BAD_MESSAGE, 0, message.problem);
        cv_signal_message_release(&message);
        return;
    }
    if (err || message.type != CV_SIGNAL_HELLO) {
        if (!err || err == CV_ERR_TYPE) {
            cv_signal_message_release(&message);
        }
        hub_conn_refuse(conn, CV_REFUSED_BAD_MESSAGE, 0, "hello is expected first");
        return;
    }
    cv_loop_timer_cancel(conn->hub->deps.loop, &conn->timer);
    conn->phase = CONN_ENTERING;
    hub_hello(conn, &message);
}

static void on_message(void *context, struct cv_websocket *websocket, bool is_text,
                       struct cv_slice message) {
    struct hub_conn *conn = context;
    if (!is_text) {
        hub_conn_close(conn, CV_CLOSE_MALFORMED, "text frames only");
        return;
    }
    switch (conn->phase) {
    case CONN_EXPECTING:
        on_first_frame(conn, message);
        break;
    case CONN_ENTERING:
        hub_conn_close(conn, CV_CLOSE_MALFORMED, "wait for welcome");
        break;
    case CONN_SEATED:
        on_seated_frame(conn, message);
        break;
    case CONN_CLOSING:
        break;
    }
}

static void on_close(void *context, struct cv_websocket *websocket, uint16_t code,
                     struct cv_slice reason) {
    struct hub_conn *conn = context;
    struct hub_seat *seat = conn->seat;
    conn->websocket = NULL;
    conn->phase = CONN_CLOSING;
    cv_loop_timer_cancel(conn->hub->deps.loop, &conn->timer);
    if (seat) {
        hub_seat_detach(seat);
        struct hub_input *input = conn->hub->draining ? NULL : hub_input_new(INPUT_LOST, NULL);
        if (input) {
            input->by = seat->id;
            hub_room_put(seat->room, input);
        }
    }
    hub_conn_unref(conn);
}

const struct cv_websocket_handlers hub_websocket_handlers = {
    .slow_code = CV_CLOSE_SLOW,
    .on_message = on_message,
    .on_close = on_close,
};
