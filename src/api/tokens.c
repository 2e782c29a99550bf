/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens for WHIP and WHEP: links that programs use, for one meeting and one direction. Their
 * hashes are made with a key of their own, so that a token is no link, and a link no token.
 */
#include "api/call.h"

enum { LIFETIME_HOURS_DEFAULT = 24, LIFETIME_HOURS_MAX = 24 * 366 };

json_t *cv_api_json_token(const struct cv_store_link *token) {
    json_t *json = json_pack("{s:s,s:s,s:o,s:o,s:o}", "id", token->id.text, "use",
                             cv_via_name(token->via), "label", cv_api_json_text(token->label),
                             "created_at", cv_api_json_time(token->created_at_us), "expires_at",
                             cv_api_json_time(token->expires_at_us));
    int failed = !json;
    if (json && token->revoked_at_us) {
        failed |= json_object_set_new(json, "revoked_at", cv_api_json_time(token->revoked_at_us));
    }
    if (json && token->used_at_us) {
        failed |= json_object_set_new(json, "last_used_at", cv_api_json_time(token->used_at_us));
    }
    if (failed) {
        json_decref(json);
        return NULL;
    }
    return json;
}

json_t *cv_api_json_token_url(const struct cv_call *call, const struct cv_store_link *token) {
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
    struct cv_store_link token = {.role = CV_ROLE_GUEST};
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
    cv_api_add_link(call, &token);
}

void cv_api_create_token(struct cv_call *call) {
    cv_call_with_meeting(call, create_token);
}
