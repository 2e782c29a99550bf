/* SPDX-License-Identifier: Apache-2.0 */
#include "api/call.h"

#include <stdlib.h>

enum { BODY_BYTES = 16 * 1024 };

static const struct cv_route public_routes[] = {
    {CV_HTTP_GET, "/server", CV_ROUTE_OPEN, cv_api_server},
    {CV_HTTP_POST, "/setup/check", CV_ROUTE_OPEN | CV_ROUTE_BODY | CV_ROUTE_HEAVY,
     cv_api_check_setup},
    {CV_HTTP_POST, "/setup", CV_ROUTE_OPEN | CV_ROUTE_BODY | CV_ROUTE_HEAVY, cv_api_set_up},
    {CV_HTTP_POST, "/session", CV_ROUTE_OPEN | CV_ROUTE_BODY, cv_api_sign_in},
    {CV_HTTP_GET, "/session", 0, cv_api_get_session},
    {CV_HTTP_DELETE, "/session", 0, cv_api_sign_out},
    {CV_HTTP_DELETE, "/sessions", 0, cv_api_sign_out_everywhere},
    {CV_HTTP_POST, "/me/password", CV_ROUTE_BODY, cv_api_change_password},
    {CV_HTTP_GET, "/meetings", 0, cv_api_list_meetings},
    {CV_HTTP_POST, "/meetings", CV_ROUTE_BODY, cv_api_create_meeting},
    {CV_HTTP_GET, "/meetings/{id}", 0, cv_api_get_meeting},
    {CV_HTTP_PATCH, "/meetings/{id}", CV_ROUTE_BODY | CV_ROUTE_MERGE, cv_api_update_meeting},
    {CV_HTTP_DELETE, "/meetings/{id}", 0, cv_api_delete_meeting},
    {CV_HTTP_POST, "/meetings/{id}/end", 0, cv_api_end_meeting},
    {CV_HTTP_GET, "/meetings/{id}/links", 0, cv_api_list_links},
    {CV_HTTP_POST, "/meetings/{id}/links", CV_ROUTE_BODY, cv_api_create_link},
    {CV_HTTP_DELETE, "/meetings/{id}/links/{link}", 0, cv_api_revoke_link},
    {CV_HTTP_GET, "/meetings/{id}/tokens", 0, cv_api_list_tokens},
    {CV_HTTP_POST, "/meetings/{id}/tokens", CV_ROUTE_BODY, cv_api_create_token},
    {CV_HTTP_DELETE, "/meetings/{id}/tokens/{link}", 0, cv_api_revoke_token},
    {CV_HTTP_GET, "/meetings/{id}/records", 0, cv_api_list_records},
    {CV_HTTP_POST, "/instant", CV_ROUTE_MAYBE | CV_ROUTE_HEAVY, cv_api_create_instant},
    {CV_HTTP_POST, "/links/resolve", CV_ROUTE_OPEN | CV_ROUTE_BODY | CV_ROUTE_HEAVY,
     cv_api_resolve_link},
    {CV_HTTP_GET, NULL, 0, NULL},
};

static const struct cv_routes public_table = {.prefix = "/api/v1", .routes = public_routes};

struct cv_api *cv_api_new(const struct cv_api_deps *deps) {
    struct cv_api *api = calloc(1, sizeof *api);
    if (!api) {
        return NULL;
    }
    api->deps = *deps;
    /* 20 sign-ins at once and 2 a minute from one source; 10 and 1 a minute on one account. */
    cv_limiter_init(&api->sign_in_source, 20, 30 * CV_US_PER_S);
    cv_limiter_init(&api->sign_in_account, 10, 60 * CV_US_PER_S);
    /* What strangers may ask and costs the store something: 120 at once, 2 a second. */
    cv_limiter_init(&api->heavy_source, 120, CV_US_PER_S / 2);
    return api;
}

struct cv_api *cv_api_free(struct cv_api *api) {
    free(api);
    return NULL;
}

void cv_api_handle(struct cv_api *api, struct cv_exchange *exchange) {
    cv_api_route(api, exchange, &public_table);
}

size_t cv_api_body_limit(const struct cv_http_request *request) {
    return BODY_BYTES;
}

/* --- what a visitor needs to know --- */

static void answer_server(struct cv_call *call) {
    const struct cv_api_settings *settings = call->api->deps.settings;
    static const char *const instant[] = {"anyone", "accounts", "off"};
    cv_call_json(call, 200,
                 json_pack("{s:s,s:s,s:s,s:I,s:b,s:o}", "name", settings->name, "version",
                           CV_VERSION, "instant", instant[settings->instant], "places",
                           (json_int_t)(settings->places > 0 ? settings->places : 2),
                           "setup_needed", call->api->admin != CV_ADMIN_THERE, "time",
                           cv_api_json_time(call->now_us)));
}

static void on_counted(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    if (call->api->admin == CV_ADMIN_UNKNOWN) {
        call->api->admin =
            answer->results[0].user_count.admins > 0 ? CV_ADMIN_THERE : CV_ADMIN_NONE;
    }
    answer_server(call);
}

void cv_api_server(struct cv_call *call) {
    if (call->api->admin == CV_ADMIN_UNKNOWN) {
        const struct cv_store_op op = {.kind = CV_STORE_USER_COUNT};
        cv_call_store(call, &op, 1, on_counted);
        return;
    }
    answer_server(call);
}
