/* SPDX-License-Identifier: Apache-2.0 */
/* Links: who may enter a meeting, and what a stranger with a token learns. */
#include "api/call.h"

static bool is_wanted(const struct cv_call *call, const struct cv_store_link *link) {
    return (link->via != CV_VIA_CLIENT) == call->of_token;
}

static json_t *json_of(const struct cv_store_link *link) {
    return link->via == CV_VIA_CLIENT ? cv_api_json_link(link) : cv_api_json_token(link);
}

/* --- listing --- */

static void on_links(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    json_t *items = json_array();
    size_t count = 0;
    for (size_t i = 0; i < answer->results[0].links.count; i++) {
        const struct cv_store_link *link = &answer->results[0].links.items[i];
        if (is_wanted(call, link)) {
            json_array_append_new(items, json_of(link));
            count++;
        }
    }
    cv_call_page(call, items, count, (struct cv_slice){NULL, 0});
}

static void list_links(struct cv_call *call) {
    const struct cv_store_op op = {.kind = CV_STORE_LINK_LIST, .link_list = {.meeting = call->id}};
    cv_call_store(call, &op, 1, on_links);
}

void cv_api_list_links(struct cv_call *call) {
    cv_call_with_meeting(call, list_links);
}

void cv_api_list_tokens(struct cv_call *call) {
    call->of_token = true;
    cv_call_with_meeting(call, list_links);
}

/* --- making and revoking --- */

/* The link with its secret, as its maker gets to see it. */
static json_t *made_json(const struct cv_call *call, const struct cv_store_link *link) {
    bool is_token = link->via != CV_VIA_CLIENT;
    json_t *json = json_of(link);
    if (json && (json_object_set_new(json, "url",
                                     is_token ? cv_api_json_token_url(call, link)
                                              : cv_api_json_link_url(call, "/j", &call->token)) ||
                 (is_token && json_object_set_new(json, "token", json_string(call->token.text))))) {
        json_decref(json);
        return NULL;
    }
    return json;
}

void cv_api_add_link(struct cv_call *call, const struct cv_store_link *link) {
    struct cv_secret_hash hash;
    struct cv_store_op op = {.kind = CV_STORE_LINK_CREATE, .link_create = *link};
    struct cv_store_link *made = &op.link_create;
    cv_id_make(call->api->deps.random, 'l', &made->id);
    cv_token_make(call->api->deps.random, &call->token);
    cv_secret_hash(call->api->deps.secrets,
                   link->via == CV_VIA_CLIENT ? CV_SECRET_LINK : CV_SECRET_MEDIA_TOKEN,
                   cv_slice_str(call->token.text), &hash);
    made->meeting = call->id;
    made->created_at_us = call->now_us;
    made->secret_hash = cv_secret_hash_slice(&hash);
    cv_call_submit_once(call, &op, 1, &call->id, 201, made_json(call, made));
}

static void create_link(struct cv_call *call) {
    struct cv_input *input = &call->input;
    struct cv_store_link link = {.via = CV_VIA_CLIENT};
    struct cv_slice role = cv_input_text(input, "role", CV_INPUT_REQUIRED, 1, 16);
    if (role.size && (cv_role_parse(role, &link.role) || link.role == CV_ROLE_HOST)) {
        cv_input_error(input, "role", "must be moderator, participant or guest");
    }
    link.label = cv_input_text(input, "label", CV_INPUT_OPTIONAL, 0, CV_NAME_CHARS);
    link.shared = cv_input_bool(input, "shared", false);
    if (!cv_input_finish(input)) {
        cv_call_invalid(call);
        return;
    }
    enum cv_meeting_state state = cv_api_meeting_state(call->api, &call->meeting, call->now_us);
    if (!cv_policy_may(CV_ROLE_HOST, CV_ACTION_INVITE, state)) {
        cv_call_fail(call, 409, "state", "The meeting is over.");
        return;
    }
    cv_api_add_link(call, &link);
}

void cv_api_create_link(struct cv_call *call) {
    cv_call_with_meeting(call, create_link);
}

static void on_links_to_revoke(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    bool found = false;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    for (size_t i = 0; i < answer->results[0].links.count && !found; i++) {
        const struct cv_store_link *link = &answer->results[0].links.items[i];
        found = cv_id_eq(&link->id, &call->link) && is_wanted(call, link);
    }
    if (!found) {
        cv_call_not_found(call);
        return;
    }
    call->op = (struct cv_store_op){
        .kind = CV_STORE_LINK_REVOKE,
        .link_revoke = {.meeting = call->id, .id = call->link, .revoked_at_us = call->now_us}};
    call->command = (struct cv_command){.type = CV_COMMAND_LINK_REVOKED, .link = call->link};
    call->api->deps.meetings.command(call->api->deps.meetings.context, &call->id, &call->command,
                                     &call->op, 1, cv_call_done, call);
}

/* The link is looked for first: its revocation goes into one batch with what the meeting does about
 * it, and that must not fail for a reason as harmless as a wrong id. */
static void revoke_link(struct cv_call *call) {
    const struct cv_store_op op = {.kind = CV_STORE_LINK_LIST, .link_list = {.meeting = call->id}};
    cv_call_store(call, &op, 1, on_links_to_revoke);
}

void cv_api_revoke_link(struct cv_call *call) {
    cv_call_with_meeting(call, revoke_link);
}

void cv_api_revoke_token(struct cv_call *call) {
    call->of_token = true;
    cv_call_with_meeting(call, revoke_link);
}

/* --- what a token leads to --- */

static json_t *resolved_json(struct cv_call *call, const struct cv_store_link *link,
                             const struct cv_store_meeting *meeting) {
    json_t *json = cv_api_json_meeting(call->api, meeting, call->now_us);
    /* Who holds a link learns what helps to enter, and nothing of who is in. */
    static const char *const private_members[] = {"id", "present", "locked", "created_at",
                                                  "ended_at"};
    for (size_t i = 0; json && i < sizeof private_members / sizeof *private_members; i++) {
        json_object_del(json, private_members[i]);
    }
    int failed = !json;
    if (json) {
        int64_t days = call->api->deps.settings->record_keep_us / CV_US_PER_DAY;
        failed |= json_object_set_new(json, "role", json_string(cv_role_name(link->role)));
        failed |= json_object_set_new(json, "retention",
                                      json_pack("{s:I}", "records_days", (json_int_t)days));
        if (link->label.size) {
            failed |= json_object_set_new(json, "label", cv_api_json_text(link->label));
        }
        if (meeting->owner_name.size) {
            failed |= json_object_set_new(json, "host_name", cv_api_json_text(meeting->owner_name));
        }
    }
    if (failed) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static void on_resolved(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err == CV_ERR_NOT_FOUND) {
        cv_call_fail(call, 404, "unknown-link",
                     "This link is not valid. Ask whoever sent it for a new one.");
    } else if (!cv_call_failed(call, answer->err)) {
        cv_call_json(
            call, 200,
            resolved_json(call, &answer->results[0].link.link, &answer->results[0].link.meeting));
    }
}

void cv_api_resolve_link(struct cv_call *call) {
    struct cv_slice token = cv_input_secret(&call->input, "token", 0, 1024);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    struct cv_secret_hash hash;
    cv_secret_hash(call->api->deps.secrets, CV_SECRET_LINK, token, &hash);
    const struct cv_store_op op = {.kind = CV_STORE_LINK_RESOLVE,
                                   .link_resolve = {.secret_hash = cv_secret_hash_slice(&hash)}};
    cv_call_store(call, &op, 1, on_resolved);
}
