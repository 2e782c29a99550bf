/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server: listeners, connections and their limits. It speaks HTTP/1.1 and, under TLS,
 * HTTP/2 by ALPN, and WebSocket over HTTP/1.1. All requests go to one handler. All of it runs on
 * one loop and never blocks.
 *
 * The server itself answers, as problem+json: malformed requests (400), slow ones (408), bodies
 * over their limit (413), long request lines (414), big headers (431), unknown methods (501),
 * unknown versions (505), too many connections (503).
 */
#ifndef CV_IO_SERVER_H
#define CV_IO_SERVER_H

#include "base/cidr.h"
#include "io/exchange.h"
#include "io/loop.h"
#include "io/tls.h"

struct cv_server;

struct cv_server_handler {
    void *context;
    /* See exchange.h: the handler owns the exchange until it answers. */
    void (*on_request)(void *context, struct cv_exchange *exchange);
    /*
     * How large a body this request may have, bytes; asked once its headers are complete, before
     * 100 Continue. NULL: limits.body_bytes for all.
     */
    size_t (*body_limit)(void *context, const struct cv_http_request *request);
};

/* All have defaults (cv_server_limits_default); none may be 0. */
struct cv_server_limits {
    size_t connections;             /* 10000; over it 503 */
    size_t connections_per_source;  /* 256 by IPv4 address or IPv6 /64; over it 503. Trusted
                                       proxies and unix sockets are not counted by source */
    size_t request_line_bytes;      /* 8192; over it 414 */
    size_t header_bytes;            /* 16384, names and values; over it 431 */
    size_t header_count;            /* 100; over it 431 */
    size_t body_bytes;              /* 1 MiB; over it 413 */
    size_t buffered_bytes;          /* 64 MiB of bodies held for all connections; over it 503 */
    int64_t handshake_us;           /* 10 s for TLS */
    int64_t header_us;              /* 10 s from the first byte of a request to its last header */
    int64_t body_us;                /* 15 s; each 64 KiB received gives another second; then 408 */
    int64_t idle_us;                /* 75 s between requests */
    int64_t write_us;               /* 30 s without the client taking a byte of an answer */
    uint32_t h2_streams;            /* 100 at a time per connection */
    size_t websocket_message_bytes; /* 64 KiB; over it close 1009 */
    size_t websocket_queue_bytes;   /* 256 KiB waiting for one client; over it slow_code */
    int64_t websocket_ping_us;      /* 20 s of silence from the peer: a ping */
    int64_t websocket_dead_us;      /* 40 s of silence: gone, 1006 */
};
void cv_server_limits_default(struct cv_server_limits *ret_limits);

/* `handler` and `limits` are copied. CV_ERR_MEMORY. */
enum cv_err cv_server_new(struct cv_loop *loop, const struct cv_server_handler *handler,
                          const struct cv_server_limits *limits, struct cv_server **ret_server);
/*
 * Breaks off every connection at once, after calling on_close of every WebSocket with
 * CV_WS_GOING_AWAY. Exchanges that the handler still owns stay valid and must still be answered.
 * Not from inside a callback of the server's, other than on_drained.
 */
struct cv_server *cv_server_free(struct cv_server *server);

enum cv_listener_kind {
    CV_LISTEN_TCP,  /* `addr`; port 0: any free one. "::" takes IPv6 only: add "0.0.0.0" for both */
    CV_LISTEN_UNIX, /* `path`, made with mode 0660; a stale socket file is replaced */
    CV_LISTEN_FD,   /* `fd`: a listening stream socket (systemd); taken over and closed by us */
};
struct cv_listener {
    enum cv_listener_kind kind;
    struct cv_addr addr;
    const char *path;
    int fd;
    /* NULL: plain HTTP, meant for loopback and for unix sockets behind a reverse proxy. Borrowed:
     * must outlive the server. */
    struct cv_tls *tls;
    /* Peers whose X-Forwarded-For and X-Forwarded-Proto headers are believed; copied. */
    const struct cv_cidr *trusted_proxies;
    size_t trusted_proxy_count;
    /* On a unix socket: believe those headers from whoever can open the socket. */
    bool trust_unix_peer;
};
/*
 * Opens a listener and starts accepting. CV_ERR_SYSTEM with errno (EADDRINUSE ...). `ret_addr`
 * (may be NULL) gets the address in use, with the real port; CV_ADDR_NONE for a unix socket.
 */
enum cv_err cv_server_listen(struct cv_server *server, const struct cv_listener *listener,
                             struct cv_addr *ret_addr);

/*
 * Graceful end: stops accepting, closes idle connections, lets requests in flight finish
 * ("Connection: close", GOAWAY), closes WebSockets with CV_WS_GOING_AWAY. What is not done by
 * `deadline_us` (monotonic) is broken off. Then calls `on_drained` (once, from the loop); the
 * server can be freed in it.
 */
void cv_server_drain(struct cv_server *server, int64_t deadline_us,
                     void (*on_drained)(void *context), void *context);

/* Totals since the start, and gauges (named *_now). For /metrics. */
struct cv_server_counters {
    uint64_t connections; /* accepted */
    uint64_t connections_now;
    uint64_t connections_refused; /* over a limit on connections */
    uint64_t handshakes_failed;
    uint64_t requests_http1;
    uint64_t requests_http2;
    uint64_t requests_now; /* given to the handler and not answered yet */
    uint64_t answers[6];   /* by class: [2] counts 2xx; [0] is unused */
    uint64_t bad_requests; /* answered by the server itself: malformed or over a limit */
    uint64_t timeouts;     /* handshake, header, body, write */
    uint64_t floods;       /* HTTP/2 connections ended with ENHANCE_YOUR_CALM */
    uint64_t websockets;
    uint64_t websockets_now;
    uint64_t websockets_slow; /* closed because their queue ran full */
    uint64_t websockets_dead; /* silent too long */
    uint64_t messages_in;     /* WebSocket messages */
    uint64_t messages_out;
    uint64_t bytes_in; /* inside TLS */
    uint64_t bytes_out;
    uint64_t buffered_bytes_now; /* request bodies held */
};
const struct cv_server_counters *cv_server_counters(const struct cv_server *server);

#endif
