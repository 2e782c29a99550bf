/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 on a connection: one request at a time. While one is being answered, what comes after
 * it (pipelining) waits in a bounded buffer, and past that the connection is not read.
 */
#include "io/server_private.h"

#include "base/time.h"
#include "io/websocket_handshake.h"

#include <stdlib.h>

enum {
    WAITING_BYTES = 8 * 1024,     /* pipelined input over this pauses reading */
    SMALL_BODY_BYTES = 32 * 1024, /* goes to the output with the head */
    UNSENT_BYTES = 64 * 1024,     /* output over this makes the next request wait */
    BODY_BYTES_PER_S = 64 * 1024, /* how slowly a body may come */
    HEAD_BYTES = 512,             /* more than the lines of our own take */
};

struct http1_session {
    struct cv_http1 parser;
    struct cv_exchange *exchange;   /* the request being read, or with the handler */
    struct cv_buf waiting;          /* input that came too early */
    struct cv_body body;            /* of the answer, as far as it did not fit */
    struct cv_websocket *websocket; /* takes over when the output is sent */
    int64_t body_since_us;
    bool is_with_handler;
    bool closes; /* after this answer */
};

void cv_http1_session_start(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    struct http1_session *session = calloc(1, sizeof *session);
    if (!session) {
        cv_connection_abort(connection);
        return;
    }
    session->parser.limits = &server->http1_limits;
    session->body = CV_BODY_EMPTY;
    connection->session = session;
    connection->protocol = &cv_http1_protocol;
    cv_connection_set_deadline(connection, cv_loop_now_us(server->loop) + server->limits.header_us);
}

static void release(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    if (session->exchange)
        cv_exchange_detach(session->exchange);
    cv_websocket_free(session->websocket);
    cv_http1_release(&session->parser);
    cv_buf_release(&session->waiting);
    cv_body_release(&session->body);
    free(session);
    connection->session = NULL;
}

static bool is_busy(const struct cv_connection *connection) {
    const struct http1_session *session = connection->session;
    return session->is_with_handler || session->body.left_bytes > 0 || session->websocket ||
           connection->is_closing || cv_connection_unsent(connection) > UNSENT_BYTES;
}

/* The server's own answer to what was read so far; nothing is read after it. */
static void refuse(struct cv_connection *connection, int status, const char *detail) {
    struct http1_session *session = connection->session;
    session->closes = true;
    cv_exchange_refuse(session->exchange, status, detail);
}

static bool begin_request(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    struct http1_session *session = connection->session;
    session->exchange = cv_exchange_new(connection);
    if (!session->exchange) {
        cv_connection_abort(connection);
        return false;
    }
    cv_http1_next(&session->parser, &session->exchange->request);
    cv_connection_set_deadline(connection, cv_loop_now_us(server->loop) + server->limits.header_us);
    return true;
}

static void set_body_deadline(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    int64_t earned_us = (int64_t)(session->exchange->body.size / BODY_BYTES_PER_S) * CV_US_PER_S;
    cv_connection_set_deadline(connection, session->body_since_us +
                                               connection->server->limits.body_us + earned_us);
}

/* False when the request has been refused. */
static bool check_upgrade(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    struct cv_http_request *request = &session->exchange->request;
    switch (cv_websocket_check_request(request)) {
    case CV_WEBSOCKET_NOT_ASKED:
        return true;
    case CV_WEBSOCKET_VALID:
        request->is_websocket = !session->parser.has_body;
        return true;
    case CV_WEBSOCKET_WRONG_VERSION:
        cv_exchange_add_header(session->exchange, "sec-websocket-version", cv_slice_str("13"));
        refuse(connection, 426, "Only version 13 of the WebSocket protocol is spoken here.");
        return false;
    case CV_WEBSOCKET_MALFORMED:
        break;
    }
    refuse(connection, 400, "The WebSocket upgrade is malformed.");
    return false;
}

static void on_head(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    cv_exchange_finish_head(session->exchange);
    if (!check_upgrade(connection) || !session->parser.has_body)
        return;
    session->parser.body_limit_bytes = cv_exchange_body_limit(session->exchange);
    session->body_since_us = cv_loop_now_us(connection->server->loop);
    set_body_deadline(connection);
    if (session->parser.expects_continue &&
        session->parser.content_bytes <= session->parser.body_limit_bytes &&
        cv_buf_append_str(cv_connection_output(connection), "HTTP/1.1 100 Continue\r\n\r\n"))
        cv_connection_abort(connection);
}

static void on_body(struct cv_connection *connection, struct cv_slice piece) {
    struct http1_session *session = connection->session;
    if (cv_exchange_add_body(session->exchange, piece))
        refuse(connection, 503, "The server holds too many large requests at the moment.");
    else
        set_body_deadline(connection);
}

static void on_complete(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    session->closes = !session->parser.keep_alive || connection->is_refused ||
                      connection->server->is_draining || connection->has_ended;
    session->is_with_handler = true;
    cv_connection_set_deadline(connection, CV_TIME_NEVER);
    cv_exchange_dispatch(session->exchange);
}

/* Reads requests as long as each is answered at once; keeps the rest. */
static void process(struct cv_connection *connection, struct cv_slice input) {
    struct http1_session *session = connection->session;
    while (!connection->is_dead && !is_busy(connection)) {
        if (!session->exchange && (input.size == 0 || !begin_request(connection)))
            return;
        struct cv_slice piece;
        switch (cv_http1_input(&session->parser, &input, &piece)) {
        case CV_HTTP1_MORE:
            return;
        case CV_HTTP1_HEAD:
            on_head(connection);
            break;
        case CV_HTTP1_BODY:
            on_body(connection, piece);
            break;
        case CV_HTTP1_END:
            on_complete(connection);
            break;
        case CV_HTTP1_ERROR:
            refuse(connection, session->parser.status, session->parser.reason);
            break;
        }
    }
    if (connection->is_dead || connection->is_closing || input.size == 0)
        return;
    if (cv_buf_append(&session->waiting, input.data, input.size))
        cv_connection_abort(connection);
    cv_connection_pause(connection, session->waiting.size > WAITING_BYTES);
}

static void input(struct cv_connection *connection, struct cv_slice bytes) {
    struct http1_session *session = connection->session;
    if (session->waiting.size == 0) {
        process(connection, bytes);
        return;
    }
    if (cv_buf_append(&session->waiting, bytes.data, bytes.size))
        cv_connection_abort(connection);
    cv_connection_pause(connection, session->waiting.size > WAITING_BYTES);
}

static void process_waiting(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    struct cv_buf waiting = session->waiting;
    session->waiting = (struct cv_buf){0};
    process(connection, cv_buf_slice(&waiting));
    cv_buf_release(&waiting);
    if (!connection->is_dead)
        cv_connection_pause(connection, session->waiting.size > WAITING_BYTES);
}

static void hand_over(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    struct cv_websocket *websocket = session->websocket;
    struct cv_buf waiting = session->waiting;
    session->websocket = NULL;
    session->waiting = (struct cv_buf){0};
    release(connection);
    cv_websocket_start(connection, websocket);
    cv_connection_pause(connection, false);
    if (waiting.size > 0)
        connection->protocol->input(connection, cv_buf_slice(&waiting));
    cv_buf_release(&waiting);
}

void cv_http1_session_upgrade(struct cv_connection *connection, struct cv_websocket *websocket) {
    struct http1_session *session = connection->session;
    session->exchange = NULL;
    session->is_with_handler = false;
    session->websocket = websocket;
    cv_server_mark_dirty(connection);
}

static void finish_answer(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    struct http1_session *session = connection->session;
    cv_body_release(&session->body);
    cv_http1_release(&session->parser);
    if (session->closes)
        cv_connection_close(connection);
    else
        cv_connection_set_deadline(connection,
                                   cv_loop_now_us(server->loop) + server->limits.idle_us);
}

static enum cv_err move_body(struct cv_body *body, struct cv_buf *output, size_t max_bytes) {
    size_t size;
    enum cv_err err = cv_buf_reserve(output, max_bytes);
    if (!err)
        err = cv_body_read(body, output->data + output->size, max_bytes, &size);
    if (!err)
        output->size += size;
    return err;
}

static void produce(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    if (session->body.left_bytes > 0) {
        if (move_body(&session->body, &connection->output, CV_OUTPUT_BYTES)) {
            cv_connection_abort(connection);
            return;
        }
        if (session->body.left_bytes > 0)
            return;
        finish_answer(connection);
    }
    if (session->websocket)
        hand_over(connection);
    else if (session->waiting.size > 0)
        process_waiting(connection);
}

/* Appends to `at`, which has room, and returns the end. */
static char *put(char *at, const char *text) {
    return mempcpy(at, text, strlen(text));
}

static char *put_number(char *at, uint64_t number) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

/* Not printf: this is done for every answer, and its format would cost more than all the rest. */
static enum cv_err append_head(struct cv_connection *connection, struct cv_buf *output,
                               const struct cv_answer *answer, bool has_length, bool closes) {
    char head[HEAD_BYTES], *at = head;
    at = put_number(put(at, "HTTP/1.1 "), (uint64_t)answer->status);
    at = put(put(at, " "), cv_http_status_text(answer->status));
    at = put(put(at, "\r\ndate: "), cv_server_date(connection->server));
    if (answer->content_type && strlen(answer->content_type) < HEAD_BYTES / 2)
        at = put(put(at, "\r\ncontent-type: "), answer->content_type);
    if (has_length)
        at = put_number(put(at, "\r\ncontent-length: "), answer->body->left_bytes);
    at = put(at, closes ? "\r\nconnection: close\r\n" : "\r\n");

    size_t size = (size_t)(at - head);
    uint64_t room = size + answer->headers.size + answer->security.size + 2;
    if (has_length && answer->body->left_bytes <= SMALL_BODY_BYTES)
        room += answer->body->left_bytes;
    enum cv_err err = cv_buf_reserve(output, (size_t)room);
    if (err)
        return err;
    cv_buf_append(output, head, size);
    cv_buf_append(output, answer->headers.data, answer->headers.size);
    cv_buf_append(output, answer->security.data, answer->security.size);
    return cv_buf_append(output, "\r\n", 2);
}

static enum cv_err append_body(struct http1_session *session, struct cv_buf *output,
                               struct cv_body *body) {
    enum cv_err err = CV_OK;
    if (body->next && body->left_bytes <= SMALL_BODY_BYTES)
        return move_body(body, output, (size_t)body->left_bytes);
    if (body->left_bytes > 0)
        err = cv_body_own(body);
    if (err)
        return err;
    session->body = *body;
    *body = CV_BODY_EMPTY;
    return CV_OK;
}

static void send_answer(struct cv_connection *connection, struct cv_exchange *exchange,
                        struct cv_answer *answer) {
    struct http1_session *session = connection->session;
    struct cv_buf *output = cv_connection_output(connection);
    bool may_have_body = answer->status >= 200 && answer->status != 204 && answer->status != 304;
    session->exchange = NULL;
    session->is_with_handler = false;
    session->closes |= connection->server->is_draining;
    enum cv_err err = append_head(connection, output, answer, may_have_body, session->closes);
    if (!err && may_have_body && exchange->request.method != CV_HTTP_HEAD)
        err = append_body(session, output, answer->body);
    if (err)
        cv_connection_abort(connection);
    else if (session->body.left_bytes == 0)
        finish_answer(connection);
}

static void on_end(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    session->closes = true;
    if (session->websocket)
        cv_connection_abort(connection);
    else if (!session->is_with_handler && session->body.left_bytes == 0)
        cv_connection_close(connection);
}

static void on_timeout(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    if (!session->exchange) {
        cv_connection_close(connection);
        return;
    }
    connection->server->counters.timeouts++;
    refuse(connection, 408, "The request took too long to arrive.");
}

static void drain(struct cv_connection *connection) {
    struct http1_session *session = connection->session;
    session->closes = true;
    if (session->websocket)
        cv_connection_abort(connection);
    else if (!session->exchange && session->body.left_bytes == 0)
        cv_connection_close(connection);
}

const struct cv_protocol cv_http1_protocol = {
    .input = input,
    .on_end = on_end,
    .produce = produce,
    .on_timeout = on_timeout,
    .drain = drain,
    .answer = send_answer,
    .release = release,
};
