/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/tcp.h"

#include "base/time.h"
#include "io/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MAX_LISTENERS = 32,
    MAX_CONNECTIONS = 1024,
    MAX_PER_SOURCE = 32,
    ACCEPTS_PER_TURN = 16,
    HEADER_BYTES = 2,         /* RFC 4571: the length of what follows */
    FRAME_BYTES = 2048,       /* a longer datagram belongs to nothing of ours */
    READ_BYTES = 32 * 1024,   /* a turn */
    QUEUE_BYTES = 128 * 1024, /* to one connection: half a second at 2 Mbit/s */
    SLOT_BITS = 10,           /* of a link: the place; above it, how often one was given */
    USE_MASK = (1 << 21) - 1,
};
_Static_assert(MAX_CONNECTIONS == 1 << SLOT_BITS, "a link holds the place");

#define PROVE_US (10 * CV_US_PER_S)  /* by then the relay has answered */
#define SILENT_US (60 * CV_US_PER_S) /* consent alone makes for traffic every few seconds */
#define SLOW_US (10 * CV_US_PER_S)   /* without taking a byte of what waits */

struct connection {
    struct cv_worker_tcp *tcp;
    struct cv_watch watch;
    struct cv_ice_path path;
    struct cv_list unflushed; /* in tcp->unflushed while something new is queued */
    bool answered;
    int64_t accepted_us;
    int64_t heard_us;
    int64_t taken_us; /* when the peer last took a byte, or had nothing to take */
    struct cv_buf queue;
    size_t partial_size;
    uint8_t partial[HEADER_BYTES + FRAME_BYTES]; /* the beginning of a frame */
};

struct listener {
    struct cv_worker_tcp *tcp;
    struct cv_watch watch;
};

struct cv_worker_tcp {
    struct cv_loop *loop;
    struct cv_worker_tcp_handler handler;
    struct cv_worker_tcp_counters counters;
    struct listener listeners[MAX_LISTENERS];
    size_t listener_count;
    struct connection *connections[MAX_CONNECTIONS];
    uint32_t uses;
    struct cv_list unflushed;
    struct cv_timer sweep;
    uint8_t scratch[HEADER_BYTES + FRAME_BYTES + READ_BYTES];
};

/* --- connections --- */

static size_t place_of(uint32_t link) {
    return link & (MAX_CONNECTIONS - 1);
}

static void end(struct connection *connection) {
    struct cv_worker_tcp *tcp = connection->tcp;
    int fd = connection->watch.fd;
    cv_loop_unwatch(tcp->loop, &connection->watch);
    close(fd);
    cv_list_remove(&connection->unflushed);
    cv_buf_release(&connection->queue);
    tcp->connections[place_of(connection->path.link)] = NULL;
    tcp->counters.now--;
    free(connection);
}

/* Closes it for what the peer did, or didn't. */
static void expel(struct connection *connection) {
    connection->tcp->counters.ended++;
    end(connection);
}

/* Writes what is queued; the connection may be gone afterwards. */
static void write_queue(struct connection *connection) {
    struct cv_worker_tcp *tcp = connection->tcp;
    struct cv_buf *queue = &connection->queue;
    ssize_t sent = 0;
    while (queue->size &&
           (sent = send(connection->watch.fd, queue->data, queue->size, MSG_NOSIGNAL)) > 0) {
        cv_buf_consume(queue, (size_t)sent);
        connection->taken_us = cv_loop_now_us(tcp->loop);
    }
    if (queue->size && errno != EAGAIN && errno != EINTR) {
        end(connection);
        return;
    }
    if (!queue->size) {
        connection->taken_us = cv_loop_now_us(tcp->loop);
    }
    cv_loop_watch_change(tcp->loop, &connection->watch, queue->size ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Hands over the whole frames at the front and returns their size; -1: malformed. */
static ssize_t take_frames(struct connection *connection, uint8_t *data, size_t size) {
    struct cv_worker_tcp *tcp = connection->tcp;
    size_t at = 0;
    while (size - at >= HEADER_BYTES) {
        size_t frame = cv_get_be16(data + at);
        if (frame > FRAME_BYTES) {
            return -1;
        }
        if (size - at - HEADER_BYTES < frame) {
            break;
        }
        if (frame) {
            tcp->handler.on_datagram(tcp->handler.context, &connection->path,
                                     data + at + HEADER_BYTES, frame);
        }
        at += HEADER_BYTES + frame;
    }
    return (ssize_t)at;
}

static void read_frames(struct connection *connection) {
    struct cv_worker_tcp *tcp = connection->tcp;
    size_t before = connection->partial_size;
    memcpy(tcp->scratch, connection->partial, before);
    ssize_t got = recv(connection->watch.fd, tcp->scratch + before, READ_BYTES, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        end(connection);
        return;
    }
    size_t size = before + (size_t)got;
    connection->heard_us = cv_loop_now_us(tcp->loop);
    ssize_t used = take_frames(connection, tcp->scratch, size);
    if (used < 0) {
        expel(connection);
        return;
    }
    connection->partial_size = size - (size_t)used;
    memcpy(connection->partial, tcp->scratch + used, connection->partial_size);
}

static void on_ready(struct cv_watch *watch, uint32_t events) {
    struct connection *connection = CV_CONTAINER_OF(watch, struct connection, watch);
    struct cv_worker_tcp *tcp = connection->tcp;
    size_t place = place_of(connection->path.link);
    if (events & EPOLLOUT) {
        write_queue(connection);
    }
    if (tcp->connections[place] == connection && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        read_frames(connection);
    }
}

/* --- accepting --- */

/* Of one host; an IPv6 network of 64 bits counts as one. */
static bool same_source(const struct cv_addr *a, const struct cv_addr *b) {
    return a->family == b->family &&
           memcmp(a->ip, b->ip, a->family == CV_ADDR_V6 ? 8 : sizeof a->ip) == 0;
}

/* A free place, if the source may have one; -1: none. */
static int find_place(const struct cv_worker_tcp *tcp, const struct cv_addr *source) {
    int place = -1;
    unsigned same = 0;
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        const struct connection *other = tcp->connections[i];
        if (!other) {
            place = place < 0 ? i : place;
        } else if (same_source(&other->path.remote, source) && ++same == MAX_PER_SOURCE) {
            return -1;
        }
    }
    return place;
}

static enum cv_err admit(struct cv_worker_tcp *tcp, int fd, const struct cv_addr *remote) {
    int on = 1;
    int place = find_place(tcp, remote);
    struct connection *connection = place < 0 ? NULL : calloc(1, sizeof *connection);
    if (!connection) {
        return CV_ERR_FULL;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (cv_loop_watch(tcp->loop, &connection->watch, fd, EPOLLIN, on_ready)) {
        free(connection);
        return CV_ERR_SYSTEM;
    }
    int64_t now_us = cv_loop_now_us(tcp->loop);
    connection->tcp = tcp;
    connection->path.remote = *remote;
    connection->path.link =
        CV_ICE_LINK_TCP | (tcp->uses++ & USE_MASK) << SLOT_BITS | (uint32_t)place;
    connection->accepted_us = connection->heard_us = connection->taken_us = now_us;
    connection->queue.limit_bytes = QUEUE_BYTES;
    cv_list_init(&connection->unflushed);
    tcp->connections[place] = connection;
    tcp->counters.now++;
    return CV_OK;
}

static void on_connect(struct cv_watch *watch, uint32_t events) {
    struct cv_worker_tcp *tcp = CV_CONTAINER_OF(watch, struct listener, watch)->tcp;
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        struct sockaddr_storage storage = {0};
        socklen_t size = sizeof storage;
        int fd =
            accept4(watch->fd, (struct sockaddr *)&storage, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        struct cv_addr remote = cv_socket_addr(&storage);
        if (admit(tcp, fd, &remote)) {
            tcp->counters.refused++;
            close(fd);
        } else {
            tcp->counters.accepted++;
        }
    }
}

static void on_sweep(struct cv_timer *timer) {
    struct cv_worker_tcp *tcp = CV_CONTAINER_OF(timer, struct cv_worker_tcp, sweep);
    int64_t now_us = cv_loop_now_us(tcp->loop);
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        struct connection *connection = tcp->connections[i];
        if (connection && ((!connection->answered && now_us - connection->accepted_us > PROVE_US) ||
                           now_us - connection->heard_us > SILENT_US ||
                           (connection->queue.size && now_us - connection->taken_us > SLOW_US))) {
            expel(connection);
        }
    }
    cv_loop_timer_set(tcp->loop, timer, now_us + CV_US_PER_S);
}

/* --- life --- */

struct cv_worker_tcp *cv_worker_tcp_new(struct cv_loop *loop,
                                        const struct cv_worker_tcp_handler *handler) {
    struct cv_worker_tcp *tcp = calloc(1, sizeof *tcp);
    if (!tcp) {
        return NULL;
    }
    tcp->loop = loop;
    tcp->handler = *handler;
    tcp->sweep.call = on_sweep;
    cv_list_init(&tcp->unflushed);
    return tcp;
}

struct cv_worker_tcp *cv_worker_tcp_free(struct cv_worker_tcp *tcp) {
    if (!tcp) {
        return NULL;
    }
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (tcp->connections[i]) {
            end(tcp->connections[i]);
        }
    }
    for (size_t i = 0; i < tcp->listener_count; i++) {
        int fd = tcp->listeners[i].watch.fd;
        cv_loop_unwatch(tcp->loop, &tcp->listeners[i].watch);
        close(fd);
    }
    cv_loop_timer_cancel(tcp->loop, &tcp->sweep);
    free(tcp);
    return NULL;
}

enum cv_err cv_worker_tcp_listen(struct cv_worker_tcp *tcp, int fd) {
    if (tcp->listener_count == MAX_LISTENERS) {
        return CV_ERR_LIMIT;
    }
    struct listener *listener = &tcp->listeners[tcp->listener_count];
    listener->tcp = tcp;
    enum cv_err err = cv_loop_watch(tcp->loop, &listener->watch, fd, EPOLLIN, on_connect);
    if (!err && !cv_timer_is_set(&tcp->sweep)) {
        err = cv_loop_timer_set(tcp->loop, &tcp->sweep, cv_loop_now_us(tcp->loop) + CV_US_PER_S);
        if (err) {
            cv_loop_unwatch(tcp->loop, &listener->watch);
        }
    }
    tcp->listener_count += !err;
    return err;
}

/* --- sending --- */

void cv_worker_tcp_send(struct cv_worker_tcp *tcp, uint32_t link, struct cv_slice datagram) {
    struct connection *connection = tcp->connections[place_of(link)];
    uint8_t header[HEADER_BYTES];
    if (!connection || connection->path.link != link || datagram.size > FRAME_BYTES ||
        connection->queue.size + HEADER_BYTES + datagram.size > QUEUE_BYTES ||
        cv_buf_reserve(&connection->queue, HEADER_BYTES + datagram.size)) {
        tcp->counters.dropped++;
        return;
    }
    cv_put_be16(header, (uint16_t)datagram.size);
    cv_buf_append(&connection->queue, header, sizeof header);
    cv_buf_append(&connection->queue, datagram.data, datagram.size);
    connection->answered = true;
    cv_list_remove(&connection->unflushed);
    cv_list_append(&tcp->unflushed, &connection->unflushed);
}

void cv_worker_tcp_flush(struct cv_worker_tcp *tcp) {
    while (!cv_list_empty(&tcp->unflushed)) {
        struct connection *connection =
            CV_CONTAINER_OF(tcp->unflushed.next, struct connection, unflushed);
        cv_list_remove(&connection->unflushed);
        write_queue(connection);
    }
}

const struct cv_worker_tcp_counters *cv_worker_tcp_counters(const struct cv_worker_tcp *tcp) {
    return &tcp->counters;
}
