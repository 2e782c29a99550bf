/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   START ──line──► FIELDS ──empty line──► SIZED_BODY ───────────────────────────────► COMPLETE
 *                     │ no body ──────────────────────────────────────────────────────────▲
 *                     └ chunked ► CHUNK_SIZE ──► CHUNK_DATA ──► CHUNK_END ─┐              │
 *                                  ▲  └ 0 ──► TRAILERS ──empty line────────┼──────────────┘
 *                                  └───────────────────────────────────────┘
 *   Any state goes to FAILED on an error and stays there.
 */
#include "io/http1.h"

enum {
    METHOD_MAX_BYTES = 16,
    CONTENT_LENGTH_MAX_DIGITS = 15,
    CHUNK_SIZE_MAX_DIGITS = 8,
    CHUNK_LINE_MAX_BYTES = 256,
    /* Chunk lines may cost this much beside the body, so that one-byte chunks still pass but
     * extensions can't carry a hidden flood. */
    CHUNK_OVERHEAD_BYTES = 16 * 1024,
    CHUNK_OVERHEAD_FACTOR = 8,
};

static enum cv_http1_event fail(struct cv_http1 *parser, int status, const char *reason) {
    parser->state = CV_HTTP1_FAILED;
    parser->status = status;
    parser->reason = reason;
    return CV_HTTP1_ERROR;
}

/*
 * Takes one line, without its CRLF. CV_ERR_AGAIN when its end has not come (what there is has
 * been kept), CV_ERR_LIMIT over `max_bytes`, CV_ERR_SYNTAX for LF without CR or CR without LF. The
 * line is valid until the next call.
 */
static enum cv_err take_line(struct cv_http1 *parser, struct cv_slice *input, size_t max_bytes,
                             struct cv_slice *ret_line) {
    const uint8_t *lf = input->size ? memchr(input->data, '\n', input->size) : NULL;
    size_t size = lf ? (size_t)(lf - input->data) + 1 : input->size;
    if (parser->line.size + size > max_bytes + 2)
        return CV_ERR_LIMIT;
    struct cv_slice line = {input->data, size};
    if (!lf || parser->line.size > 0) {
        if (cv_buf_append(&parser->line, input->data, size))
            return CV_ERR_MEMORY;
        line = cv_buf_slice(&parser->line);
    }
    *input = cv_slice_of(input->data + size, input->size - size);
    if (!lf)
        return CV_ERR_AGAIN;
    parser->line.size = 0;
    if (line.size < 2 || line.data[line.size - 2] != '\r')
        return CV_ERR_SYNTAX;
    line.size -= 2;
    if (memchr(line.data, '\r', line.size))
        return CV_ERR_SYNTAX;
    *ret_line = line;
    return CV_OK;
}

static enum cv_http1_event fail_line(struct cv_http1 *parser, enum cv_err err, int limit_status,
                                     const char *limit_reason) {
    if (err == CV_ERR_LIMIT)
        return fail(parser, limit_status, limit_reason);
    if (err == CV_ERR_MEMORY)
        return fail(parser, 503, "The server is out of memory.");
    return fail(parser, 400, "A line does not end with CR LF.");
}

/* http://authority/path (RFC 9112 section 3.2.2): splits it; false when it is not that. */
static bool split_absolute(struct cv_slice target, struct cv_slice *ret_authority,
                           struct cv_slice *ret_path) {
    size_t scheme = 0;
    if (target.size > 7 && cv_slice_eq_nocase(cv_slice_of(target.data, 7), "http://"))
        scheme = 7;
    else if (target.size > 8 && cv_slice_eq_nocase(cv_slice_of(target.data, 8), "https://"))
        scheme = 8;
    if (scheme == 0)
        return false;
    struct cv_slice rest = {target.data + scheme, target.size - scheme};
    const uint8_t *slash = memchr(rest.data, '/', rest.size);
    size_t size = slash ? (size_t)(slash - rest.data) : rest.size;
    *ret_authority = cv_slice_of(rest.data, size);
    *ret_path = slash ? cv_slice_of(slash, rest.size - size) : cv_slice_str("/");
    return cv_http_authority_is_valid(*ret_authority);
}

static enum cv_http1_event parse_target(struct cv_http1 *parser, struct cv_slice target) {
    struct cv_slice authority, path = target;
    parser->has_absolute_target = target.size > 0 && target.data[0] != '/';
    if (parser->has_absolute_target && !split_absolute(target, &authority, &path))
        return fail(parser, 400, "The request target is not a path or an http URI.");
    enum cv_err err = cv_http_request_set_target(parser->request, path);
    if (!err && parser->has_absolute_target)
        err = cv_http_request_add_field(parser->request, &parser->limits->head,
                                        cv_slice_str("host"), authority);
    if (err == CV_ERR_SYNTAX)
        return fail(parser, 400, "The request target has a forbidden character.");
    if (err)
        return fail(parser, err == CV_ERR_LIMIT ? 431 : 503, "The request could not be stored.");
    return CV_HTTP1_MORE;
}

static enum cv_http1_event parse_version(struct cv_http1 *parser, struct cv_slice version) {
    if (version.size != 8 || memcmp(version.data, "HTTP/", 5) != 0 || version.data[6] != '.' ||
        version.data[5] < '0' || version.data[5] > '9' || version.data[7] < '0' ||
        version.data[7] > '9')
        return fail(parser, 400, "The request line does not end with an HTTP version.");
    if (version.data[5] != '1' || version.data[7] > '1')
        return fail(parser, 505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
    parser->request->version = version.data[7] == '1' ? CV_HTTP_1_1 : CV_HTTP_1_0;
    return CV_HTTP1_MORE;
}

static enum cv_http1_event parse_request_line(struct cv_http1 *parser, struct cv_slice line) {
    if (line.size == 0 && !parser->skipped_empty_line) {
        /* RFC 9112 section 2.2: one empty line before a request is forgiven. */
        parser->skipped_empty_line = true;
        return CV_HTTP1_MORE;
    }
    const uint8_t *first = line.size ? memchr(line.data, ' ', line.size) : NULL;
    const uint8_t *last = line.size ? memrchr(line.data, ' ', line.size) : NULL;
    if (!first || first == last)
        return fail(parser, 400, "The request line is not \"METHOD target HTTP/1.1\".");
    struct cv_slice method = {line.data, (size_t)(first - line.data)};
    struct cv_slice target = {first + 1, (size_t)(last - first) - 1};
    struct cv_slice version = {last + 1, (size_t)(line.data + line.size - last) - 1};
    if (!cv_http_is_token(method))
        return fail(parser, 400, "The method is not a token.");
    enum cv_http1_event event = parse_version(parser, version);
    if (event == CV_HTTP1_ERROR)
        return event;
    if (method.size > METHOD_MAX_BYTES || !cv_http_method_parse(method, &parser->request->method))
        return fail(parser, 501, "This method is not known here.");
    event = parse_target(parser, target);
    if (event != CV_HTTP1_ERROR)
        parser->state = CV_HTTP1_FIELDS;
    return event;
}

static enum cv_http1_event parse_content_length(struct cv_http1 *parser, struct cv_slice value) {
    if (parser->has_content_length)
        return fail(parser, 400, "Content-Length is given twice.");
    parser->has_content_length = true;
    if (value.size == 0)
        return fail(parser, 400, "Content-Length is not a number.");
    uint64_t bytes = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return fail(parser, 400, "Content-Length is not a number.");
        if (i == CONTENT_LENGTH_MAX_DIGITS)
            return fail(parser, 413, "The body is too large.");
        bytes = bytes * 10 + (uint64_t)(value.data[i] - '0');
    }
    parser->content_bytes = bytes;
    return CV_HTTP1_MORE;
}

/* The headers that say where this request ends. */
static enum cv_http1_event note_field(struct cv_http1 *parser, struct cv_slice name,
                                      struct cv_slice value) {
    switch (name.size) {
    case 4:
        if (!cv_slice_eq_nocase(name, "host"))
            break;
        if (++parser->host_count > 1)
            return fail(parser, 400, "Host is given twice.");
        if (!cv_http_authority_is_valid(value))
            return fail(parser, 400, "Host is not a valid host name.");
        break;
    case 6:
        if (!cv_slice_eq_nocase(name, "expect"))
            break;
        if (!cv_slice_eq_nocase(value, "100-continue"))
            return fail(parser, 417, "Only 100-continue can be expected here.");
        parser->expects_continue = true;
        break;
    case 10:
        if (!cv_slice_eq_nocase(name, "connection"))
            break;
        for (struct cv_slice list = value, token; cv_http_list_next(&list, &token);)
            parser->has_close |= cv_slice_eq_nocase(token, "close");
        break;
    case 14:
        if (cv_slice_eq_nocase(name, "content-length"))
            return parse_content_length(parser, value);
        break;
    case 17:
        if (!cv_slice_eq_nocase(name, "transfer-encoding"))
            break;
        if (parser->is_chunked)
            return fail(parser, 400, "Transfer-Encoding is given twice.");
        if (!cv_slice_eq_nocase(value, "chunked"))
            return fail(parser, 501, "Only the chunked transfer coding is known here.");
        parser->is_chunked = true;
        break;
    default:
        break;
    }
    return CV_HTTP1_MORE;
}

static bool split_field(struct cv_slice line, struct cv_slice *ret_name,
                        struct cv_slice *ret_value) {
    const uint8_t *colon = memchr(line.data, ':', line.size);
    if (!colon)
        return false;
    size_t name_size = (size_t)(colon - line.data);
    *ret_name = cv_slice_of(line.data, name_size);
    *ret_value = cv_http_trim(cv_slice_of(colon + 1, line.size - name_size - 1));
    return cv_http_is_token(*ret_name) && cv_http_is_field_value(*ret_value);
}

static enum cv_http1_event fail_field(struct cv_http1 *parser, struct cv_slice line) {
    if (line.data[0] == ' ' || line.data[0] == '\t')
        return fail(parser, 400, "A header line is folded.");
    return fail(parser, 400, "A header line is malformed.");
}

static enum cv_http1_event parse_field(struct cv_http1 *parser, struct cv_slice line) {
    struct cv_slice name, value;
    if (!split_field(line, &name, &value))
        return fail_field(parser, line);
    enum cv_http1_event event = note_field(parser, name, value);
    if (event == CV_HTTP1_ERROR)
        return event;
    /* RFC 9112 section 3.2.2: an absolute target's authority replaces Host. */
    if (parser->has_absolute_target && cv_slice_eq_nocase(name, "host"))
        return CV_HTTP1_MORE;
    switch (cv_http_request_add_field(parser->request, &parser->limits->head, name, value)) {
    case CV_OK:
        return CV_HTTP1_MORE;
    case CV_ERR_LIMIT:
        return fail(parser, 431, "The headers are too large or too many.");
    default:
        return fail(parser, 503, "The server is out of memory.");
    }
}

static enum cv_http1_event finish_head(struct cv_http1 *parser) {
    struct cv_http_request *request = parser->request;
    bool is_1_1 = request->version == CV_HTTP_1_1;
    if (is_1_1 && parser->host_count == 0)
        return fail(parser, 400, "Host is missing.");
    if (parser->is_chunked && parser->has_content_length)
        return fail(parser, 400, "Transfer-Encoding and Content-Length stand together.");
    if (parser->is_chunked && !is_1_1)
        return fail(parser, 400, "HTTP/1.0 knows no Transfer-Encoding.");
    cv_http_request_finish_head(request);
    parser->keep_alive = is_1_1 && !parser->has_close;
    parser->has_body = parser->is_chunked || parser->content_bytes > 0;
    parser->expects_continue = parser->expects_continue && is_1_1 && parser->has_body;
    parser->left_bytes = parser->content_bytes;
    parser->state = parser->is_chunked ? CV_HTTP1_CHUNK_SIZE
                    : parser->has_body ? CV_HTTP1_SIZED_BODY
                                       : CV_HTTP1_COMPLETE;
    return CV_HTTP1_HEAD;
}

static enum cv_http1_event take_start(struct cv_http1 *parser, struct cv_slice *input) {
    /* A first byte that no method begins with (a TLS handshake on a plain port, say) is refused
     * without waiting for the end of a line that may never come. */
    if (parser->line.size == 0 && input->size > 0 && input->data[0] != '\r' &&
        !cv_http_is_token(cv_slice_of(input->data, 1)))
        return fail(parser, 400, "This is not an HTTP request.");
    struct cv_slice line;
    enum cv_err err = take_line(parser, input, parser->limits->request_line_bytes, &line);
    if (err == CV_ERR_AGAIN)
        return CV_HTTP1_MORE;
    if (err)
        return fail_line(parser, err, 414, "The request line is too long.");
    return parse_request_line(parser, line);
}

static enum cv_http1_event take_field(struct cv_http1 *parser, struct cv_slice *input) {
    struct cv_slice line;
    enum cv_err err = take_line(parser, input, parser->limits->head.header_bytes, &line);
    if (err == CV_ERR_AGAIN)
        return CV_HTTP1_MORE;
    if (err)
        return fail_line(parser, err, 431, "A header line is too long.");
    return line.size == 0 ? finish_head(parser) : parse_field(parser, line);
}

static enum cv_http1_event take_body(struct cv_http1 *parser, struct cv_slice *input,
                                     enum cv_http1_state next, struct cv_slice *ret_piece) {
    /* Also where a Content-Length over the limit is found, before any byte of the body. */
    if (parser->body_bytes + parser->left_bytes > parser->body_limit_bytes)
        return fail(parser, 413, "The body is too large.");
    if (input->size == 0)
        return CV_HTTP1_MORE;
    size_t size = input->size < parser->left_bytes ? input->size : (size_t)parser->left_bytes;
    *ret_piece = cv_slice_of(input->data, size);
    *input = cv_slice_of(input->data + size, input->size - size);
    parser->left_bytes -= size;
    parser->body_bytes += size;
    if (parser->left_bytes == 0)
        parser->state = next;
    return CV_HTTP1_BODY;
}

/* chunk-size [ chunk-ext ] (RFC 9112 section 7.1); extensions are looked at for their characters
 * only. */
static enum cv_http1_event parse_chunk_size(struct cv_http1 *parser, struct cv_slice line) {
    uint64_t bytes = 0;
    size_t digits = 0;
    for (; digits < line.size; digits++) {
        uint8_t c = line.data[digits], lower = c | 0x20;
        if (c >= '0' && c <= '9')
            bytes = bytes << 4 | (uint64_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            bytes = bytes << 4 | (uint64_t)(lower - 'a' + 10);
        else
            break;
        if (digits == CHUNK_SIZE_MAX_DIGITS)
            return fail(parser, 413, "A chunk is too large.");
    }
    struct cv_slice rest = cv_http_trim(cv_slice_of(line.data + digits, line.size - digits));
    if (digits == 0 || (rest.size > 0 && rest.data[0] != ';') || !cv_http_is_field_value(rest) ||
        (rest.size == 0 && digits != line.size))
        return fail(parser, 400, "A chunk size is malformed.");
    parser->left_bytes = bytes;
    parser->state = bytes > 0 ? CV_HTTP1_CHUNK_DATA : CV_HTTP1_TRAILERS;
    return CV_HTTP1_MORE;
}

static enum cv_http1_event take_chunk_size(struct cv_http1 *parser, struct cv_slice *input) {
    struct cv_slice line;
    enum cv_err err = take_line(parser, input, CHUNK_LINE_MAX_BYTES, &line);
    if (err == CV_ERR_AGAIN)
        return CV_HTTP1_MORE;
    if (err)
        return fail_line(parser, err, 400, "A chunk size line is too long.");
    parser->overhead_bytes += line.size + 4;
    if (parser->overhead_bytes > CHUNK_OVERHEAD_BYTES + CHUNK_OVERHEAD_FACTOR * parser->body_bytes)
        return fail(parser, 400, "The chunks are too small for what surrounds them.");
    return parse_chunk_size(parser, line);
}

static enum cv_http1_event take_chunk_end(struct cv_http1 *parser, struct cv_slice *input) {
    struct cv_slice line;
    enum cv_err err = take_line(parser, input, 0, &line);
    if (err == CV_ERR_AGAIN)
        return CV_HTTP1_MORE;
    if (err)
        return fail_line(parser, err, 400, "A chunk is longer than it says.");
    parser->state = CV_HTTP1_CHUNK_SIZE;
    return CV_HTTP1_MORE;
}

/* Trailers are checked like headers and dropped: nothing here acts on them, and merging them into
 * the head would let a request say after the check what it did not say before. */
static enum cv_http1_event take_trailer(struct cv_http1 *parser, struct cv_slice *input) {
    struct cv_slice line, name, value;
    enum cv_err err = take_line(parser, input, parser->limits->head.header_bytes, &line);
    if (err == CV_ERR_AGAIN)
        return CV_HTTP1_MORE;
    if (err)
        return fail_line(parser, err, 431, "A trailer line is too long.");
    if (line.size == 0) {
        parser->state = CV_HTTP1_COMPLETE;
        return CV_HTTP1_MORE;
    }
    if (!split_field(line, &name, &value))
        return fail_field(parser, line);
    parser->trailer_bytes += name.size + value.size;
    if (parser->trailer_bytes > parser->limits->head.header_bytes ||
        ++parser->trailer_count > parser->limits->head.header_count)
        return fail(parser, 431, "The trailers are too large or too many.");
    return CV_HTTP1_MORE;
}

static enum cv_http1_event step(struct cv_http1 *parser, struct cv_slice *input,
                                struct cv_slice *ret_piece) {
    switch (parser->state) {
    case CV_HTTP1_START:
        return take_start(parser, input);
    case CV_HTTP1_FIELDS:
        return take_field(parser, input);
    case CV_HTTP1_SIZED_BODY:
        return take_body(parser, input, CV_HTTP1_COMPLETE, ret_piece);
    case CV_HTTP1_CHUNK_SIZE:
        return take_chunk_size(parser, input);
    case CV_HTTP1_CHUNK_DATA:
        return take_body(parser, input, CV_HTTP1_CHUNK_END, ret_piece);
    case CV_HTTP1_CHUNK_END:
        return take_chunk_end(parser, input);
    case CV_HTTP1_TRAILERS:
        return take_trailer(parser, input);
    case CV_HTTP1_COMPLETE:
        return CV_HTTP1_END;
    case CV_HTTP1_FAILED:
        break;
    }
    return CV_HTTP1_ERROR;
}

enum cv_http1_event cv_http1_input(struct cv_http1 *parser, struct cv_slice *input,
                                   struct cv_slice *ret_piece) {
    for (;;) {
        enum cv_http1_state before = parser->state;
        size_t size = input->size;
        enum cv_http1_event event = step(parser, input, ret_piece);
        if (event != CV_HTTP1_MORE)
            return event;
        if (parser->state == before && input->size == size)
            return CV_HTTP1_MORE;
    }
}

void cv_http1_next(struct cv_http1 *parser, struct cv_http_request *request) {
    struct cv_buf line = parser->line;
    line.size = 0;
    *parser = (struct cv_http1){.limits = parser->limits, .request = request, .line = line};
}

void cv_http1_release(struct cv_http1 *parser) {
    cv_buf_release(&parser->line);
}
