/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens for WHIP and WHEP: links that programs use, for one meeting and one direction. Their
 * hashes are made with a key of their own, so that a token is no link, and a link no token.
 */
#include "api/call.h"

enum { LIFETIME_HOURS_DEFAULT = 24, LIFETIME_HOURS_MAX = 24 * 366 };

static json_t *token_json(const struct cv_store_link *link) {
    json_t *json = json_pack("{s:s,s:s,s:o,s:o,s:o}", "id", link->id.text, "use",
                             cv_via_name(link->via), "label", cv_api_json_text(link->label),
                             "created_at", cv_api_json_time(link->created_at_us), "expires_at",
                             cv_api_json_time(link->expires_at_us));
    int failed = !json;
    if (json && link->revoked_at_us) {
        failed |= json_object_set_new(json, "revoked_at", cv_api_json_time(link->revoked_at_us));
    }
    if (json && link->used_at_us) {
        failed |= json_object_set_new(json, "last_used_at", cv_api_json_time(link->used_at_us));
    }
    if (failed) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static void on_tokens(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err) {
        cv_call_error(call, answer->err);
        return;
    }
    json_t *items = json_array();
    size_t count = 0;
    for (size_t i = 0; i < answer->results[0].links.count; i++) {
        const struct cv_store_link *link = &answer->results[0].links.items[i];
        if (link->via != CV_VIA_CLIENT) {
            json_array_append_new(items, token_json(link));
            count++;
        }
    }
    cv_call_page(call, items, count, (struct cv_slice){NULL, 0});
}

static void list_tokens(struct cv_call *call) {
    const struct cv_store_op op = {.kind = CV_STORE_LINK_LIST, .link_list = {.meeting = call->id}};
    cv_call_store(call, &op, 1, on_tokens);
}

void cv_api_list_tokens(struct cv_call *call) {
    cv_call_with_meeting(call, list_tokens);
}

/* Where the token is used: "ORIGIN/whip/MEETING". */
static json_t *endpoint_json(const struct cv_call *call, const struct cv_store_link *token) {
    struct cv_buf url = {0};
    json_t *json = NULL;
    if (!cv_api_link_origin(call->api->deps.settings, cv_call_request(call), &url) &&
        !cv_buf_printf(&url, "/%s/%s", cv_via_name(token->via), token->meeting.text)) {
        json = cv_api_json_text(cv_buf_slice(&url));
    }
    cv_buf_release(&url);
    return json;
}

static void create_token(struct cv_call *call) {
    struct cv_input *input = &call->input;
    struct cv_store_link token = {
        .meeting = call->id, .role = CV_ROLE_GUEST, .created_at_us = call->now_us};
    struct cv_slice use = cv_input_text(input, "use", CV_INPUT_REQUIRED, 1, 16);
    if (use.size && (cv_via_parse(use, &token.via) || token.via == CV_VIA_CLIENT)) {
        cv_input_error(input, "use", "must be whip or whep");
    }
    token.label = cv_input_text(input, "label", CV_INPUT_REQUIRED, 1, CV_NAME_CHARS);
    token.expires_at_us =
        call->now_us + CV_US_PER_HOUR * cv_input_int(input, "hours", LIFETIME_HOURS_DEFAULT, 1,
                                                     LIFETIME_HOURS_MAX);
    if (!cv_input_finish(input)) {
        cv_call_invalid(call);
        return;
    }
    enum cv_meeting_state state = cv_api_meeting_state(call->api, &call->meeting, call->now_us);
    if (state == CV_STATE_ENDED || state == CV_STATE_EXPIRED) {
        cv_call_fail(call, 409, "state", "The meeting is over.");
        return;
    }
    token.shared = token.via == CV_VIA_WHEP; /* one sends by a token; several may watch */
    cv_id_make(call->api->deps.random, 'l', &token.id);
    cv_token_make(call->api->deps.random, &call->token);
    struct cv_secret_hash hash;
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_MEDIA_TOKEN, cv_slice_str(call->token.text),
                   &hash);
    token.secret_hash = cv_secret_hash_slice(&hash);
    json_t *answer = token_json(&token);
    if (answer && (json_object_set_new(answer, "token", json_string(call->token.text)) ||
                   json_object_set_new(answer, "url", endpoint_json(call, &token)))) {
        json_decref(answer);
        answer = NULL;
    }
    const struct cv_store_op op = {.kind = CV_STORE_LINK_CREATE, .link_create = token};
    cv_call_submit_once(call, &op, 1, &call->id, 201, answer);
}

void cv_api_create_token(struct cv_call *call) {
    cv_call_with_meeting(call, create_token);
}
