/* SPDX-License-Identifier: Apache-2.0 */
#include "io/exchange.h"

#include "io/forwarded.h"
#include "io/security_headers.h"
#include "io/server_private.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    SPARE_EXCHANGES = 64,
    SPARE_BYTES = 4096, /* a spare keeps buffers no larger than this */
    ANSWER_HEADER_BYTES = 16 * 1024,
};

static struct cv_exchange *take_spare(struct cv_server *server) {
    if (cv_list_empty(&server->spare_exchanges))
        return calloc(1, sizeof(struct cv_exchange));
    struct cv_list *it = server->spare_exchanges.next;
    cv_list_remove(it);
    server->spare_exchange_count--;
    return CV_CONTAINER_OF(it, struct cv_exchange, link);
}

struct cv_exchange *cv_exchange_new(struct cv_connection *connection) {
    struct cv_exchange *exchange = take_spare(connection->server);
    if (!exchange)
        return NULL;
    cv_list_init(&exchange->link);
    exchange->server = connection->server;
    exchange->connection = connection;
    exchange->headers.limit_bytes = ANSWER_HEADER_BYTES;
    return exchange;
}

/* Empties the exchange for the next request, if it is small enough to be kept. */
static bool keep_spare(struct cv_server *server, struct cv_exchange *exchange) {
    if (!server || server->spare_exchange_count >= SPARE_EXCHANGES ||
        exchange->request.text.capacity > SPARE_BYTES || exchange->body.capacity > SPARE_BYTES ||
        exchange->headers.capacity > SPARE_BYTES)
        return false;
    cv_http_request_reset(&exchange->request);
    struct cv_exchange empty = {
        .request = exchange->request, .body = exchange->body, .headers = exchange->headers};
    empty.body.size = 0;
    empty.headers.size = 0;
    *exchange = empty;
    cv_list_init(&exchange->link);
    cv_list_append(&server->spare_exchanges, &exchange->link);
    server->spare_exchange_count++;
    return true;
}

struct cv_exchange *cv_exchange_free(struct cv_exchange *exchange) {
    if (!exchange)
        return NULL;
    struct cv_server *server = exchange->server;
    cv_list_remove(&exchange->link);
    if (server) {
        server->counters.requests_now -= exchange->is_with_handler;
        server->counters.buffered_bytes_now -= exchange->body.size;
    }
    if (keep_spare(server, exchange))
        return NULL;
    cv_http_request_release(&exchange->request);
    cv_buf_release(&exchange->body);
    cv_buf_release(&exchange->headers);
    free(exchange);
    return NULL;
}

void cv_exchange_detach(struct cv_exchange *exchange) {
    exchange->connection = NULL;
    exchange->stream = NULL;
    if (!exchange->is_with_handler)
        cv_exchange_free(exchange);
}

void cv_exchange_finish_head(struct cv_exchange *exchange) {
    const struct cv_connection *connection = exchange->connection;
    const struct cv_listening *listening = connection->listening;
    struct cv_http_request *request = &exchange->request;
    request->client = connection->peer;
    request->is_secure = listening->tls != NULL;
    request->has_peer = connection->has_peer;
    request->peer_uid = connection->peer_uid;
    if (!connection->is_trusted)
        return;
    struct cv_forwarded forwarded =
        cv_forwarded_read(request, listening->trusted, listening->trusted_count);
    if (forwarded.client.family != CV_ADDR_NONE)
        request->client = forwarded.client;
    if (forwarded.says_proto)
        request->is_secure = forwarded.is_https;
}

size_t cv_exchange_body_limit(const struct cv_exchange *exchange) {
    const struct cv_server *server = exchange->server;
    return server->handler.body_limit
               ? server->handler.body_limit(server->handler.context, &exchange->request)
               : server->limits.body_bytes;
}

enum cv_err cv_exchange_add_body(struct cv_exchange *exchange, struct cv_slice bytes) {
    struct cv_server *server = exchange->server;
    if (server->counters.buffered_bytes_now + bytes.size > server->limits.buffered_bytes)
        return CV_ERR_FULL;
    enum cv_err err = cv_buf_append(&exchange->body, bytes.data, bytes.size);
    if (!err)
        server->counters.buffered_bytes_now += bytes.size;
    return err;
}

void cv_exchange_dispatch(struct cv_exchange *exchange) {
    struct cv_server *server = exchange->server;
    exchange->request.body = cv_buf_slice(&exchange->body);
    exchange->is_with_handler = true;
    cv_list_append(&server->exchanges, &exchange->link);
    server->counters.requests_now++;
    if (exchange->request.version == CV_HTTP_2)
        server->counters.requests_http2++;
    else
        server->counters.requests_http1++;
    if (exchange->connection->is_refused)
        cv_exchange_problem(exchange,
                            &(struct cv_problem){.status = 503,
                                                 .name = "too-many-connections",
                                                 .detail = "There are too many connections.",
                                                 .retry_after_s = 10});
    else
        server->handler.on_request(server->handler.context, exchange);
}

void cv_exchange_refuse(struct cv_exchange *exchange, int status, const char *detail) {
    exchange->server->counters.bad_requests++;
    cv_exchange_problem(exchange, &(struct cv_problem){.status = status, .detail = detail});
}

const struct cv_http_request *cv_exchange_request(const struct cv_exchange *exchange) {
    return &exchange->request;
}

bool cv_exchange_is_gone(const struct cv_exchange *exchange) {
    return !exchange->connection || exchange->connection->is_dead;
}

enum cv_err cv_exchange_add_header(struct cv_exchange *exchange, const char *name,
                                   struct cv_slice value) {
    if (!cv_http_is_token(cv_slice_str(name)) || !cv_http_is_field_value(value))
        return CV_ERR_SYNTAX;
    size_t before = exchange->headers.size;
    enum cv_err err = cv_buf_append_str(&exchange->headers, name);
    if (!err)
        err = cv_buf_append(&exchange->headers, ": ", 2);
    if (!err)
        err = cv_buf_append(&exchange->headers, value.data, value.size);
    if (!err)
        err = cv_buf_append(&exchange->headers, "\r\n", 2);
    if (err)
        exchange->headers.size = before;
    else
        exchange->has_cache_control |= strcmp(name, "cache-control") == 0;
    return err;
}

/* Hands the answer to the protocol; the exchange is gone afterwards. Takes the body over. */
static void answer(struct cv_exchange *exchange, int status, const char *content_type,
                   struct cv_body *body) {
    if (!cv_exchange_is_gone(exchange)) {
        struct cv_connection *connection = exchange->connection;
        if (!exchange->has_cache_control)
            cv_exchange_add_header(exchange, "cache-control", cv_slice_str("no-store"));
        struct cv_answer answer = {
            .status = status,
            .content_type = content_type,
            .headers = cv_buf_slice(&exchange->headers),
            .security = cv_security_headers(content_type, exchange->request.is_secure),
            .body = body,
        };
        exchange->server->counters.answers[status >= 100 && status < 600 ? status / 100 : 5]++;
        connection->protocol->answer(connection, exchange, &answer);
    }
    cv_body_release(body);
    cv_exchange_free(exchange);
}

void cv_exchange_reply(struct cv_exchange *exchange, int status, const char *content_type,
                       struct cv_slice bytes) {
    struct cv_body body = CV_BODY_EMPTY;
    body.next = bytes.data;
    body.left_bytes = bytes.size;
    body.is_transient = true;
    answer(exchange, status, content_type, &body);
}

void cv_exchange_reply_file(struct cv_exchange *exchange, int status, const char *content_type,
                            int fd, uint64_t offset, uint64_t size) {
    struct cv_body body = {.fd = fd, .offset = offset, .left_bytes = size};
    answer(exchange, status, content_type, &body);
}

void cv_exchange_json(struct cv_exchange *exchange, int status, struct cv_slice json) {
    cv_exchange_reply(exchange, status, "application/json", json);
}

/* cookie-octet (RFC 6265 section 4.1.1). */
static bool is_cookie_value(struct cv_slice text) {
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

enum cv_err cv_exchange_set_cookie(struct cv_exchange *exchange, const struct cv_cookie *cookie) {
    if (!cv_http_is_token(cv_slice_str(cookie->name)) || !is_cookie_value(cookie->value))
        return CV_ERR_SYNTAX;
    struct cv_buf text = {0};
    enum cv_err err =
        cv_buf_printf(&text, "%s=%.*s; Path=/; SameSite=Strict; HttpOnly", cookie->name,
                      (int)cookie->value.size, (const char *)cookie->value.data);
    if (!err && cookie->max_age_s != 0)
        err = cv_buf_printf(&text, "; Max-Age=%" PRId64,
                            cookie->max_age_s > 0 ? cookie->max_age_s : 0);
    if (!err && exchange->request.is_secure)
        err = cv_buf_append_str(&text, "; Secure");
    if (!err)
        err = cv_exchange_add_header(exchange, "set-cookie", cv_buf_slice(&text));
    cv_buf_release(&text);
    return err;
}
