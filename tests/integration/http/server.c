/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server for tests of src/io: the real thing with a handler that shows what came in and answers
 * in every way there is. Prints "ready PORT" once it listens; ends by a drain on SIGTERM.
 *
 *   http_server [--tls CERT KEY] [--unix PATH] [--trust CIDR] [--static DIR]
 *               [--limit NAME=NUMBER]... [--port PORT]
 */
#include "io/server.h"
#include "base/encode.h"
#include "base/time.h"
#include "io/static.h"
#include "io/websocket.h"

#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BIG_BYTES = 64 * 1024 * 1024, CHUNK_BYTES = 16 * 1024, MAX_BINARY_BYTES = 256, DRAIN_S = 2 };

struct app {
    struct cv_loop *loop;
    struct cv_server *server;
    struct cv_tls *tls;
    struct cv_static *files;
    struct cv_list later; /* answers that wait for their time */
    struct cv_server_limits limits;
    uint8_t *big;
    size_t closed_count;
    uint16_t closed_code;
};

static struct app app;

struct later {
    struct cv_list link; /* in app.later */
    struct cv_timer timer;
    struct cv_exchange *exchange;
};

static uint64_t resident_bytes(void) {
    unsigned long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void reply_text(struct cv_exchange *exchange, int status, struct cv_buf *text) {
    cv_exchange_json(exchange, status, cv_buf_slice(text));
    cv_buf_release(text);
}

static void show_counters(struct cv_exchange *exchange) {
    const struct cv_server_counters *c = cv_server_counters(app.server);
    struct cv_buf text = {0};
    cv_buf_printf(&text, "{\"rss\":%" PRIu64, resident_bytes());
#define SHOW(name) cv_buf_printf(&text, ",\"" #name "\":%" PRIu64, c->name)
    SHOW(connections);
    SHOW(connections_now);
    SHOW(connections_refused);
    SHOW(handshakes_failed);
    SHOW(requests_http1);
    SHOW(requests_http2);
    SHOW(requests_now);
    SHOW(bad_requests);
    SHOW(timeouts);
    SHOW(floods);
    SHOW(websockets);
    SHOW(websockets_now);
    SHOW(websockets_slow);
    SHOW(websockets_dead);
    SHOW(messages_in);
    SHOW(messages_out);
    SHOW(bytes_in);
    SHOW(bytes_out);
    SHOW(buffered_bytes_now);
#undef SHOW
    cv_buf_printf(&text, ",\"closed_count\":%zu,\"closed_code\":%u}", app.closed_count,
                  app.closed_code);
    reply_text(exchange, 200, &text);
}

static void show_request(struct cv_exchange *exchange) {
    const struct cv_http_request *request = cv_exchange_request(exchange);
    char client[CV_ADDR_TEXT_BYTES];
    struct cv_buf text = {0};
    cv_addr_format_host(&request->client, client);
    cv_buf_printf(&text,
                  "{\"method\":\"%s\",\"version\":%d,\"path\":\"%.*s\",\"query\":\"%.*s\","
                  "\"authority\":\"%.*s\",\"client\":\"%s\",\"secure\":%s,\"uid\":%d,"
                  "\"body\":%zu,\"own_origin\":%s}",
                  cv_http_method_name(request->method), request->version, (int)request->path.size,
                  (const char *)request->path.data, (int)request->query.size,
                  (const char *)request->query.data, (int)request->authority.size,
                  (const char *)request->authority.data, client,
                  request->is_secure ? "true" : "false",
                  request->has_peer ? (int)request->peer_uid : -1, request->body.size,
                  cv_http_request_origin_is_own(request, false) ? "true" : "false");
    reply_text(exchange, 200, &text);
}

static uint64_t query_number(const struct cv_http_request *request, const char *name) {
    struct cv_buf value = {0};
    uint64_t number = 0;
    if (cv_http_query_get(request->query, name, &value) == CV_OK && cv_buf_cstr(&value))
        number = strtoull((const char *)value.data, NULL, 10);
    cv_buf_release(&value);
    return number;
}

static void finish(struct later *later) {
    cv_list_remove(&later->link);
    cv_loop_timer_cancel(app.loop, &later->timer);
    cv_exchange_json(later->exchange, 200,
                     cv_slice_str(cv_exchange_is_gone(later->exchange) ? "\"gone\"" : "\"late\""));
    free(later);
}

static void on_later(struct cv_timer *timer) {
    finish(CV_CONTAINER_OF(timer, struct later, timer));
}

static void answer_later(struct cv_exchange *exchange) {
    struct later *later = calloc(1, sizeof *later);
    uint64_t ms = query_number(cv_exchange_request(exchange), "ms");
    later->timer.call = on_later;
    later->exchange = exchange;
    cv_list_append(&app.later, &later->link);
    cv_loop_timer_set(app.loop, &later->timer,
                      cv_loop_now_us(app.loop) + (int64_t)ms * CV_US_PER_MS);
}

static void answer_big(struct cv_exchange *exchange) {
    uint64_t size = query_number(cv_exchange_request(exchange), "bytes");
    cv_exchange_reply(exchange, 200, "application/octet-stream",
                      cv_slice_of(app.big, size < BIG_BYTES ? size : BIG_BYTES));
}

static void answer_file(struct cv_exchange *exchange) {
    FILE *file = tmpfile();
    uint64_t size = query_number(cv_exchange_request(exchange), "bytes");
    uint64_t said = query_number(cv_exchange_request(exchange), "said");
    fwrite(app.big, 1, size, file);
    fflush(file);
    int fd = dup(fileno(file));
    fclose(file);
    cv_exchange_reply_file(exchange, 200, "application/octet-stream", fd, 0, said ? said : size);
}

static void answer_cookie(struct cv_exchange *exchange) {
    struct cv_slice value = cv_slice_str("none");
    cv_http_request_cookie(cv_exchange_request(exchange), "sid", &value);
    cv_exchange_add_header(exchange, "x-cookie", value);
    cv_exchange_set_cookie(
        exchange,
        &(struct cv_cookie){.name = "__Host-sid", .value = cv_slice_str("abc"), .max_age_s = 60});
    cv_exchange_reply(exchange, 204, NULL, (struct cv_slice){0});
}

static void on_message(void *context, struct cv_websocket *websocket, bool is_text,
                       struct cv_slice message) {
    if (cv_slice_eq_str(message, "close 4001")) {
        cv_websocket_close(websocket, 4001, "as you wish");
    } else if (cv_slice_eq_str(message, "flood")) {
        while (cv_websocket_send_text(websocket, cv_slice_of(app.big, CHUNK_BYTES)) == CV_OK) {
        }
    } else if (is_text) {
        cv_websocket_send_text(websocket, message);
    } else {
        char text[2 * MAX_BINARY_BYTES + 1];
        cv_hex_encode(message.data,
                      message.size < MAX_BINARY_BYTES ? message.size : MAX_BINARY_BYTES, text);
        cv_websocket_send_text(websocket, cv_slice_str(text));
    }
}

static void on_close(void *context, struct cv_websocket *websocket, uint16_t code,
                     struct cv_slice reason) {
    app.closed_count++;
    app.closed_code = code;
}

static void answer_websocket(struct cv_exchange *exchange) {
    static const struct cv_websocket_handlers handlers = {.on_message = on_message,
                                                          .on_close = on_close};
    const struct cv_http_request *request = cv_exchange_request(exchange);
    struct cv_slice origin;
    if (cv_http_request_header(request, "origin", &origin) &&
        !cv_http_request_origin_is_own(request, false)) {
        cv_exchange_fail(exchange, 403, "origin", "This page is not ours.");
        return;
    }
    struct cv_websocket *websocket;
    bool is_offered = request->is_websocket && cv_websocket_offers(request, "test.v1");
    cv_exchange_accept(exchange, is_offered ? "test.v1" : NULL, &handlers, NULL, &websocket);
}

static void on_request(void *context, struct cv_exchange *exchange) {
    const struct cv_http_request *request = cv_exchange_request(exchange);
    static const struct {
        const char *path;
        void (*answer)(struct cv_exchange *exchange);
    } routes[] = {
        {"/counters", show_counters}, {"/request", show_request}, {"/later", answer_later},
        {"/big", answer_big},         {"/file", answer_file},     {"/cookie", answer_cookie},
        {"/ws", answer_websocket},
    };
    if (cv_slice_eq_str(request->path, "/hello")) {
        cv_exchange_json(exchange, 200, cv_slice_str("{\"hello\":\"world\"}"));
        return;
    }
    if (cv_slice_eq_str(request->path, "/echo")) {
        cv_exchange_reply(exchange, 200, "application/octet-stream", request->body);
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (cv_slice_eq_str(request->path, routes[i].path)) {
            routes[i].answer(exchange);
            return;
        }
    }
    if (app.files && cv_static_serve(app.files, exchange))
        return;
    if (app.files && cv_slice_eq_str(request->path, "/client/route") &&
        cv_static_serve_name(app.files, exchange, 200, "/index.html"))
        return;
    if (app.files && cv_slice_eq_str(request->path, "/client/nothing") &&
        cv_static_serve_name(app.files, exchange, 404, "/index.html"))
        return;
    cv_exchange_fail(exchange, 404, "unknown", "There is no \"such\" thing.");
}

static void set_limit(const char *text) {
    struct {
        const char *name;
        size_t *size;
        int64_t *time_ms;
    } known[] = {
        {"connections", &app.limits.connections, NULL},
        {"connections_per_source", &app.limits.connections_per_source, NULL},
        {"body_bytes", &app.limits.body_bytes, NULL},
        {"buffered_bytes", &app.limits.buffered_bytes, NULL},
        {"header_ms", NULL, &app.limits.header_us},
        {"body_ms", NULL, &app.limits.body_us},
        {"idle_ms", NULL, &app.limits.idle_us},
        {"write_ms", NULL, &app.limits.write_us},
        {"handshake_ms", NULL, &app.limits.handshake_us},
        {"websocket_ping_ms", NULL, &app.limits.websocket_ping_us},
        {"websocket_dead_ms", NULL, &app.limits.websocket_dead_us},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        size_t size = strlen(known[i].name);
        if (strncmp(text, known[i].name, size) != 0 || text[size] != '=')
            continue;
        unsigned long number = strtoul(text + size + 1, NULL, 10);
        if (known[i].size)
            *known[i].size = number;
        else
            *known[i].time_ms = (int64_t)number * CV_US_PER_MS;
        return;
    }
    fprintf(stderr, "unknown limit %s\n", text);
    exit(2);
}

static void on_drained(void *context) {
    cv_loop_stop(app.loop);
}

static void on_signal(void *context, int signal_number) {
    char error[CV_TLS_ERROR_BYTES];
    if (signal_number == SIGHUP) {
        if (cv_tls_reload(app.tls, error))
            fprintf(stderr, "reload: %s\n", error);
        return;
    }
    cv_server_drain(app.server, cv_loop_now_us(app.loop) + DRAIN_S * CV_US_PER_S, on_drained, NULL);
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

int main(int argc, char **argv) {
    struct cv_listener listener = {.kind = CV_LISTEN_TCP};
    struct cv_cidr trusted;
    struct cv_tls_files files;
    char error[CV_TLS_ERROR_BYTES];
    cv_list_init(&app.later);
    cv_server_limits_default(&app.limits);
    cv_addr_parse(cv_slice_str("127.0.0.1"), &listener.addr);
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--tls") == 0 && i + 2 < argc) {
            files = (struct cv_tls_files){.certificate = argv[i + 1], .key = argv[i + 2]};
            if (cv_tls_new(&files, &listener.tls, error)) {
                fprintf(stderr, "%s\n", error);
                return 1;
            }
            i += 2;
        } else if (strcmp(argv[i], "--unix") == 0) {
            listener.kind = CV_LISTEN_UNIX;
            listener.path = argv[++i];
            listener.trust_unix_peer = true;
        } else if (strcmp(argv[i], "--trust") == 0) {
            if (cv_cidr_parse(cv_slice_str(value), &trusted))
                fail("--trust");
            listener.trusted_proxies = &trusted;
            listener.trusted_proxy_count = 1;
            i++;
        } else if (strcmp(argv[i], "--static") == 0) {
            if (cv_static_new(argv[++i], &app.files))
                fail("--static");
        } else if (strcmp(argv[i], "--limit") == 0) {
            set_limit(argv[++i]);
        } else if (strcmp(argv[i], "--port") == 0) {
            listener.addr.port = (uint16_t)atoi(argv[++i]);
        } else {
            fprintf(stderr, "unknown option %s\n", argv[i]);
            return 2;
        }
    }
    app.tls = listener.tls;
    app.big = calloc(1, BIG_BYTES); /* never touched: not resident */
    const struct cv_server_handler handler = {.on_request = on_request};
    struct cv_addr addr;
    if (!app.big || cv_loop_new(&app.loop) ||
        cv_server_new(app.loop, &handler, &app.limits, &app.server) ||
        cv_loop_on_signal(app.loop, SIGTERM, on_signal, NULL) ||
        cv_loop_on_signal(app.loop, SIGHUP, on_signal, NULL))
        fail("start");
    if (cv_server_listen(app.server, &listener, &addr))
        fail("listen");
    printf("ready %u\n", addr.port);
    fflush(stdout);
    cv_loop_run(app.loop);
    app.server = cv_server_free(app.server);
    /* Exchanges outlive the server; answering them is still our duty. */
    while (!cv_list_empty(&app.later))
        finish(CV_CONTAINER_OF(app.later.next, struct later, link));
    app.loop = cv_loop_free(app.loop);
    cv_tls_free(app.tls);
    cv_static_free(app.files);
    free(app.big);
    return 0;
}
