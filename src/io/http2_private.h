/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 (RFC 9113) on a connection, by nghttp2: frames, HPACK, flow control and the rules of the
 * protocol are its. Ours: requests and answers (http2_request.c), limits, floods and deadlines
 * (http2_session.c).
 */
#ifndef CV_IO_HTTP2_PRIVATE_H
#define CV_IO_HTTP2_PRIVATE_H

#include "io/server_private.h"

#include <nghttp2/nghttp2.h>

/* So much at once, and so much a second in the long run. */
struct cv_allowance {
    double left;
    int64_t at_us;
};

struct cv_http2_session {
    struct cv_connection *connection;
    nghttp2_session *nghttp2;
    struct cv_list streams;
    size_t stream_count;
    size_t answering_count;       /* streams whose answer's body is not all sent */
    int64_t progress_at_us;       /* when the last byte of a body was handed over */
    struct cv_allowance resets;   /* streams ended with an error, by either side */
    struct cv_allowance commands; /* frames that ask for work and carry nothing */
    bool is_calmed;               /* GOAWAY with ENHANCE_YOUR_CALM has been decided */
};

struct cv_http2_stream {
    struct cv_list link;
    int32_t id;
    struct cv_exchange *exchange; /* until it is answered */
    struct cv_body body;          /* of the answer */
    struct cv_buf authority;      /* until the path has come */
    int64_t opened_at_us;
    int64_t answered_at_us;
    size_t body_limit_bytes;
    size_t ignored_fields;
    int status; /* with which to refuse the request; 0: none */
    const char *reason;
    bool has_path;
    bool has_head;
    bool is_complete; /* the whole request is here */
    bool is_answered;
    bool is_answering; /* counted in answering_count */
};

/* When the request must be complete, or has to stop because it is answered. */
int64_t cv_http2_stream_deadline_us(const struct cv_http2_session *session,
                                    const struct cv_http2_stream *stream);

/* Opens and forgets a stream. NULL without memory. */
struct cv_http2_stream *cv_http2_stream_new(struct cv_http2_session *session, int32_t id);
void cv_http2_stream_free(struct cv_http2_session *session, struct cv_http2_stream *stream);

/* What nghttp2 tells of a request. Each returns what its callback is to return. */
int cv_http2_on_field(struct cv_http2_session *session, struct cv_http2_stream *stream,
                      struct cv_slice name, struct cv_slice value);
int cv_http2_on_head(struct cv_http2_session *session, struct cv_http2_stream *stream);
int cv_http2_on_body(struct cv_http2_session *session, struct cv_http2_stream *stream,
                     struct cv_slice bytes);
void cv_http2_on_complete(struct cv_http2_session *session, struct cv_http2_stream *stream);
/* Answers an incomplete request itself. */
void cv_http2_refuse(struct cv_http2_stream *stream, int status, const char *reason);

/* The protocol's `answer`. */
void cv_http2_send_answer(struct cv_connection *connection, struct cv_exchange *exchange,
                          struct cv_answer *answer);

#endif
