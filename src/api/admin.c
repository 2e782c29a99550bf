/* SPDX-License-Identifier: Apache-2.0 */
/* What the administrator's socket offers. Who may ask is checked by the router. */
#include "api/call.h"

void cv_api_set_admin_facts(struct cv_api *api, const struct cv_admin_facts *facts) {
    api->facts = facts;
}

static void get_status(struct cv_call *call) {
    cv_call_json(call, 200, call->api->facts->status(call->api->facts->context));
}

/* --- accounts --- */

static void on_users(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    const struct cv_store_result *result = &answer->results[0];
    json_t *items = json_array();
    for (size_t i = 0; i < result->users.count; i++) {
        json_array_append_new(items, cv_api_json_user(&result->users.items[i]));
    }
    cv_call_page(call, items, result->users.count, result->users.next);
}

static void list_users(struct cv_call *call) {
    struct cv_store_op op = {.kind = CV_STORE_USER_LIST};
    cv_query_page(call, CV_STORE_PAGE_MAX, &op.user_list.limit, &op.user_list.cursor);
    cv_query_submit(call, &op, on_users);
}

static void on_user_added(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err == CV_ERR_EXISTS) {
        cv_call_fail(call, 409, "exists", "This e-mail address belongs to an account already.");
        return;
    }
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    if (call->user.role == CV_STORE_ACCOUNT_ADMIN) {
        call->api->admin = CV_ADMIN_THERE;
    }
    cv_call_json(call, 201, cv_api_json_user(&call->user));
}

static void on_user_hash(void *context, enum cv_err err, const char *hash) {
    struct cv_call *call = context;
    if (cv_call_failed(call, err)) {
        return;
    }
    call->user.password_hash = cv_slice_str(hash);
    const struct cv_store_op op = {.kind = CV_STORE_USER_CREATE, .user_create = call->user};
    cv_call_store(call, &op, 1, on_user_added);
}

static void add_user(struct cv_call *call) {
    struct cv_input *input = &call->input;
    call->user = (struct cv_store_user){
        .name = cv_input_text(input, "name", CV_INPUT_REQUIRED, 1, CV_NAME_CHARS),
        .email = cv_input_email(input),
        .created_at_us = call->now_us};
    struct cv_slice role = cv_input_text(input, "role", CV_INPUT_REQUIRED, 1, 16);
    struct cv_slice password =
        cv_input_secret(input, "password", CV_INPUT_PASSWORD_MIN, CV_INPUT_PASSWORD_MAX);
    call->user.role =
        cv_slice_eq_str(role, "admin") ? CV_STORE_ACCOUNT_ADMIN : CV_STORE_ACCOUNT_USER;
    if (role.size && !cv_slice_eq_str(role, "admin") && !cv_slice_eq_str(role, "user")) {
        cv_input_error(input, "role", "must be admin or user");
    }
    if (!cv_input_finish(input)) {
        cv_call_invalid(call);
        return;
    }
    cv_id_make(call->api->deps.random, 'u', &call->user.id);
    cv_call_hash(call, password, on_user_hash);
}

static void on_user_found(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err == CV_ERR_NOT_FOUND) {
        cv_call_fail(call, 404, "not-found", "There is no account with this e-mail address.");
        return;
    }
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    call->user = (struct cv_store_user){.id = answer->results[0].user.id};
    cv_api_set_password(call, cv_input_again(&call->input, "password"));
}

static void set_password(struct cv_call *call) {
    struct cv_slice email = cv_input_email(&call->input);
    cv_input_secret(&call->input, "password", CV_INPUT_PASSWORD_MIN, CV_INPUT_PASSWORD_MAX);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    const struct cv_store_op op = {.kind = CV_STORE_USER_BY_EMAIL,
                                   .user_by_email = {.email = email}};
    cv_call_store(call, &op, 1, on_user_found);
}

/* --- links --- */

static void on_setup_made(void *context, enum cv_err err, const struct cv_token *token) {
    struct cv_call *call = context;
    if (err == CV_ERR_STATE) {
        cv_call_fail(call, 409, "state", "There is an administrator already.");
    } else if (!cv_call_failed(call, err)) {
        cv_call_json(call, 201,
                     json_pack("{s:o}", "url", cv_api_json_link_url(call, "/setup", token)));
    }
}

static void make_setup_link(struct cv_call *call) {
    cv_call_given(call, cv_api_make_setup(call->api, on_setup_made, call));
}

static const struct cv_route admin_routes[] = {
    {CV_HTTP_GET, "/status", 0, get_status},
    {CV_HTTP_GET, "/users", 0, list_users},
    {CV_HTTP_POST, "/users", CV_ROUTE_BODY, add_user},
    {CV_HTTP_POST, "/users/password", CV_ROUTE_BODY, set_password},
    {CV_HTTP_POST, "/users/delete", CV_ROUTE_BODY, cv_api_delete_user},
    {CV_HTTP_POST, "/setup-link", 0, make_setup_link},
    {CV_HTTP_POST, "/instant", 0, cv_api_make_instant_for_call},
    {CV_HTTP_GET, "/records", 0, cv_api_list_all_records},
    {CV_HTTP_GET, "/meetings/{id}/tokens", 0, cv_api_list_tokens},
    {CV_HTTP_POST, "/meetings/{id}/tokens", CV_ROUTE_BODY, cv_api_create_token},
    {CV_HTTP_DELETE, "/meetings/{id}/tokens/{link}", 0, cv_api_revoke_token},
    {CV_HTTP_GET, NULL, 0, NULL},
};

static const struct cv_routes admin_table = {
    .prefix = "/admin/v1", .routes = admin_routes, .local = true};

void cv_api_handle_admin(struct cv_api *api, struct cv_exchange *exchange) {
    cv_api_route(api, exchange, &admin_table);
}
