/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP/1.1 parser: the first byte says how the rest is cut; both cuts must read the same. */
#include "io/http1.h"
#include "pieces.h"

static const struct cv_http1_limits limits = {
    .request_line_bytes = 256,
    .head = {.header_bytes = 1024, .header_count = 20},
};

static void check_request(const struct cv_http_request *request) {
    struct cv_slice name, value;
    struct cv_buf decoded = {.limit_bytes = 100};
    if (request->path.size == 0 || request->path.data[0] != '/' ||
        request->field_count > limits.head.header_count)
        abort();
    for (size_t i = 0; i < request->field_count; i++) {
        cv_http_request_field(request, i, &name, &value);
        if (!cv_http_is_token(name) || !cv_http_is_field_value(value))
            abort();
    }
    cv_http_request_cookie(request, "sid", &value);
    cv_http_request_bearer(request, &value);
    cv_http_request_has_type(request, "application/json");
    cv_http_request_origin_is_own(request, true);
    cv_http_query_get(request->query, "q", &decoded);
    cv_buf_release(&decoded);
}

/* The bodies of all requests with a mark after each, and the status at the end. */
static struct cv_buf run(const uint8_t *data, size_t size, size_t step) {
    struct cv_buf log = {0};
    struct cv_http_request request = {0};
    struct cv_http1 parser = {.limits = &limits, .request = &request};
    enum cv_http1_event event = CV_HTTP1_MORE;
    for (size_t at = 0; at < size && event != CV_HTTP1_ERROR; at += step) {
        struct cv_slice input = fuzz_piece(data, size, at, step), piece;
        while ((event = cv_http1_input(&parser, &input, &piece)) != CV_HTTP1_MORE &&
               event != CV_HTTP1_ERROR) {
            if (event == CV_HTTP1_HEAD) {
                check_request(&request);
                parser.body_limit_bytes = 2000;
            } else if (event == CV_HTTP1_BODY) {
                cv_buf_append(&log, piece.data, piece.size);
            } else {
                cv_buf_append_byte(&log, '|');
                cv_http_request_reset(&request);
                cv_http1_next(&parser, &request);
            }
        }
    }
    cv_buf_printf(&log, "%d", parser.status);
    cv_http1_release(&parser);
    cv_http_request_release(&request);
    return log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_pieces(run, data, size);
    return 0;
}
