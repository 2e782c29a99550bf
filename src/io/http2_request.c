/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http2_private.h"

#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    IGNORED_FIELDS_MAX = 200, /* after a limit, before the stream is reset */
    BODY_BYTES_PER_S = 64 * 1024,
    /* What a client goes on sending although its answer is there is thrown away for so long, then
     * it is told to stop (RFC 9113 section 8.1). At once would be right too, but some clients
     * then lose the answer. */
    EARLY_ANSWER_US = 2 * 1000 * 1000,
    ANSWER_FIELDS_MAX = 96,
};

struct cv_http2_stream *cv_http2_stream_new(struct cv_http2_session *session, int32_t id) {
    struct cv_http2_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->exchange = cv_exchange_new(session->connection);
    if (!stream->exchange) {
        free(stream);
        return NULL;
    }
    stream->exchange->stream = stream;
    stream->exchange->request.version = CV_HTTP_2;
    stream->id = id;
    stream->body = CV_BODY_EMPTY;
    stream->opened_at_us = cv_loop_now_us(session->connection->server->loop);
    cv_list_append(&session->streams, &stream->link);
    session->stream_count++;
    return stream;
}

void cv_http2_stream_free(struct cv_http2_session *session, struct cv_http2_stream *stream) {
    cv_list_remove(&stream->link);
    session->stream_count--;
    session->answering_count -= stream->is_answering;
    if (stream->exchange)
        cv_exchange_detach(stream->exchange);
    cv_body_release(&stream->body);
    cv_buf_release(&stream->authority);
    free(stream);
}

int64_t cv_http2_stream_deadline_us(const struct cv_http2_session *session,
                                    const struct cv_http2_stream *stream) {
    const struct cv_server_limits *limits = &session->connection->server->limits;
    if (stream->is_complete)
        return CV_TIME_NEVER;
    if (stream->is_answered)
        return stream->answered_at_us + EARLY_ANSWER_US;
    if (!stream->has_head)
        return stream->opened_at_us + limits->header_us;
    return stream->opened_at_us + limits->body_us +
           (int64_t)(stream->exchange->body.size / BODY_BYTES_PER_S) * CV_US_PER_S;
}

void cv_http2_refuse(struct cv_http2_stream *stream, int status, const char *reason) {
    cv_exchange_refuse(stream->exchange, status, reason);
}

/* The first fault counts. */
static void note_fault(struct cv_http2_stream *stream, int status, const char *reason) {
    if (stream->status != 0)
        return;
    stream->status = status;
    stream->reason = reason;
}

static void add_field(struct cv_http2_session *session, struct cv_http2_stream *stream,
                      struct cv_slice name, struct cv_slice value) {
    const struct cv_http_head_limits *limits = &session->connection->server->http1_limits.head;
    switch (cv_http_request_add_field(&stream->exchange->request, limits, name, value)) {
    case CV_OK:
        break;
    case CV_ERR_SYNTAX:
        note_fault(stream, 400, "A header is malformed.");
        break;
    case CV_ERR_LIMIT:
        note_fault(stream, 431, "The headers are too large or too many.");
        break;
    default:
        note_fault(stream, 503, "The server is out of memory.");
        break;
    }
}

static void set_path(struct cv_http2_session *session, struct cv_http2_stream *stream,
                     struct cv_slice path) {
    if (path.size > session->connection->server->limits.request_line_bytes)
        note_fault(stream, 414, "The path is too long.");
    else if (cv_http_request_set_target(&stream->exchange->request, path))
        note_fault(stream, 400, "The path is malformed.");
    stream->has_path = true;
    if (stream->authority.size > 0)
        add_field(session, stream, cv_slice_str("host"), cv_buf_slice(&stream->authority));
    cv_buf_release(&stream->authority);
}

/* ":authority" is kept as the field "host"; it may come before the path, which has to be first. */
static void set_authority(struct cv_http2_session *session, struct cv_http2_stream *stream,
                          struct cv_slice authority) {
    if (!cv_http_authority_is_valid(authority))
        note_fault(stream, 400, "The authority is not a valid host name.");
    else if (stream->has_path)
        add_field(session, stream, cv_slice_str("host"), authority);
    else if (cv_buf_append(&stream->authority, authority.data, authority.size))
        note_fault(stream, 503, "The server is out of memory.");
}

int cv_http2_on_field(struct cv_http2_session *session, struct cv_http2_stream *stream,
                      struct cv_slice name, struct cv_slice value) {
    struct cv_http_request *request = &stream->exchange->request;
    struct cv_slice host;
    if (stream->status != 0)
        return ++stream->ignored_fields > IGNORED_FIELDS_MAX ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE
                                                             : 0;
    if (cv_slice_eq_str(name, ":method")) {
        if (!cv_http_method_parse(value, &request->method))
            note_fault(stream, 501, "This method is not known here.");
    } else if (cv_slice_eq_str(name, ":path")) {
        set_path(session, stream, value);
    } else if (cv_slice_eq_str(name, ":authority")) {
        set_authority(session, stream, value);
    } else if (name.size > 0 && name.data[0] == ':') {
        return 0; /* ":scheme": what counts is how the bytes came here */
    } else if (cv_slice_eq_str(name, "host")) {
        if (!cv_http_authority_is_valid(value))
            note_fault(stream, 400, "Host is not a valid host name.");
        else if (!cv_http_request_header(request, "host", &host))
            add_field(session, stream, name, value);
        else if (!cv_slice_eq(host, value))
            note_fault(stream, 400, "Host and :authority differ.");
    } else {
        add_field(session, stream, name, value);
    }
    return 0;
}

/* RFC 9110 section 10.1.1, here as an informational answer. */
static int send_continue(struct cv_http2_session *session, const struct cv_http2_stream *stream) {
    static uint8_t name[] = ":status", value[] = "100";
    const nghttp2_nv status = {name, value, sizeof name - 1, sizeof value - 1,
                               NGHTTP2_NV_FLAG_NONE};
    return nghttp2_submit_headers(session->nghttp2, NGHTTP2_FLAG_NONE, stream->id, NULL, &status, 1,
                                  NULL) == NGHTTP2_ERR_NOMEM
               ? NGHTTP2_ERR_CALLBACK_FAILURE
               : 0;
}

/* nghttp2 has seen to it that these are digits and not too many. */
static uint64_t declared_bytes(struct cv_slice text) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < text.size; i++)
        bytes = bytes * 10 + (uint64_t)(text.data[i] - '0');
    return bytes;
}

int cv_http2_on_head(struct cv_http2_session *session, struct cv_http2_stream *stream) {
    struct cv_slice expect, length;
    stream->has_head = true;
    cv_http_request_finish_head(&stream->exchange->request);
    cv_exchange_finish_head(stream->exchange);
    if (stream->status != 0) {
        cv_http2_refuse(stream, stream->status, stream->reason);
        return 0;
    }
    stream->body_limit_bytes = cv_exchange_body_limit(stream->exchange);
    if (cv_http_request_header(&stream->exchange->request, "content-length", &length) &&
        declared_bytes(length) > stream->body_limit_bytes) {
        cv_http2_refuse(stream, 413, "The body is too large.");
        return 0;
    }
    if (cv_http_request_header(&stream->exchange->request, "expect", &expect) &&
        cv_slice_eq_nocase(expect, "100-continue"))
        return send_continue(session, stream);
    return 0;
}

int cv_http2_on_body(struct cv_http2_session *session, struct cv_http2_stream *stream,
                     struct cv_slice bytes) {
    if (!stream->exchange || stream->is_complete)
        return 0;
    if (stream->exchange->body.size + bytes.size > stream->body_limit_bytes)
        cv_http2_refuse(stream, 413, "The body is too large.");
    else if (cv_exchange_add_body(stream->exchange, bytes))
        cv_http2_refuse(stream, 503, "The server holds too many large requests at the moment.");
    return 0;
}

void cv_http2_on_complete(struct cv_http2_session *session, struct cv_http2_stream *stream) {
    if (stream->is_complete)
        return;
    stream->is_complete = true;
    if (!stream->is_answered)
        cv_exchange_dispatch(stream->exchange);
}

struct fields {
    nghttp2_nv list[ANSWER_FIELDS_MAX];
    size_t count;
};

/* nghttp2 copies names and values, and does not write to them. */
static void add_answer_field(struct fields *fields, struct cv_slice name, struct cv_slice value) {
    if (fields->count == ANSWER_FIELDS_MAX)
        return;
    fields->list[fields->count++] = (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name.data,
        .value = (uint8_t *)(uintptr_t)value.data,
        .namelen = name.size,
        .valuelen = value.size,
        .flags = NGHTTP2_NV_FLAG_NONE,
    };
}

/* Lines "name: value" CR LF, as exchange.c and security_headers.c write them. */
static void add_answer_lines(struct fields *fields, struct cv_slice lines) {
    while (lines.size > 0) {
        const uint8_t *colon = memchr(lines.data, ':', lines.size);
        const uint8_t *end = memchr(lines.data, '\r', lines.size);
        size_t name_size = (size_t)(colon - lines.data), line_size = (size_t)(end - lines.data);
        add_answer_field(fields, cv_slice_of(lines.data, name_size),
                         cv_slice_of(colon + 2, line_size - name_size - 2));
        lines = cv_slice_of(end + 2, lines.size - line_size - 2);
    }
}

static ssize_t read_body(nghttp2_session *nghttp2, int32_t id, uint8_t *data, size_t capacity,
                         uint32_t *flags, nghttp2_data_source *source, void *context) {
    struct cv_http2_session *session = context;
    struct cv_http2_stream *stream = source->ptr;
    size_t size;
    if (cv_body_read(&stream->body, data, capacity, &size))
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    session->progress_at_us = cv_loop_now_us(session->connection->server->loop);
    if (stream->body.left_bytes == 0) {
        *flags |= NGHTTP2_DATA_FLAG_EOF;
        stream->is_answering = false;
        session->answering_count--;
    }
    return (ssize_t)size;
}

static enum cv_err keep_body(struct cv_http2_session *session, struct cv_http2_stream *stream,
                             struct cv_body *body) {
    enum cv_err err = cv_body_own(body);
    if (err)
        return err;
    stream->body = *body;
    *body = CV_BODY_EMPTY;
    stream->is_answering = true;
    session->answering_count++;
    session->progress_at_us = cv_loop_now_us(session->connection->server->loop);
    return CV_OK;
}

void cv_http2_send_answer(struct cv_connection *connection, struct cv_exchange *exchange,
                          struct cv_answer *answer) {
    struct cv_http2_session *session = connection->session;
    struct cv_http2_stream *stream = exchange->stream;
    struct fields fields;
    char status[8], length[24];
    const char *date = cv_server_date(connection->server);
    bool may_have_body = answer->status >= 200 && answer->status != 204 && answer->status != 304;
    if (!stream)
        return;
    stream->exchange = NULL;
    stream->is_answered = true;
    stream->answered_at_us = cv_loop_now_us(connection->server->loop);
    fields.count = 0;
    snprintf(status, sizeof status, "%03d", answer->status);
    snprintf(length, sizeof length, "%" PRIu64, answer->body->left_bytes);
    add_answer_field(&fields, cv_slice_str(":status"), cv_slice_str(status));
    add_answer_field(&fields, cv_slice_str("date"), cv_slice_str(date));
    if (answer->content_type)
        add_answer_field(&fields, cv_slice_str("content-type"), cv_slice_str(answer->content_type));
    if (may_have_body)
        add_answer_field(&fields, cv_slice_str("content-length"), cv_slice_str(length));
    add_answer_lines(&fields, answer->headers);
    add_answer_lines(&fields, answer->security);
    bool has_body =
        may_have_body && answer->body->left_bytes > 0 && exchange->request.method != CV_HTTP_HEAD;
    if (has_body && keep_body(session, stream, answer->body)) {
        cv_connection_abort(connection);
        return;
    }
    const nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = read_body};
    if (nghttp2_submit_response(session->nghttp2, stream->id, fields.list, fields.count,
                                has_body ? &provider : NULL) != 0)
        cv_connection_abort(connection);
    cv_server_mark_dirty(connection);
}
