/* SPDX-License-Identifier: Apache-2.0 */
/* Query parameters, with errors like those of the body's members. */
#include "api/call.h"

#include <stdlib.h>

bool cv_query_text(struct cv_call *call, const char *name, struct cv_buf *value) {
    enum cv_err err = cv_http_query_get(cv_call_request(call)->query, name, value);
    if ((err && err != CV_ERR_NOT_FOUND) || !cv_buf_cstr(value)) {
        cv_input_error(&call->input, name, "is malformed");
        return false;
    }
    return true;
}

static int32_t read_limit(struct cv_call *call, int32_t fallback) {
    struct cv_buf text = {.limit_bytes = 16};
    int32_t limit = fallback;
    if (cv_query_text(call, "limit", &text) && text.size) {
        char *end;
        long number = strtol((const char *)text.data, &end, 10);
        if (*end || number < 1 || number > CV_STORE_PAGE_MAX) {
            cv_input_error(&call->input, "limit", "must be a number from 1 to 100");
        } else {
            limit = (int32_t)number;
        }
    }
    cv_buf_release(&text);
    return limit;
}

int64_t cv_query_time(struct cv_call *call, const char *name) {
    struct cv_buf text = {.limit_bytes = 64};
    int64_t at_us = 0;
    if (cv_query_text(call, name, &text) && text.size &&
        cv_time_parse(cv_buf_slice(&text), &at_us)) {
        cv_input_error(&call->input, name, "must be a time such as 2026-02-03T04:05:06Z");
    }
    cv_buf_release(&text);
    return at_us;
}

void cv_query_page(struct cv_call *call, int32_t fallback, int32_t *ret_limit,
                   struct cv_slice *ret_cursor) {
    call->cursor.limit_bytes = CV_STORE_CURSOR_MAX_BYTES + 1;
    cv_query_text(call, "cursor", &call->cursor);
    *ret_cursor = cv_buf_slice(&call->cursor);
    *ret_limit = read_limit(call, fallback);
}

void cv_query_submit(struct cv_call *call, const struct cv_store_op *op, cv_store_done_fn *done) {
    if (call->input.error_count) {
        cv_call_invalid(call);
    } else {
        cv_call_store(call, op, 1, done);
    }
}
