/* SPDX-License-Identifier: Apache-2.0 */
#include "api/call.h"

#include <stdlib.h>

static void free_call(struct cv_call *call) {
    cv_input_release(&call->input);
    json_decref(call->answer);
    cv_buf_release(&call->user_texts);
    cv_buf_release(&call->cursor);
    cv_buf_release(&call->to_end);
    cv_wipe(call, sizeof *call);
    free(call);
}

void cv_call_json(struct cv_call *call, int status, json_t *json) {
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    if (!text) {
        cv_call_error(call, CV_ERR_MEMORY);
        return;
    }
    cv_exchange_json(call->exchange, status, cv_slice_str(text));
    cv_wipe(text, strlen(text)); /* answers hold links */
    free(text);
    free_call(call);
}

void cv_call_page(struct cv_call *call, json_t *items, size_t count, struct cv_slice next) {
    bool whole = json_array_size(items) == count;
    json_t *json = json_pack("{s:o}", "items", items);
    if (json && next.size && json_object_set_new(json, "next", cv_api_json_text(next))) {
        whole = false;
    }
    if (!whole) {
        json_decref(json);
        json = NULL;
    }
    cv_call_json(call, 200, json);
}

void cv_call_empty(struct cv_call *call, int status) {
    cv_exchange_reply(call->exchange, status, NULL, (struct cv_slice){NULL, 0});
    free_call(call);
}

void cv_call_problem(struct cv_call *call, const struct cv_problem *problem) {
    cv_exchange_problem(call->exchange, problem);
    free_call(call);
}

void cv_call_fail(struct cv_call *call, int status, const char *name, const char *detail) {
    cv_exchange_fail(call->exchange, status, name, detail);
    free_call(call);
}

void cv_call_not_found(struct cv_call *call) {
    cv_call_fail(call, 404, "not-found", "There is nothing here, or nothing that you may see.");
}

void cv_call_invalid(struct cv_call *call) {
    cv_call_problem(call, &(struct cv_problem){
                              .status = 422,
                              .name = "invalid",
                              .detail = "Some values are missing or not possible.",
                              .errors = call->input.errors,
                              .error_count = call->input.error_count,
                          });
}

void cv_call_error(struct cv_call *call, enum cv_err err) {
    switch (err) {
    case CV_ERR_NOT_FOUND:
        cv_call_not_found(call);
        break;
    case CV_ERR_DENIED:
        cv_call_fail(call, 403, "denied", "You may not do this.");
        break;
    case CV_ERR_STATE:
        cv_call_fail(call, 409, "state", "This is not possible now.");
        break;
    case CV_ERR_EXISTS:
        cv_call_fail(call, 409, "exists", "It is there already.");
        break;
    case CV_ERR_FULL:
        cv_call_fail(call, 409, "full", "There are as many as there can be.");
        break;
    case CV_ERR_RANGE:
    case CV_ERR_SYNTAX:
        cv_call_fail(call, 422, "invalid", "A value is not possible.");
        break;
    default:
        cv_call_problem(call, &(struct cv_problem){
                                  .status = 503,
                                  .name = "unavailable",
                                  .detail = "The server can't do this right now. Try again.",
                                  .retry_after_s = 2,
                              });
        break;
    }
}

bool cv_call_failed(struct cv_call *call, enum cv_err err) {
    if (err) {
        cv_call_error(call, err);
    }
    return err != CV_OK;
}

void cv_call_done(void *context, enum cv_err err) {
    struct cv_call *call = context;
    if (!cv_call_failed(call, err)) {
        cv_call_empty(call, 204);
    }
}

void cv_call_given(struct cv_call *call, enum cv_err err) {
    (void)cv_call_failed(call, err == CV_ERR_FULL ? CV_ERR_AGAIN : err);
}

void cv_call_store(struct cv_call *call, const struct cv_store_op *ops, size_t count,
                   cv_store_done_fn *done) {
    cv_call_given(call, cv_store_submit(call->api->deps.store, ops, count, done, call));
}

void cv_call_hash(struct cv_call *call, struct cv_slice password, cv_api_hashed_fn *done) {
    const struct cv_api_passwords *passwords = &call->api->deps.passwords;
    cv_call_given(call, passwords->hash(passwords->context, password, done, call));
}

void cv_call_verify(struct cv_call *call, struct cv_slice password, struct cv_slice hash,
                    cv_api_done_fn *done) {
    const struct cv_api_passwords *passwords = &call->api->deps.passwords;
    cv_call_given(call, passwords->verify(passwords->context, password, hash, done, call));
}

enum cv_err cv_call_keep_user(struct cv_call *call, const struct cv_store_user *user) {
    const struct cv_slice texts[] = {user->name, user->email, user->password_hash};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        enum cv_err err = cv_buf_append(&call->user_texts, texts[i].data, texts[i].size);
        if (err) {
            return err;
        }
    }
    call->user = *user;
    call->user.name.data = call->user_texts.data;
    call->user.email.data = call->user.name.data + user->name.size;
    call->user.password_hash.data = call->user.email.data + user->email.size;
    return CV_OK;
}

void cv_call_set_cookie(struct cv_call *call, const struct cv_token *token) {
    const struct cv_cookie cookie = {
        .name = CV_API_COOKIE,
        .value = cv_slice_str(token ? token->text : ""),
        .max_age_s = token ? call->api->deps.settings->session_us / CV_US_PER_S : -1,
    };
    cv_exchange_set_cookie(call->exchange, &cookie);
}

void cv_call_source_hash(const struct cv_call *call, struct cv_secret_hash *ret_hash) {
    struct cv_addr source = cv_call_request(call)->client;
    source.port = 0;
    if (source.family == CV_ADDR_V6) { /* one customer has a /64 */
        memset(source.ip + 8, 0, 8);
    }
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_LIMIT, cv_addr_key(&source), ret_hash);
}

bool cv_call_limited(struct cv_call *call, struct cv_limiter *limiter,
                     const struct cv_secret_hash *name) {
    int64_t wait_us =
        cv_limiter_take(limiter, call->api->deps.monotonic_us(), cv_secret_hash_slice(name));
    if (!wait_us) {
        return false;
    }
    cv_call_problem(call, &(struct cv_problem){
                              .status = 429,
                              .name = "too-many",
                              .detail = "Too many attempts. Wait a moment and try again.",
                              .retry_after_s = wait_us / CV_US_PER_S + 1,
                          });
    return true;
}

static void on_meeting(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    cv_call_fn *next = call->next;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    const struct cv_store_meeting *meeting = &answer->results[0].meeting;
    if (!call->local &&
        (cv_id_empty(&meeting->owner) || !cv_id_eq(&meeting->owner, &call->user.id))) {
        cv_call_not_found(call);
        return;
    }
    call->meeting = *meeting;
    call->meeting.owner_name = (struct cv_slice){NULL, 0}; /* the answer's; and it is the user */
    memcpy(call->time_zone, meeting->time_zone.data ? (const char *)meeting->time_zone.data : "",
           meeting->time_zone.size);
    call->time_zone[meeting->time_zone.size] = 0;
    call->meeting.time_zone = cv_slice_str(call->time_zone);
    next(call);
}

void cv_call_signed_out(const struct cv_call *call, const struct cv_secret_hash *only,
                        const struct cv_secret_hash *except) {
    const struct cv_api_meetings *meetings = &call->api->deps.meetings;
    meetings->signed_out(meetings->context, &call->user.id, only, except);
}

void cv_call_with_meeting(struct cv_call *call, cv_call_fn *next) {
    const struct cv_store_op op = {.kind = CV_STORE_MEETING_GET, .meeting_get = {.id = call->id}};
    if (cv_id_empty(&call->id)) {
        cv_call_not_found(call);
        return;
    }
    call->next = next;
    cv_call_store(call, &op, 1, on_meeting);
}
