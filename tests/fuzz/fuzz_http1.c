/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP/1.1 parser: the first byte says how the rest is cut; both cuts must read the same. */
#include "io/http1.h"

#include <stdlib.h>

static const struct cv_http1_limits limits = {
    .request_line_bytes = 256,
    .head = {.header_bytes = 1024, .header_count = 20},
};

struct outcome {
    struct cv_buf bodies; /* of all requests, with a mark after each */
    size_t requests;
    int status;
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

static struct outcome run(const uint8_t *data, size_t size, size_t step) {
    struct outcome outcome = {0};
    struct cv_http_request request = {0};
    struct cv_http1 parser = {.limits = &limits, .request = &request};
    enum cv_http1_event event = CV_HTTP1_MORE;
    for (size_t at = 0; at < size && event != CV_HTTP1_ERROR; at += step) {
        struct cv_slice input = {data + at, size - at < step ? size - at : step}, piece;
        while ((event = cv_http1_input(&parser, &input, &piece)) != CV_HTTP1_MORE &&
               event != CV_HTTP1_ERROR) {
            if (event == CV_HTTP1_HEAD) {
                check_request(&request);
                parser.body_limit_bytes = 2000;
            } else if (event == CV_HTTP1_BODY) {
                cv_buf_append(&outcome.bodies, piece.data, piece.size);
            } else {
                cv_buf_append_byte(&outcome.bodies, '|');
                outcome.requests++;
                cv_http_request_reset(&request);
                cv_http1_next(&parser, &request);
            }
        }
    }
    outcome.status = parser.status;
    cv_http1_release(&parser);
    cv_http_request_release(&request);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    struct outcome whole = run(data + 1, size - 1, size);
    struct outcome cut = run(data + 1, size - 1, (size_t)data[0] % 16 + 1);
    if (whole.requests != cut.requests || whole.status != cut.status ||
        !cv_slice_eq(cv_buf_slice(&whole.bodies), cv_buf_slice(&cut.bodies)))
        abort();
    cv_buf_release(&whole.bodies);
    cv_buf_release(&cut.bodies);
    return 0;
}
