/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP/1.1 request parser (RFC 9112): bytes in, events out, at any cut of the bytes. No
 * socket, no clock. It is stricter than the RFC has to be, because what two parsers read
 * differently is how requests are smuggled: lines end with CRLF only, no folded lines, no space
 * before a colon, one valid Host, one Content-Length of digits only, Transfer-Encoding is exactly
 * "chunked" and never beside Content-Length, nothing after an error.
 */
#ifndef CV_IO_HTTP1_H
#define CV_IO_HTTP1_H

#include "io/http_private.h"

struct cv_http1_limits {
    size_t request_line_bytes;
    struct cv_http_head_limits head; /* of trailers too */
};

enum cv_http1_event {
    CV_HTTP1_MORE,  /* all bytes taken; give more when there are more */
    CV_HTTP1_HEAD,  /* the request's head is complete; set body_limit now if it has a body */
    CV_HTTP1_BODY,  /* *ret_piece holds the next bytes of the body, valid as long as the input */
    CV_HTTP1_END,   /* the request is complete; cv_http1_next before the next one */
    CV_HTTP1_ERROR, /* `status` and `reason` say what to answer; no more can be read */
};

enum cv_http1_state {
    CV_HTTP1_START, /* before or in the request line */
    CV_HTTP1_FIELDS,
    CV_HTTP1_SIZED_BODY,
    CV_HTTP1_CHUNK_SIZE,
    CV_HTTP1_CHUNK_DATA,
    CV_HTTP1_CHUNK_END,
    CV_HTTP1_TRAILERS,
    CV_HTTP1_COMPLETE,
    CV_HTTP1_FAILED,
};

/* Zero-initialised, with `limits` and `request` set, is ready. */
struct cv_http1 {
    const struct cv_http1_limits *limits;
    struct cv_http_request *request; /* the head goes here; the body does not */

    /* From CV_HTTP1_HEAD on. */
    bool has_body; /* one is to come, of `content_bytes` or chunked */
    bool is_chunked;
    bool keep_alive;       /* the client would send another request here */
    bool expects_continue; /* it waits for 100 Continue */
    uint64_t content_bytes;
    uint64_t body_limit_bytes; /* the caller's; over it: 413 */

    /* After CV_HTTP1_ERROR. */
    int status;
    const char *reason; /* a static sentence for the answer's detail */

    /* Private. */
    enum cv_http1_state state;
    struct cv_buf line; /* the beginning of a line whose end has not come yet */
    bool skipped_empty_line;
    bool has_absolute_target;
    bool has_content_length;
    bool has_close;
    unsigned host_count;
    size_t trailer_bytes;
    size_t trailer_count;
    uint64_t left_bytes;     /* of this chunk, or of the body */
    uint64_t body_bytes;     /* so far */
    uint64_t overhead_bytes; /* chunk lines so far */
};

/*
 * Takes bytes off the front of `input` up to the next event. Call again with what is left (and
 * with nothing new after HEAD, BODY) until CV_HTTP1_MORE.
 */
enum cv_http1_event cv_http1_input(struct cv_http1 *parser, struct cv_slice *input,
                                   struct cv_slice *ret_piece);

/* Makes ready for the next request, whose head goes to `request`. After CV_HTTP1_END. */
void cv_http1_next(struct cv_http1 *parser, struct cv_http_request *request);

/* Frees what the parser keeps between calls; harmless between two requests. */
void cv_http1_release(struct cv_http1 *parser);

#endif
