/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http2_private.h"

#include "base/time.h"

#include <stdlib.h>

enum {
    WINDOW_BYTES = 1024 * 1024, /* of a connection: several bodies can come at once */
    /* A page that is left cancels what it was loading; nobody cancels more than this. */
    RESETS_AT_ONCE = 200,
    RESETS_PER_S = 20,
    /* PING, SETTINGS, PRIORITY, empty DATA. */
    COMMANDS_AT_ONCE = 200,
    COMMANDS_PER_S = 20,
    OUTBOUND_ACKS = 100,
    CONTINUATIONS = 4,
};

/* Takes one from the allowance; false when there is none left. */
static bool spend(struct cv_allowance *allowance, int64_t now_us, int at_once, int per_s) {
    allowance->left += (double)(now_us - allowance->at_us) * (double)per_s / (double)CV_US_PER_S;
    allowance->at_us = now_us;
    if (allowance->left > at_once)
        allowance->left = at_once;
    if (allowance->left < 1)
        return false;
    allowance->left -= 1;
    return true;
}

static void calm(struct cv_http2_session *session) {
    if (session->is_calmed)
        return;
    session->is_calmed = true;
    session->connection->server->counters.floods++;
    nghttp2_session_terminate_session(session->nghttp2, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void spend_command(struct cv_http2_session *session) {
    if (!spend(&session->commands, cv_loop_now_us(session->connection->server->loop),
               COMMANDS_AT_ONCE, COMMANDS_PER_S))
        calm(session);
}

static int on_begin_headers(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *context) {
    struct cv_http2_session *session = context;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct cv_http2_stream *stream = cv_http2_stream_new(session, frame->hd.stream_id);
    if (!stream)
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    nghttp2_session_set_stream_user_data(nghttp2, stream->id, stream);
    return 0;
}

static int on_header(nghttp2_session *nghttp2, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_size, const uint8_t *value, size_t value_size, uint8_t flags,
                     void *context) {
    struct cv_http2_stream *stream =
        nghttp2_session_get_stream_user_data(nghttp2, frame->hd.stream_id);
    /* Trailers are dropped, as with HTTP/1.1. */
    if (!stream || stream->has_head)
        return 0;
    return cv_http2_on_field(context, stream, cv_slice_of(name, name_size),
                             cv_slice_of(value, value_size));
}

static int on_data_chunk(nghttp2_session *nghttp2, uint8_t flags, int32_t id, const uint8_t *data,
                         size_t size, void *context) {
    struct cv_http2_stream *stream = nghttp2_session_get_stream_user_data(nghttp2, id);
    return stream ? cv_http2_on_body(context, stream, cv_slice_of(data, size)) : 0;
}

static void drain(struct cv_connection *connection) {
    struct cv_http2_session *session = connection->session;
    nghttp2_submit_goaway(session->nghttp2, NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session->nghttp2),
                          NGHTTP2_NO_ERROR, NULL, 0);
    cv_server_mark_dirty(connection);
}

/* Called for every frame, of unknown types too, before it is looked into. */
static int on_begin_frame(nghttp2_session *nghttp2, const nghttp2_frame_hd *head, void *context) {
    bool is_answer = head->type <= NGHTTP2_PING && head->flags & NGHTTP2_FLAG_ACK;
    bool is_empty = head->length == 0 && !(head->flags & NGHTTP2_FLAG_END_STREAM);
    switch (head->type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_WINDOW_UPDATE:
    case NGHTTP2_RST_STREAM: /* counted when the stream closes */
        break;
    case NGHTTP2_DATA:
        if (is_empty)
            spend_command(context);
        break;
    default:
        if (!is_answer)
            spend_command(context);
        break;
    }
    return 0;
}

static int on_frame(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *context) {
    struct cv_http2_session *session = context;
    struct cv_http2_stream *stream =
        nghttp2_session_get_stream_user_data(nghttp2, frame->hd.stream_id);
    if (!stream || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    if (!stream->has_head) {
        int result = cv_http2_on_head(session, stream);
        if (result != 0)
            return result;
    }
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
        cv_http2_on_complete(session, stream);
    if (session->connection->is_refused)
        drain(session->connection);
    return 0;
}

static int on_frame_sent(nghttp2_session *nghttp2, const nghttp2_frame *frame, void *context) {
    struct cv_http2_session *session = context;
    /* Some floods nghttp2 ends by itself. */
    if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code == NGHTTP2_ENHANCE_YOUR_CALM &&
        !session->is_calmed)
        session->connection->server->counters.floods++;
    return 0;
}

static int on_stream_close(nghttp2_session *nghttp2, int32_t id, uint32_t error, void *context) {
    struct cv_http2_session *session = context;
    struct cv_http2_stream *stream = nghttp2_session_get_stream_user_data(nghttp2, id);
    /* Also those that we reset because of what the client did: it can make us do it. */
    if (error != NGHTTP2_NO_ERROR &&
        !spend(&session->resets, cv_loop_now_us(session->connection->server->loop), RESETS_AT_ONCE,
               RESETS_PER_S))
        calm(session);
    if (stream)
        cv_http2_stream_free(session, stream);
    return 0;
}

static int on_invalid_frame(nghttp2_session *nghttp2, const nghttp2_frame *frame, int error,
                            void *context) {
    spend_command(context);
    return 0;
}

/* The callbacks and options are the same for every session, which copies them. */
static int new_nghttp2(struct cv_http2_session *session) {
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    int result = NGHTTP2_ERR_NOMEM;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0)
        goto out;
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_outbound_ack(option, OUTBOUND_ACKS);
    nghttp2_option_set_max_continuations(option, CONTINUATIONS);
    result = nghttp2_session_server_new2(&session->nghttp2, callbacks, session, option);
out:
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return result;
}

static int submit_settings(struct cv_http2_session *session) {
    const struct cv_server_limits *limits = &session->connection->server->limits;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->h2_streams},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, (uint32_t)limits->header_bytes},
        {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
    };
    int result = nghttp2_submit_settings(session->nghttp2, NGHTTP2_FLAG_NONE, settings,
                                         sizeof settings / sizeof settings[0]);
    return result != 0 ? result
                       : nghttp2_session_set_local_window_size(session->nghttp2, NGHTTP2_FLAG_NONE,
                                                               0, WINDOW_BYTES);
}

void cv_http2_session_start(struct cv_connection *connection) {
    struct cv_server *server = connection->server;
    struct cv_http2_session *session = calloc(1, sizeof *session);
    if (!session) {
        cv_connection_abort(connection);
        return;
    }
    int64_t now_us = cv_loop_now_us(server->loop);
    session->connection = connection;
    session->resets = (struct cv_allowance){RESETS_AT_ONCE, now_us};
    session->commands = (struct cv_allowance){COMMANDS_AT_ONCE, now_us};
    cv_list_init(&session->streams);
    connection->session = session;
    connection->protocol = &cv_http2_protocol;
    if (new_nghttp2(session) != 0 || submit_settings(session) != 0) {
        cv_connection_abort(connection);
        return;
    }
    cv_connection_set_deadline(connection, now_us + server->limits.header_us);
    cv_server_mark_dirty(connection);
}

static void release(struct cv_connection *connection) {
    struct cv_http2_session *session = connection->session;
    CV_LIST_EACH_SAFE(it, &session->streams)
    cv_http2_stream_free(session, CV_CONTAINER_OF(it, struct cv_http2_stream, link));
    nghttp2_session_del(session->nghttp2);
    free(session);
    connection->session = NULL;
}

static void set_deadline(struct cv_http2_session *session) {
    const struct cv_server *server = session->connection->server;
    int64_t deadline_us = CV_TIME_NEVER;
    if (session->stream_count == 0)
        deadline_us = cv_loop_now_us(server->loop) + server->limits.idle_us;
    if (session->answering_count > 0)
        deadline_us = session->progress_at_us + server->limits.write_us;
    CV_LIST_EACH(it, &session->streams) {
        int64_t stream_us =
            cv_http2_stream_deadline_us(session, CV_CONTAINER_OF(it, struct cv_http2_stream, link));
        if (stream_us < deadline_us)
            deadline_us = stream_us;
    }
    cv_connection_set_deadline(session->connection, deadline_us);
}

static void input(struct cv_connection *connection, struct cv_slice bytes) {
    struct cv_http2_session *session = connection->session;
    ssize_t taken = nghttp2_session_mem_recv(session->nghttp2, bytes.data, bytes.size);
    if (connection->is_dead)
        return;
    if (taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC || taken == NGHTTP2_ERR_NOMEM ||
        taken == NGHTTP2_ERR_CALLBACK_FAILURE)
        cv_connection_abort(connection);
    else if (taken < 0)
        calm(session);
    if (connection->is_dead)
        return;
    set_deadline(session);
    cv_server_mark_dirty(connection);
}

static void produce(struct cv_connection *connection) {
    struct cv_http2_session *session = connection->session;
    while (connection->output.size < CV_OUTPUT_BYTES) {
        const uint8_t *data;
        ssize_t size = nghttp2_session_mem_send(session->nghttp2, &data);
        if (size == 0)
            break;
        if (size < 0 || cv_buf_append(&connection->output, data, (size_t)size)) {
            cv_connection_abort(connection);
            return;
        }
    }
    set_deadline(session);
    if (!nghttp2_session_want_read(session->nghttp2) &&
        !nghttp2_session_want_write(session->nghttp2))
        cv_connection_close(connection);
}

static void on_timeout(struct cv_connection *connection) {
    struct cv_http2_session *session = connection->session;
    struct cv_server *server = connection->server;
    int64_t now_us = cv_loop_now_us(server->loop);
    if (session->stream_count == 0) {
        nghttp2_session_terminate_session(session->nghttp2, NGHTTP2_NO_ERROR);
        cv_server_mark_dirty(connection);
        return;
    }
    if (session->answering_count > 0 &&
        session->progress_at_us + server->limits.write_us <= now_us) {
        server->counters.timeouts++;
        cv_connection_abort(connection);
        return;
    }
    CV_LIST_EACH_SAFE(it, &session->streams) {
        struct cv_http2_stream *stream = CV_CONTAINER_OF(it, struct cv_http2_stream, link);
        if (cv_http2_stream_deadline_us(session, stream) > now_us)
            continue;
        server->counters.timeouts += !stream->is_answered;
        if (stream->is_answered)
            nghttp2_submit_rst_stream(session->nghttp2, NGHTTP2_FLAG_NONE, stream->id,
                                      NGHTTP2_NO_ERROR);
        else if (stream->has_head)
            cv_http2_refuse(stream, 408, "The request took too long to arrive.");
        else
            nghttp2_session_terminate_session(session->nghttp2, NGHTTP2_PROTOCOL_ERROR);
    }
    set_deadline(session);
    cv_server_mark_dirty(connection);
}

const struct cv_protocol cv_http2_protocol = {
    .input = input,
    .produce = produce,
    .on_timeout = on_timeout,
    .drain = drain,
    .answer = cv_http2_send_answer,
    .release = release,
};
