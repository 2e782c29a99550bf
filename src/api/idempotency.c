/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same Idempotency-Key gives the first answer again. The answer is kept sealed under the key
 * itself, of which the store knows a hash only: answers hold links.
 */
#include "api/call.h"

#include <stdlib.h>

#define KEEP_US (24 * CV_US_PER_HOUR)

enum { KEY_MIN = 8, KEY_MAX = 64, OPS_MAX = 8 };

static void answer_again(struct cv_call *call, const struct cv_store_result *result) {
    struct cv_slice key = {NULL, 0};
    struct cv_buf plain = {0};
    if (!cv_slice_eq(result->idempotency.request_hash,
                     cv_secret_hash_slice(&call->idempotency_request))) {
        cv_call_fail(call, 422, "idempotency-key",
                     "This Idempotency-Key belongs to another request.");
        return;
    }
    cv_http_request_header(cv_call_request(call), "idempotency-key", &key);
    enum cv_err err =
        cv_secret_open(call->api->deps.secrets, key, result->idempotency.answer, &plain);
    json_t *json =
        err ? NULL : json_loadb((const char *)plain.data, plain.size, JSON_REJECT_DUPLICATES, NULL);
    if (plain.data) {
        cv_wipe(plain.data, plain.size);
    }
    cv_buf_release(&plain);
    cv_call_json(call, call->answer_status, json);
}

static void on_done(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err == CV_ERR_EXISTS && answer->failed == 0 &&
        cv_http_request_header_count(cv_call_request(call), "idempotency-key")) {
        answer_again(call, &answer->results[0]);
        return;
    }
    if (answer->err) {
        cv_call_error(call, answer->err);
        return;
    }
    json_t *json = call->answer;
    call->answer = NULL;
    cv_call_json(call, call->answer_status, json);
}

/* What tells this request from another one: address and body. */
static enum cv_err hash_request(struct cv_call *call) {
    const struct cv_http_request *request = cv_call_request(call);
    struct cv_buf text = {0};
    enum cv_err err = cv_buf_append(&text, request->path.data, request->path.size);
    if (!err) {
        err = cv_buf_append_byte(&text, '\n');
    }
    if (!err) {
        err = cv_buf_append(&text, request->body.data, request->body.size);
    }
    if (!err) {
        cv_secret_hash(call->api->deps.secrets, CV_SECRET_IDEMPOTENCY, cv_buf_slice(&text),
                       &call->idempotency_request);
    }
    cv_buf_release(&text);
    return err;
}

void cv_call_submit_once(struct cv_call *call, const struct cv_store_op *ops, size_t count,
                         const struct cv_id *meeting, int status, json_t *answer) {
    struct cv_slice key;
    struct cv_store_op all[OPS_MAX];
    struct cv_buf sealed = {.limit_bytes = CV_STORE_ANSWER_MAX_BYTES};
    call->answer = answer;
    call->answer_status = status;
    if (!answer) {
        cv_call_error(call, CV_ERR_MEMORY);
        return;
    }
    if (!cv_http_request_header(cv_call_request(call), "idempotency-key", &key)) {
        cv_call_store(call, ops, count, on_done);
        return;
    }
    if (key.size < KEY_MIN || key.size > KEY_MAX) {
        cv_call_fail(call, 422, "idempotency-key", "Idempotency-Key must have 8 to 64 characters.");
        return;
    }
    char *text = json_dumps(answer, JSON_COMPACT);
    enum cv_err err = text ? hash_request(call) : CV_ERR_MEMORY;
    if (!err) {
        err = cv_secret_seal(call->api->deps.secrets, call->api->deps.random, key,
                             cv_slice_str(text), &sealed);
    }
    if (text) {
        cv_wipe(text, strlen(text));
        free(text);
    }
    if (err || count >= OPS_MAX) {
        cv_buf_release(&sealed);
        cv_call_error(call, err ? err : CV_ERR_INTERNAL);
        return;
    }
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_IDEMPOTENCY, key, &call->idempotency_key);
    all[0] =
        (struct cv_store_op){.kind = CV_STORE_IDEMPOTENCY_CLAIM,
                             .idempotency_claim = {
                                 .owner = call->user.id,
                                 .meeting = *meeting,
                                 .key_hash = cv_secret_hash_slice(&call->idempotency_key),
                                 .request_hash = cv_secret_hash_slice(&call->idempotency_request),
                                 .answer = cv_buf_slice(&sealed),
                                 .created_at_us = call->now_us,
                                 .expires_at_us = call->now_us + KEEP_US,
                             }};
    memcpy(&all[1], ops, count * sizeof *ops);
    cv_call_store(call, all, count + 1, on_done);
    cv_buf_release(&sealed);
}
