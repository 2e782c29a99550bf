/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the server share: the server itself, its connections, and exchanges.
 *
 *   server.c      listeners, limits by source, drain, the end of each turn
 *   connection.c  one socket: reading, writing, deadlines, closing; knows no HTTP
 *   exchange.c    one request and its answer; hands the answer to the protocol
 *   http1_session.c, http2_session.c, websocket.c   the protocols on a connection
 *
 * Nothing is written and nothing freed in the middle of a callback: what has output is marked
 * dirty and what has died is listed, and both are seen to at the end of the turn.
 */
#ifndef CV_IO_SERVER_PRIVATE_H
#define CV_IO_SERVER_PRIVATE_H

#include "base/map.h"
#include "io/body.h"
#include "io/http1.h"
#include "io/listening.h"
#include "io/server.h"
#include "io/stream.h"
#include "io/websocket_reader.h"

struct cv_connection;
struct cv_websocket;

enum {
    CV_READ_BYTES = 16 * 1024,   /* one read, and one TLS record */
    CV_OUTPUT_BYTES = 16 * 1024, /* what a protocol adds to the output at a time */
};

/* One client address (IPv6: /64) and how many connections it has. */
struct cv_source {
    struct cv_addr key;
    size_t count;
};

struct cv_server {
    struct cv_loop *loop;
    struct cv_server_handler handler;
    struct cv_server_limits limits;
    struct cv_http1_limits http1_limits;
    struct cv_server_counters counters;

    struct cv_list listenings;
    struct cv_list connections;
    struct cv_list dirty; /* connections to be flushed at the end of this turn */
    struct cv_list again; /* connections to be read from in the next turn, whatever epoll says */
    struct cv_timer again_timer;
    struct cv_list dead;      /* connections to be freed */
    struct cv_list exchanges; /* all that the handler still owns */
    struct cv_list spare_exchanges;
    size_t spare_exchange_count;
    struct cv_map sources;
    uint64_t peak_connections; /* since memory was last given back */
    size_t refused_count;      /* connections that are only told so */
    int spare_fd;              /* given up for a moment when there is no other */
    struct cv_deferred turn_end;

    bool is_draining;
    struct cv_timer drain_timer;
    void (*on_drained)(void *context);
    void *drained_context;

    struct cv_websocket_pool websocket_pool;

    char date[CV_HTTP_DATE_BYTES];
    int64_t date_s; /* the second that `date` says */
    uint8_t read_buffer[CV_READ_BYTES];
};

/* The answer on its way from the exchange to the protocol. */
struct cv_answer {
    int status;
    const char *content_type; /* NULL: none */
    struct cv_slice headers;  /* lines "name: value" CR LF, all but those of cv_answer_heading */
    struct cv_slice security; /* likewise */
    struct cv_body *body;     /* taken over by the protocol */
};

/* One way of speaking on a connection. Every function but input may be NULL. */
struct cv_protocol {
    /* Takes all the bytes. */
    void (*input)(struct cv_connection *connection, struct cv_slice bytes);
    /* The peer will send no more. NULL: the connection is closed. */
    void (*on_end)(struct cv_connection *connection);
    /* The output is empty: goes on with what waited for that. */
    void (*produce)(struct cv_connection *connection);
    /* The read deadline has passed. NULL: the connection is closed. */
    void (*on_timeout)(struct cv_connection *connection);
    /* The server is going away. NULL: the connection is closed. */
    void (*drain)(struct cv_connection *connection);
    /* Sends the answer and takes over its body. */
    void (*answer)(struct cv_connection *connection, struct cv_exchange *exchange,
                   struct cv_answer *answer);
    /* Frees what the protocol keeps on the connection. */
    void (*release)(struct cv_connection *connection);
};

extern const struct cv_protocol cv_http1_protocol;
extern const struct cv_protocol cv_http2_protocol;
extern const struct cv_protocol cv_websocket_protocol;

struct cv_connection {
    struct cv_list link;       /* in server->connections or server->dead */
    struct cv_list dirty_link; /* in server->dirty, or alone */
    struct cv_list again_link; /* in server->again, or alone */
    struct cv_server *server;
    struct cv_listening *listening;
    struct cv_source *source; /* NULL: not counted */
    struct cv_watch watch;
    struct cv_timer timer;
    struct cv_stream stream;
    const struct cv_protocol *protocol; /* NULL until the TLS handshake is done */
    void *session;                      /* the protocol's */

    struct cv_buf output;
    size_t output_sent; /* of it */
    int64_t read_deadline_us;
    int64_t write_deadline_us;

    struct cv_addr peer;
    uid_t peer_uid;
    bool has_peer;

    bool is_refused;   /* over a limit: every request is answered 503 */
    bool is_trusted;   /* a proxy whose word on the client's address counts */
    bool is_paused;    /* the protocol takes no more input at present */
    bool has_ended;    /* the peer sends no more */
    bool is_closing;   /* once the output is sent, close */
    bool is_lingering; /* our side is closed; what comes is thrown away */
    bool is_dead;
};

struct cv_exchange {
    struct cv_list link; /* in server->exchanges or spare_exchanges, or alone */
    struct cv_http_request request;
    struct cv_buf body;               /* of the request */
    struct cv_server *server;         /* NULL once the server has been freed */
    struct cv_connection *connection; /* NULL once the client is gone */
    void *stream;                     /* the protocol's: which HTTP/2 stream */
    struct cv_buf headers;            /* of the answer */
    bool has_cache_control;
    bool is_with_handler;
};

/* server.c */
void cv_server_mark_dirty(struct cv_connection *connection);
/* Calls cv_connection_read in the next turn: TLS holds more input than this turn would take. */
void cv_server_read_again(struct cv_connection *connection);
/* "Date: ..." of this second. */
const char *cv_server_date(struct cv_server *server);
/* Takes the connection off the counts; for cv_connection_free. */
void cv_server_forget_connection(struct cv_server *server, struct cv_connection *connection);

/* connection.c */
/* Takes the fd over. CV_ERR_MEMORY or CV_ERR_SYSTEM; the fd is then closed. */
enum cv_err cv_connection_new(struct cv_server *server, struct cv_listening *listening, int fd,
                              struct cv_connection **ret_connection);
/* Once its peer is known: plain connections speak HTTP at once. */
void cv_connection_start(struct cv_connection *connection);
struct cv_connection *cv_connection_free(struct cv_connection *connection);
void cv_connection_read(struct cv_connection *connection);
/* Sends what there is and asks the protocol for more; for the end of a turn. */
void cv_connection_flush(struct cv_connection *connection);
/* Breaks off now: nothing more is read, sent or called but the protocol's release. */
void cv_connection_abort(struct cv_connection *connection);
/* Sends the rest of the output, then closes in an orderly way. */
void cv_connection_close(struct cv_connection *connection);
/* The place to append output to, which leaves at the end of the turn. */
struct cv_buf *cv_connection_output(struct cv_connection *connection);
static inline size_t cv_connection_unsent(const struct cv_connection *connection) {
    return connection->output.size - connection->output_sent;
}
/* When the protocol's on_timeout is to be called; CV_TIME_NEVER: not. */
void cv_connection_set_deadline(struct cv_connection *connection, int64_t deadline_us);
/* Stops or starts reading; bytes that TLS holds already come at the end of the turn. */
void cv_connection_pause(struct cv_connection *connection, bool is_paused);

/* exchange.c */
/* For a request about to be read; NULL without memory. */
struct cv_exchange *cv_exchange_new(struct cv_connection *connection);
/* For one that never came to the handler, or is answered. */
struct cv_exchange *cv_exchange_free(struct cv_exchange *exchange);
/* The client is gone: if the handler owns the exchange it keeps it, otherwise it is freed. */
void cv_exchange_detach(struct cv_exchange *exchange);
/* The head is complete: sets client, is_secure and the peer's credentials. */
void cv_exchange_finish_head(struct cv_exchange *exchange);
/* How large a body this request may have. */
size_t cv_exchange_body_limit(const struct cv_exchange *exchange);
/* Keeps more of the body. CV_ERR_FULL: the server holds too much already; CV_ERR_MEMORY. */
enum cv_err cv_exchange_add_body(struct cv_exchange *exchange, struct cv_slice bytes);
/* The request is complete: over to the handler. */
void cv_exchange_dispatch(struct cv_exchange *exchange);
/* An answer of the server's own, for a request that is not dispatched; counts as bad. */
void cv_exchange_refuse(struct cv_exchange *exchange, int status, const char *detail);

/* http1_session.c */
void cv_http1_session_start(struct cv_connection *connection);
/* The 101 answer is in the output: once it is sent, the connection belongs to the WebSocket. */
void cv_http1_session_upgrade(struct cv_connection *connection, struct cv_websocket *websocket);

/* http2_session.c */
void cv_http2_session_start(struct cv_connection *connection);

/* websocket.c */
/* The connection is the WebSocket's from now on. */
void cv_websocket_start(struct cv_connection *connection, struct cv_websocket *websocket);
/* Calls on_close if that has not been done, and frees. */
struct cv_websocket *cv_websocket_free(struct cv_websocket *websocket);

#endif
