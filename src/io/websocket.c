/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   OPEN ──cv_websocket_close, slow, drain──► CLOSING ──peer's close, timeout──► CLOSED
 *     └────peer's close, protocol error, end of the connection─────────────────────▲
 *
 * OPEN: messages both ways. CLOSING: our close frame is in the output; what still comes is read
 * for the peer's close frame only. CLOSED: on_close has been called; the connection goes.
 */
#include "io/websocket.h"

#include "base/time.h"
#include "base/utf8.h"
#include "io/server_private.h"
#include "io/websocket_handshake.h"

#include <stdlib.h>

enum {
    REASON_BYTES = 123, /* RFC 6455 section 5.5 */
    CLOSE_US = 5 * 1000 * 1000,
};

/* RFC 6455 section 5.2. */
enum opcode {
    OPCODE_TEXT = 1,
    OPCODE_CLOSE = 8,
    OPCODE_PING = 9,
    OPCODE_PONG = 10,
};

enum state { OPEN, CLOSING, CLOSED };

struct cv_websocket {
    struct cv_connection *connection;
    const struct cv_websocket_handlers *handlers;
    void *context;

    struct cv_websocket_reader reader;
    int64_t heard_at_us;

    struct cv_buf reason;
    uint16_t code;
    uint8_t state;
    bool is_pinged;
};

/* A frame of ours: whole and unmasked (RFC 6455 section 5.2). */
static enum cv_err append_frame(struct cv_websocket *websocket, uint8_t opcode,
                                struct cv_slice payload) {
    struct cv_buf *output = cv_connection_output(websocket->connection);
    uint8_t header[10] = {(uint8_t)(0x80 | opcode)};
    size_t header_size = 2;
    if (payload.size < 126) {
        header[1] = (uint8_t)payload.size;
    } else if (payload.size <= UINT16_MAX) {
        header[1] = 126;
        cv_put_be16(header + 2, (uint16_t)payload.size);
        header_size = 4;
    } else {
        header[1] = 127;
        cv_put_be64(header + 2, payload.size);
        header_size = 10;
    }
    enum cv_err err = cv_buf_reserve(output, header_size + payload.size);
    if (err)
        return err;
    cv_buf_append(output, header, header_size);
    return cv_buf_append(output, payload.data, payload.size);
}

static void set_state(struct cv_websocket *websocket, enum state state, uint16_t code,
                      struct cv_slice reason) {
    websocket->state = (uint8_t)state;
    websocket->code = code;
    websocket->reason.size = 0;
    if (cv_buf_append(&websocket->reason, reason.data, reason.size))
        websocket->reason.size = 0;
}

/* Without memory for the frame the connection breaks, which on_close will tell. */
static void append_close(struct cv_websocket *websocket, uint16_t code, struct cv_slice reason) {
    uint8_t payload[2 + REASON_BYTES];
    size_t size = 0;
    if (code != CV_WS_NO_STATUS) {
        cv_put_be16(payload, code);
        if (reason.size > 0)
            memcpy(payload + 2, reason.data, reason.size);
        size = 2 + reason.size;
    }
    if (append_frame(websocket, OPCODE_CLOSE, cv_slice_of(payload, size)))
        cv_connection_abort(websocket->connection);
}

/* The end, as far as the application is concerned. Only from the loop or from free. */
static void report(struct cv_websocket *websocket, uint16_t code, struct cv_slice reason) {
    if (websocket->state == CLOSED)
        return;
    /* Who closed first gave the code. */
    if (websocket->state == OPEN)
        set_state(websocket, CLOSED, code, reason);
    websocket->state = CLOSED;
    websocket->connection->server->counters.websockets_now--;
    websocket->handlers->on_close(websocket->context, websocket, websocket->code,
                                  cv_buf_slice(&websocket->reason));
}

struct cv_websocket *cv_websocket_free(struct cv_websocket *websocket) {
    if (!websocket)
        return NULL;
    report(websocket,
           websocket->connection->server->is_draining ? CV_WS_GOING_AWAY : CV_WS_ABNORMAL,
           (struct cv_slice){0});
    cv_websocket_reader_release(&websocket->reader);
    cv_buf_release(&websocket->reason);
    free(websocket);
    return NULL;
}

/* The peer broke the protocol: it is told, and nothing more is read. */
static void fail(struct cv_websocket *websocket, uint16_t code, struct cv_slice reason) {
    if (websocket->state == OPEN)
        append_close(websocket, code, reason);
    cv_connection_close(websocket->connection);
    report(websocket, code, reason);
}

/* The longest beginning of the text, at most REASON_BYTES, that ends with a whole character. */
static struct cv_slice cut_reason(const char *reason) {
    struct cv_slice text = cv_slice_str(reason ? reason : "");
    if (text.size > REASON_BYTES)
        text.size = REASON_BYTES;
    while (text.size > 0 && !cv_utf8_valid(text))
        text.size--;
    return text;
}

void cv_websocket_close(struct cv_websocket *websocket, uint16_t code, const char *reason) {
    struct cv_connection *connection = websocket->connection;
    if (websocket->state != OPEN)
        return;
    struct cv_slice text = cut_reason(reason);
    append_close(websocket, code, text);
    set_state(websocket, CLOSING, code, text);
    cv_connection_set_deadline(connection, cv_loop_now_us(connection->server->loop) + CLOSE_US);
}

enum cv_err cv_websocket_send_text(struct cv_websocket *websocket, struct cv_slice message) {
    struct cv_server *server = websocket->connection->server;
    if (websocket->state != OPEN || websocket->connection->is_dead)
        return CV_ERR_STATE;
    enum cv_err err = CV_ERR_LIMIT;
    if (cv_connection_unsent(websocket->connection) + message.size <=
        server->limits.websocket_queue_bytes)
        err = append_frame(websocket, OPCODE_TEXT, message);
    if (err) {
        uint16_t code = websocket->handlers->slow_code;
        server->counters.websockets_slow++;
        cv_websocket_close(websocket, code ? code : CV_WS_TRY_LATER, "too slow");
        return err;
    }
    server->counters.messages_out++;
    return CV_OK;
}

static void on_peer_close(struct cv_websocket *websocket, const struct cv_websocket_item *item) {
    if (websocket->state == OPEN)
        append_close(websocket, item->code, (struct cv_slice){0});
    cv_connection_close(websocket->connection);
    report(websocket, item->code, item->data);
}

static void on_ping(struct cv_websocket *websocket, struct cv_slice payload) {
    struct cv_connection *connection = websocket->connection;
    if (websocket->state != OPEN)
        return;
    /* A peer that pings and does not read gets no memory of ours for it. */
    if (cv_connection_unsent(connection) > connection->server->limits.websocket_queue_bytes ||
        append_frame(websocket, OPCODE_PONG, payload))
        cv_connection_abort(connection);
}

static void on_message(struct cv_websocket *websocket, bool is_text, struct cv_slice message) {
    if (websocket->state != OPEN)
        return;
    websocket->connection->server->counters.messages_in++;
    websocket->handlers->on_message(websocket->context, websocket, is_text, message);
}

static void set_ping_deadline(struct cv_connection *connection, int64_t after_us) {
    const struct cv_websocket *websocket = connection->session;
    if (websocket->state == OPEN)
        cv_connection_set_deadline(connection, websocket->heard_at_us + after_us);
}

static void on_event(struct cv_websocket *websocket, enum cv_websocket_event event,
                     const struct cv_websocket_item *item) {
    switch (event) {
    case CV_WEBSOCKET_TEXT:
    case CV_WEBSOCKET_BINARY:
        on_message(websocket, event == CV_WEBSOCKET_TEXT, item->data);
        break;
    case CV_WEBSOCKET_PING:
        on_ping(websocket, item->data);
        break;
    case CV_WEBSOCKET_CLOSE:
        on_peer_close(websocket, item);
        break;
    case CV_WEBSOCKET_ERROR:
        fail(websocket, item->code, item->data);
        break;
    case CV_WEBSOCKET_PONG:
    case CV_WEBSOCKET_MORE:
        break;
    }
}

static void input(struct cv_connection *connection, struct cv_slice bytes) {
    struct cv_websocket *websocket = connection->session;
    struct cv_server *server = connection->server;
    struct cv_websocket_item item;
    enum cv_websocket_event event;
    websocket->heard_at_us = cv_loop_now_us(server->loop);
    websocket->is_pinged = false;
    do {
        event = cv_websocket_read(&websocket->reader, &server->websocket_pool,
                                  server->limits.websocket_message_bytes, &bytes, &item);
        on_event(websocket, event, &item);
        if (websocket->state == CLOSED || connection->is_dead)
            return;
    } while (event != CV_WEBSOCKET_MORE);
    set_ping_deadline(connection, server->limits.websocket_ping_us);
}

static void on_timeout(struct cv_connection *connection) {
    struct cv_websocket *websocket = connection->session;
    struct cv_server *server = connection->server;
    if (websocket->state != OPEN || websocket->is_pinged) {
        server->counters.websockets_dead += websocket->state == OPEN;
        cv_connection_abort(connection);
        return;
    }
    websocket->is_pinged = true;
    if (append_frame(websocket, OPCODE_PING, (struct cv_slice){0}))
        cv_connection_abort(connection);
    set_ping_deadline(connection, server->limits.websocket_dead_us);
}

static void on_end(struct cv_connection *connection) {
    cv_connection_close(connection);
    report(connection->session, CV_WS_ABNORMAL, (struct cv_slice){0});
}

static void drain(struct cv_connection *connection) {
    cv_websocket_close(connection->session, CV_WS_GOING_AWAY, "the server is going away");
}

static void release(struct cv_connection *connection) {
    connection->session = cv_websocket_free(connection->session);
}

const struct cv_protocol cv_websocket_protocol = {
    .input = input,
    .on_end = on_end,
    .on_timeout = on_timeout,
    .drain = drain,
    .release = release,
};

void cv_websocket_start(struct cv_connection *connection, struct cv_websocket *websocket) {
    struct cv_server *server = connection->server;
    connection->session = websocket;
    connection->protocol = &cv_websocket_protocol;
    websocket->heard_at_us = cv_loop_now_us(server->loop);
    if (websocket->state == OPEN)
        set_ping_deadline(connection, server->limits.websocket_ping_us);
    else
        cv_connection_set_deadline(connection, websocket->heard_at_us + CLOSE_US);
}

enum cv_err cv_exchange_accept(struct cv_exchange *exchange, const char *protocol,
                               const struct cv_websocket_handlers *handlers, void *context,
                               struct cv_websocket **ret_websocket) {
    struct cv_connection *connection = exchange->connection;
    if (cv_exchange_is_gone(exchange)) {
        cv_exchange_free(exchange);
        return CV_ERR_CLOSED;
    }
    if (!exchange->request.is_websocket) {
        cv_exchange_problem(
            exchange, &(struct cv_problem){.status = 426, .detail = "Only WebSockets live here."});
        return CV_ERR_STATE;
    }
    struct cv_websocket *websocket = calloc(1, sizeof *websocket);
    struct cv_buf head = {0};
    if (!websocket ||
        cv_websocket_accept_head(&exchange->request, protocol, cv_server_date(connection->server),
                                 &head) ||
        cv_buf_append(cv_connection_output(connection), head.data, head.size)) {
        free(websocket);
        cv_buf_release(&head);
        cv_exchange_problem(exchange, &(struct cv_problem){.status = 503});
        return CV_ERR_MEMORY;
    }
    cv_buf_release(&head);
    websocket->connection = connection;
    websocket->handlers = handlers;
    websocket->context = context;
    connection->server->counters.websockets++;
    connection->server->counters.websockets_now++;
    connection->server->counters.answers[1]++;
    cv_http1_session_upgrade(connection, websocket);
    cv_exchange_free(exchange);
    *ret_websocket = websocket;
    return CV_OK;
}
