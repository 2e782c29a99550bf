/* SPDX-License-Identifier: Apache-2.0 */
#include "io/server.h"

#include "base/time.h"
#include "io/listening.h"
#include "io/random.h"
#include "io/server_private.h"
#include "io/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ACCEPTS_PER_TURN = 64,
    /* Connections over a limit that are kept just long enough to be told so. */
    REFUSED_AT_A_TIME = 64,
    SOURCE_V6_BYTES = 8, /* a /64 is one subscriber */
    TRIM_CONNECTIONS = 256,
};

static void on_turn_end(struct cv_deferred *deferred);
static void on_again(struct cv_timer *timer);
static void on_drain_deadline(struct cv_timer *timer);

void cv_server_limits_default(struct cv_server_limits *ret_limits) {
    *ret_limits = (struct cv_server_limits){
        .connections = 10000,
        .connections_per_source = 256,
        .request_line_bytes = 8192,
        .header_bytes = 16384,
        .header_count = 100,
        .body_bytes = 1024 * 1024,
        .buffered_bytes = 64 * 1024 * 1024,
        .handshake_us = 10 * CV_US_PER_S,
        .header_us = 10 * CV_US_PER_S,
        .body_us = 15 * CV_US_PER_S,
        .idle_us = 75 * CV_US_PER_S,
        .write_us = 30 * CV_US_PER_S,
        .h2_streams = 100,
        .websocket_message_bytes = 64 * 1024,
        .websocket_queue_bytes = 256 * 1024,
        .websocket_ping_us = 20 * CV_US_PER_S,
        .websocket_dead_us = 40 * CV_US_PER_S,
    };
}

enum cv_err cv_server_new(struct cv_loop *loop, const struct cv_server_handler *handler,
                          const struct cv_server_limits *limits, struct cv_server **ret_server) {
    struct cv_server *server = calloc(1, sizeof *server);
    if (!server)
        return CV_ERR_MEMORY;
    server->loop = loop;
    server->handler = *handler;
    server->limits = *limits;
    server->http1_limits = (struct cv_http1_limits){
        .request_line_bytes = limits->request_line_bytes,
        .head = {.header_bytes = limits->header_bytes, .header_count = limits->header_count},
    };
    cv_list_init(&server->listenings);
    cv_list_init(&server->connections);
    cv_list_init(&server->dirty);
    cv_list_init(&server->again);
    cv_list_init(&server->dead);
    cv_list_init(&server->exchanges);
    cv_list_init(&server->spare_exchanges);
    cv_random_fill(cv_random_system(), &server->sources.seed, sizeof server->sources.seed);
    server->turn_end.call = on_turn_end;
    server->again_timer.call = on_again;
    server->drain_timer.call = on_drain_deadline;
    server->date_s = -1;
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    *ret_server = server;
    return CV_OK;
}

static void stop_listening(struct cv_server *server) {
    CV_LIST_EACH_SAFE(it, &server->listenings) {
        struct cv_listening *listening = CV_CONTAINER_OF(it, struct cv_listening, link);
        cv_loop_unwatch(server->loop, &listening->watch);
        /* Connections refer to it as long as they live. */
        close(listening->watch.fd);
        listening->watch.fd = -1;
    }
}

static void free_dead(struct cv_server *server) {
    while (!cv_list_empty(&server->dead))
        cv_connection_free(CV_CONTAINER_OF(server->dead.next, struct cv_connection, link));
}

static void abort_all(struct cv_server *server) {
    CV_LIST_EACH_SAFE(it, &server->connections)
    cv_connection_abort(CV_CONTAINER_OF(it, struct cv_connection, link));
}

struct cv_server *cv_server_free(struct cv_server *server) {
    if (!server)
        return NULL;
    server->is_draining = true;
    abort_all(server);
    free_dead(server);
    while (!cv_list_empty(&server->listenings)) {
        struct cv_listening *listening =
            CV_CONTAINER_OF(server->listenings.next, struct cv_listening, link);
        cv_loop_unwatch(server->loop, &listening->watch);
        cv_listening_free(listening);
    }
    CV_LIST_EACH_SAFE(it, &server->exchanges) {
        cv_list_remove(it);
        CV_CONTAINER_OF(it, struct cv_exchange, link)->server = NULL;
    }
    server->spare_exchange_count = SIZE_MAX; /* none is kept any more */
    while (!cv_list_empty(&server->spare_exchanges))
        cv_exchange_free(CV_CONTAINER_OF(server->spare_exchanges.next, struct cv_exchange, link));
    cv_loop_defer_cancel(server->loop, &server->turn_end);
    cv_loop_timer_cancel(server->loop, &server->again_timer);
    cv_loop_timer_cancel(server->loop, &server->drain_timer);
    cv_map_release(&server->sources);
    cv_websocket_pool_release(&server->websocket_pool);
    if (server->spare_fd >= 0)
        close(server->spare_fd);
    free(server);
    return NULL;
}

const struct cv_server_counters *cv_server_counters(const struct cv_server *server) {
    return &server->counters;
}

const char *cv_server_date(struct cv_server *server) {
    int64_t wall_us = cv_loop_wall_us(server->loop);
    if (wall_us / CV_US_PER_S != server->date_s) {
        server->date_s = wall_us / CV_US_PER_S;
        cv_http_date(wall_us, server->date);
    }
    return server->date;
}

void cv_server_mark_dirty(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    if (connection->is_dead || !cv_list_empty(&connection->dirty_link))
        return;
    cv_list_append(&server->dirty, &connection->dirty_link);
    cv_loop_defer(server->loop, &server->turn_end);
}

void cv_server_read_again(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    if (connection->is_dead || !cv_list_empty(&connection->again_link))
        return;
    cv_list_append(&server->again, &connection->again_link);
    if (cv_loop_timer_set(server->loop, &server->again_timer, cv_loop_now_us(server->loop)))
        cv_connection_abort(connection);
}

static void on_again(struct cv_timer *timer) {
    struct cv_server *server = CV_CONTAINER_OF(timer, struct cv_server, again_timer);
    /* Those that ask again now are for the turn after this one. */
    struct cv_list now;
    cv_list_init(&now);
    while (!cv_list_empty(&server->again)) {
        struct cv_list *it = server->again.next;
        cv_list_remove(it);
        cv_list_append(&now, it);
    }
    while (!cv_list_empty(&now)) {
        struct cv_list *it = now.next;
        cv_list_remove(it);
        cv_connection_read(CV_CONTAINER_OF(it, struct cv_connection, again_link));
    }
}

static void finish_drain(struct cv_server *server) {
    void (*on_drained)(void *) = server->on_drained;
    if (!server->is_draining || !on_drained || !cv_list_empty(&server->connections) ||
        !cv_list_empty(&server->dead))
        return;
    server->on_drained = NULL;
    cv_loop_timer_cancel(server->loop, &server->drain_timer);
    on_drained(server->drained_context);
}

/* After a rush, the memory that it took goes back to the system, which malloc does not do by itself
 * for small pieces. */
static void trim_memory(struct cv_server *server) {
    uint64_t now = server->counters.connections_now;
    if (server->peak_connections < TRIM_CONNECTIONS || now > server->peak_connections / 2)
        return;
    server->peak_connections = now;
    malloc_trim(0);
}

static void on_turn_end(struct cv_deferred *deferred) {
    struct cv_server *server = CV_CONTAINER_OF(deferred, struct cv_server, turn_end);
    while (!cv_list_empty(&server->dirty) || !cv_list_empty(&server->dead)) {
        while (!cv_list_empty(&server->dirty)) {
            struct cv_list *it = server->dirty.next;
            cv_list_remove(it);
            cv_connection_flush(CV_CONTAINER_OF(it, struct cv_connection, dirty_link));
        }
        free_dead(server);
    }
    trim_memory(server);
    finish_drain(server);
}

/* IPv4: the address; IPv6: its /64. */
static struct cv_addr source_key(const struct cv_addr *peer) {
    struct cv_addr key = *peer;
    key.port = 0;
    if (key.family == CV_ADDR_V6)
        memset(key.ip + SOURCE_V6_BYTES, 0, sizeof key.ip - SOURCE_V6_BYTES);
    return key;
}

/* Counts the connection for its source; false when the source has as many as it may. */
static bool count_source(struct cv_server *server, struct cv_connection *connection) {
    struct cv_addr key = source_key(&connection->peer);
    struct cv_source *source = cv_map_get(&server->sources, cv_addr_key(&key));
    if (!source) {
        source = calloc(1, sizeof *source);
        if (!source)
            return false;
        source->key = key;
        if (cv_map_insert(&server->sources, cv_addr_key(&source->key), source)) {
            free(source);
            return false;
        }
    }
    source->count++;
    connection->source = source;
    return source->count <= server->limits.connections_per_source;
}

void cv_server_forget_connection(struct cv_server *server, struct cv_connection *connection) {
    struct cv_source *source = connection->source;
    server->counters.connections_now--;
    server->refused_count -= connection->is_refused;
    connection->source = NULL;
    if (!source || --source->count > 0)
        return;
    cv_map_remove(&server->sources, cv_addr_key(&source->key));
    free(source);
}

static void identify(struct cv_connection *connection, const struct sockaddr_storage *storage) {
    int fd = connection->stream.fd;
    connection->peer = cv_socket_addr(storage);
    connection->is_trusted = cv_listening_trusts(connection->listening, &connection->peer);
    if (connection->listening->is_unix) {
        struct ucred peer;
        socklen_t size = sizeof peer;
        connection->has_peer = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
        if (connection->has_peer)
            connection->peer_uid = peer.uid;
    } else {
        /* Answers leave whole at the end of a turn: there is nothing to wait for and merge. */
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

static void admit(struct cv_listening *listening, int fd, const struct sockaddr_storage *storage) {
    struct cv_server *server = listening->server;
    struct cv_connection *connection;
    server->counters.connections++;
    if (server->refused_count >= REFUSED_AT_A_TIME) {
        server->counters.connections_refused++;
        close(fd);
        return;
    }
    if (cv_connection_new(server, listening, fd, &connection)) {
        server->counters.connections_refused++;
        return;
    }
    if (server->counters.connections_now > server->peak_connections)
        server->peak_connections = server->counters.connections_now;
    identify(connection, storage);
    bool is_over = server->counters.connections_now > server->limits.connections;
    if (connection->peer.family != CV_ADDR_NONE && !connection->is_trusted)
        is_over |= !count_source(server, connection);
    if (is_over) {
        connection->is_refused = true;
        server->refused_count++;
        server->counters.connections_refused++;
    }
    cv_connection_start(connection);
}

/* No file descriptor is left: the one kept for this takes the connection and drops it, so that
 * the client knows and epoll doesn't come back for it for ever. */
static void shed(struct cv_server *server, int listening_fd) {
    if (server->spare_fd >= 0)
        close(server->spare_fd);
    int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server->counters.connections_refused++;
}

static void on_connection(struct cv_watch *watch, uint32_t events) {
    struct cv_listening *listening = CV_CONTAINER_OF(watch, struct cv_listening, watch);
    struct cv_server *server = listening->server;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage storage = {0};
        socklen_t size = sizeof storage;
        int fd =
            accept4(watch->fd, (struct sockaddr *)&storage, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
            shed(server, watch->fd);
            return;
        }
        if (fd < 0)
            return;
        admit(listening, fd, &storage);
    }
}

enum cv_err cv_server_listen(struct cv_server *server, const struct cv_listener *listener,
                             struct cv_addr *ret_addr) {
    struct cv_listening *listening;
    enum cv_err err = cv_listening_new(listener, &listening, ret_addr);
    if (err)
        return err;
    listening->server = server;
    err =
        cv_loop_watch(server->loop, &listening->watch, listening->watch.fd, EPOLLIN, on_connection);
    if (err) {
        cv_listening_free(listening);
        return err;
    }
    cv_list_append(&server->listenings, &listening->link);
    return CV_OK;
}

static void on_drain_deadline(struct cv_timer *timer) {
    abort_all(CV_CONTAINER_OF(timer, struct cv_server, drain_timer));
}

void cv_server_drain(struct cv_server *server, int64_t deadline_us,
                     void (*on_drained)(void *context), void *context) {
    server->is_draining = true;
    server->on_drained = on_drained;
    server->drained_context = context;
    stop_listening(server);
    CV_LIST_EACH_SAFE(it, &server->connections) {
        struct cv_connection *connection = CV_CONTAINER_OF(it, struct cv_connection, link);
        if (connection->is_closing)
            continue;
        if (connection->protocol && connection->protocol->drain)
            connection->protocol->drain(connection);
        else
            cv_connection_abort(connection);
    }
    if (cv_loop_timer_set(server->loop, &server->drain_timer, deadline_us))
        abort_all(server);
    cv_loop_defer(server->loop, &server->turn_end);
}
