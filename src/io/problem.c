/* SPDX-License-Identifier: Apache-2.0 */
/* Problem details (RFC 9457). */
#include "base/utf8.h"
#include "io/exchange.h"

#include <inttypes.h>
#include <stdio.h>

/* A JSON string (RFC 8259 section 7); text that is not UTF-8 becomes "?". */
static enum cv_err append_string(struct cv_buf *json, const char *text) {
    if (!cv_utf8_valid(cv_slice_str(text)))
        text = "?";
    enum cv_err err = cv_buf_append_byte(json, '"');
    for (; !err && *text; text++) {
        uint8_t c = (uint8_t)*text;
        if (c < ' ' || c == 0x7f)
            err = cv_buf_printf(json, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            err = cv_buf_printf(json, "\\%c", c);
        else
            err = cv_buf_append_byte(json, c);
    }
    return err ? err : cv_buf_append_byte(json, '"');
}

static enum cv_err append_member(struct cv_buf *json, const char *start, const char *text) {
    enum cv_err err = cv_buf_append_str(json, start);
    return err ? err : append_string(json, text);
}

static enum cv_err append_errors(struct cv_buf *json, const struct cv_problem *problem) {
    enum cv_err err = CV_OK;
    for (size_t i = 0; !err && i < problem->error_count; i++) {
        err = append_member(
            json, i ? ",{\"field\":" : ",\"errors\":[{\"field\":", problem->errors[i].field);
        if (!err)
            err = append_member(json, ",\"message\":", problem->errors[i].message);
        if (!err)
            err = cv_buf_append_byte(json, '}');
    }
    if (!err && problem->error_count > 0)
        err = cv_buf_append_byte(json, ']');
    return err;
}

static enum cv_err append_problem(struct cv_buf *json, const struct cv_problem *problem) {
    enum cv_err err =
        problem->name ? cv_buf_printf(json, "{\"type\":\"urn:conclave:problem:%s\"", problem->name)
                      : cv_buf_append_str(json, "{\"type\":\"about:blank\"");
    if (!err)
        err = append_member(json, ",\"title\":", cv_http_status_text(problem->status));
    if (!err)
        err = cv_buf_printf(json, ",\"status\":%d", problem->status);
    if (!err && problem->detail)
        err = append_member(json, ",\"detail\":", problem->detail);
    if (!err)
        err = append_errors(json, problem);
    return err ? err : cv_buf_append_byte(json, '}');
}

void cv_exchange_problem(struct cv_exchange *exchange, const struct cv_problem *problem) {
    struct cv_buf json = {0};
    char seconds[24];
    if (problem->retry_after_s > 0) {
        snprintf(seconds, sizeof seconds, "%" PRId64, problem->retry_after_s);
        cv_exchange_add_header(exchange, "retry-after", cv_slice_str(seconds));
    }
    if (append_problem(&json, problem) == CV_OK)
        cv_exchange_reply(exchange, problem->status, "application/problem+json",
                          cv_buf_slice(&json));
    else
        cv_exchange_reply(exchange, 503, NULL, (struct cv_slice){0});
    cv_buf_release(&json);
}

void cv_exchange_fail(struct cv_exchange *exchange, int status, const char *name,
                      const char *detail) {
    cv_exchange_problem(exchange,
                        &(struct cv_problem){.status = status, .name = name, .detail = detail});
}
