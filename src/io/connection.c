/* SPDX-License-Identifier: Apache-2.0 */
#include "io/server_private.h"

#include "base/time.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    READS_PER_TURN = 4, /* then others have their turn */
    WRITES_PER_TURN = 8,
    LINGER_US = 2 * 1000 * 1000,
};

static void on_ready(struct cv_watch *watch, uint32_t events);
static void on_timer(struct cv_timer *timer);

enum cv_err cv_connection_new(struct cv_server *server, struct cv_listening *listening, int fd,
                              struct cv_connection **ret_connection) {
    struct cv_connection *connection = calloc(1, sizeof *connection);
    int64_t now_us = cv_loop_now_us(server->loop);
    if (!connection) {
        cv_stream_close(&(struct cv_stream){.fd = fd});
        return CV_ERR_MEMORY;
    }
    connection->server = server;
    connection->listening = listening;
    connection->read_deadline_us = CV_TIME_NEVER;
    connection->write_deadline_us = CV_TIME_NEVER;
    connection->timer.call = on_timer;
    cv_list_init(&connection->link);
    cv_list_init(&connection->dirty_link);
    cv_list_init(&connection->again_link);
    enum cv_err err = cv_stream_open(&connection->stream, fd, listening->tls, now_us);
    if (!err)
        err = cv_loop_watch(server->loop, &connection->watch, fd, EPOLLIN, on_ready);
    if (err) {
        cv_stream_close(&connection->stream);
        free(connection);
        return err;
    }
    cv_list_append(&server->connections, &connection->link);
    server->counters.connections_now++;
    cv_connection_set_deadline(connection, now_us + server->limits.handshake_us);
    *ret_connection = connection;
    return CV_OK;
}

struct cv_connection *cv_connection_free(struct cv_connection *connection) {
    cv_connection_abort(connection);
    if (connection->protocol && connection->protocol->release)
        connection->protocol->release(connection);
    cv_list_remove(&connection->link);
    cv_server_forget_connection(connection->server, connection);
    cv_buf_release(&connection->output);
    free(connection);
    return NULL;
}

void cv_connection_abort(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    if (connection->is_dead)
        return;
    connection->is_dead = true;
    cv_loop_unwatch(server->loop, &connection->watch);
    cv_loop_timer_cancel(server->loop, &connection->timer);
    cv_stream_close(&connection->stream);
    cv_list_remove(&connection->dirty_link);
    cv_list_remove(&connection->again_link);
    cv_list_remove(&connection->link);
    cv_list_append(&server->dead, &connection->link);
    cv_loop_defer(server->loop, &server->turn_end);
}

void cv_connection_close(struct cv_connection *connection) {
    connection->is_closing = true;
    cv_server_mark_dirty(connection);
}

struct cv_buf *cv_connection_output(struct cv_connection *connection) {
    cv_server_mark_dirty(connection);
    return &connection->output;
}

/* The timer is moved only when it would ring too late; ringing too early costs little. */
static void arm_timer(struct cv_connection *connection) {
    int64_t deadline_us = connection->read_deadline_us < connection->write_deadline_us
                              ? connection->read_deadline_us
                              : connection->write_deadline_us;
    if (deadline_us == CV_TIME_NEVER || connection->is_dead)
        return;
    if (cv_timer_is_set(&connection->timer) && connection->timer.node.deadline_us <= deadline_us)
        return;
    if (cv_loop_timer_set(connection->server->loop, &connection->timer, deadline_us))
        cv_connection_abort(connection);
}

void cv_connection_set_deadline(struct cv_connection *connection, int64_t deadline_us) {
    connection->read_deadline_us = deadline_us;
    arm_timer(connection);
}

static bool may_read(const struct cv_connection *connection) {
    return (!connection->is_paused && !connection->has_ended) || connection->is_lingering;
}

static void watch_for(struct cv_connection *connection) {
    bool wants_read = may_read(connection) || connection->stream.write_waits_for_read;
    bool wants_write =
        connection->write_deadline_us != CV_TIME_NEVER || connection->stream.read_waits_for_write;
    uint32_t events = (wants_read ? (uint32_t)EPOLLIN : 0) | (wants_write ? (uint32_t)EPOLLOUT : 0);
    if (!connection->is_dead &&
        cv_loop_watch_change(connection->server->loop, &connection->watch, events))
        cv_connection_abort(connection);
}

void cv_connection_pause(struct cv_connection *connection, bool is_paused) {
    if (connection->is_paused == is_paused)
        return;
    connection->is_paused = is_paused;
    cv_server_mark_dirty(connection);
}

static void on_timer(struct cv_timer *timer) {
    struct cv_connection *connection = CV_CONTAINER_OF(timer, struct cv_connection, timer);
    struct cv_server *server = connection->server;
    int64_t now_us = cv_loop_now_us(server->loop);
    if (connection->write_deadline_us <= now_us) {
        server->counters.timeouts++;
        cv_connection_abort(connection);
    } else if (connection->read_deadline_us <= now_us) {
        connection->read_deadline_us = CV_TIME_NEVER;
        server->counters.timeouts += !connection->protocol;
        if (connection->is_lingering || !connection->protocol || !connection->protocol->on_timeout)
            cv_connection_abort(connection);
        else
            connection->protocol->on_timeout(connection);
    }
    if (!connection->is_dead)
        arm_timer(connection);
}

/* The peer sends no more: at an end of its own, or because it is gone. */
static void end_input(struct cv_connection *connection) {
    connection->has_ended = true;
    cv_server_mark_dirty(connection);
    if (connection->is_lingering || !connection->protocol || !connection->protocol->on_end)
        cv_connection_abort(connection);
    else
        connection->protocol->on_end(connection);
}

void cv_connection_read(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    for (int reads = 0; reads < READS_PER_TURN && may_read(connection); reads++) {
        size_t size = 0;
        enum cv_err err = cv_stream_read(&connection->stream, server->read_buffer,
                                         sizeof server->read_buffer, &size);
        if (err == CV_ERR_AGAIN)
            return;
        if (err) {
            end_input(connection);
            return;
        }
        server->counters.bytes_in += size;
        if (!connection->is_lingering && !connection->is_closing)
            connection->protocol->input(connection, cv_slice_of(server->read_buffer, size));
        if (connection->is_dead || !cv_stream_has_pending(&connection->stream))
            return;
    }
    if (may_read(connection))
        cv_server_read_again(connection);
}

static void start_protocol(struct cv_connection *connection) {
    if (cv_stream_is_h2(&connection->stream))
        cv_http2_session_start(connection);
    else
        cv_http1_session_start(connection);
}

void cv_connection_start(struct cv_connection *connection) {
    if (!connection->stream.ssl)
        start_protocol(connection);
}

static void shake_hands(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    enum cv_err err = cv_stream_handshake(&connection->stream);
    if (err == CV_OK) {
        start_protocol(connection);
    } else if (err == CV_ERR_AGAIN) {
        watch_for(connection);
    } else {
        server->counters.handshakes_failed++;
        cv_connection_abort(connection);
    }
}

static void on_ready(struct cv_watch *watch, uint32_t events) {
    struct cv_connection *connection = CV_CONTAINER_OF(watch, struct cv_connection, watch);
    if (!connection->protocol) {
        shake_hands(connection);
        if (connection->is_dead || !connection->protocol)
            return;
    }
    if (events & EPOLLERR) {
        cv_connection_abort(connection);
        return;
    }
    if (may_read(connection) &&
        (events & (EPOLLIN | EPOLLHUP) || connection->stream.read_waits_for_write ||
         cv_stream_has_pending(&connection->stream)))
        cv_connection_read(connection);
    else if (events & EPOLLHUP)
        cv_connection_abort(connection);
    if (!connection->is_dead &&
        (events & EPOLLOUT || (events & EPOLLIN && connection->stream.write_waits_for_read)))
        cv_server_mark_dirty(connection);
}

/* CV_OK: the output is empty. */
static enum cv_err write_output(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    while (cv_connection_unsent(connection) > 0) {
        struct cv_slice rest = {connection->output.data + connection->output_sent,
                                cv_connection_unsent(connection)};
        size_t size = 0;
        enum cv_err err = cv_stream_write(&connection->stream, rest, &size);
        if (err == CV_ERR_AGAIN) {
            if (connection->write_deadline_us == CV_TIME_NEVER)
                connection->write_deadline_us =
                    cv_loop_now_us(server->loop) + server->limits.write_us;
            if (connection->output_sent > connection->output.size / 2) {
                cv_buf_consume(&connection->output, connection->output_sent);
                connection->output_sent = 0;
            }
            return err;
        }
        if (err)
            return err;
        connection->write_deadline_us = CV_TIME_NEVER;
        connection->output_sent += size;
        server->counters.bytes_out += size;
    }
    connection->write_deadline_us = CV_TIME_NEVER;
    connection->output_sent = 0;
    cv_buf_release(&connection->output);
    return CV_OK;
}

/* Our side ends; the client may still be sending, and a close now would make the kernel reset the
 * connection and could take the answer away from under it. */
static void linger(struct cv_connection *connection) {
    cv_stream_shut(&connection->stream);
    if (connection->has_ended) {
        cv_connection_abort(connection);
        return;
    }
    connection->is_lingering = true;
    cv_connection_set_deadline(connection, cv_loop_now_us(connection->server->loop) + LINGER_US);
}

/* Writes and lets the protocol add, until the socket is full or there is no more to say. */
static void pump(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    for (int writes = 0; writes < WRITES_PER_TURN; writes++) {
        enum cv_err err = write_output(connection);
        if (err == CV_ERR_AGAIN)
            return;
        if (err) {
            cv_connection_abort(connection);
            return;
        }
        if (!connection->is_closing && connection->protocol->produce)
            connection->protocol->produce(connection);
        if (connection->is_dead)
            return;
        if (cv_connection_unsent(connection) == 0) {
            if (connection->is_closing)
                linger(connection);
            return;
        }
    }
    /* Others have their turn; the socket is writable, so epoll brings us back in the next. */
    connection->write_deadline_us = cv_loop_now_us(server->loop) + server->limits.write_us;
}

void cv_connection_flush(struct cv_connection *connection) {
    if (connection->protocol && !connection->is_lingering)
        pump(connection);
    if (connection->is_dead)
        return;
    arm_timer(connection);
    watch_for(connection);
    if (may_read(connection) && cv_stream_has_pending(&connection->stream))
        cv_server_read_again(connection);
}
