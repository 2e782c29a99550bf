/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its handler: path, method, origin, session, body; in this order. */
#include "api/call.h"

#include <stdlib.h>
#include <unistd.h>

/*
 * Whether `path` fits the pattern, in which "{id}" and "{link}" stand for a segment. A segment that
 * can't be an id leaves the empty id: the handler answers as for an unknown one.
 */
static bool match(const char *pattern, struct cv_slice path, struct cv_call *call) {
    const uint8_t *at = path.data;
    const uint8_t *end = path.data + path.size;
    while (*pattern) {
        if (*pattern == '{') {
            const uint8_t *from = at;
            while (at < end && *at != '/') {
                at++;
            }
            struct cv_id *id = pattern[1] == 'i' ? &call->id : &call->link;
            *id = (struct cv_id){0};
            (void)cv_id_parse(cv_slice_of(from, (size_t)(at - from)), id);
            if (at == from) {
                return false;
            }
            pattern = strchr(pattern, '}') + 1;
        } else if (at < end && *at == (uint8_t)*pattern) {
            at++;
            pattern++;
        } else {
            return false;
        }
    }
    return at == end;
}

/* The route, or NULL: then `ret_allow` lists the methods that the path has. */
static const struct cv_route *find_route(const struct cv_routes *routes, struct cv_call *call,
                                         struct cv_buf *allow) {
    const struct cv_http_request *request = cv_call_request(call);
    struct cv_slice path = request->path;
    size_t prefix = strlen(routes->prefix);
    if (path.size < prefix || memcmp(path.data, routes->prefix, prefix) != 0) {
        return NULL;
    }
    path = cv_slice_of(path.data + prefix, path.size - prefix);
    enum cv_http_method method = request->method == CV_HTTP_HEAD ? CV_HTTP_GET : request->method;
    for (const struct cv_route *route = routes->routes; route->path; route++) {
        if (!match(route->path, path, call)) {
            continue;
        }
        if (route->method == method) {
            return route;
        }
        cv_buf_printf(allow, "%s%s", allow->size ? ", " : "", cv_http_method_name(route->method));
    }
    return NULL;
}

static bool is_unsafe(enum cv_http_method method) {
    return method != CV_HTTP_GET && method != CV_HTTP_HEAD && method != CV_HTTP_OPTIONS;
}

/* The last steps; the call may be over afterwards. */
static void run(struct cv_call *call) {
    const struct cv_http_request *request = cv_call_request(call);
    if (call->route->flags & CV_ROUTE_HEAVY) {
        struct cv_secret_hash source;
        cv_call_source_hash(call, &source);
        if (cv_call_limited(call, &call->api->heavy_source, &source)) {
            return;
        }
    }
    if (call->route->flags & CV_ROUTE_BODY) {
        bool typed = cv_http_request_has_type(request, "application/json") ||
                     (call->route->flags & CV_ROUTE_MERGE &&
                      cv_http_request_has_type(request, "application/merge-patch+json"));
        if (!typed) {
            cv_call_fail(call, 415, "media-type", "The body must be application/json.");
            return;
        }
        enum cv_err err = cv_input_parse(&call->input, request->body);
        if (err == CV_ERR_MEMORY) {
            cv_call_error(call, err);
            return;
        }
        if (err) {
            cv_call_fail(call, 400, "json",
                         "The body must be one JSON object, without duplicate names and not deep.");
            return;
        }
    }
    call->route->handle(call);
}

static void on_session(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    enum cv_err err = answer->err;
    if (!err) {
        err = cv_call_keep_user(call, &answer->results[0].session.user);
    }
    if (err == CV_ERR_NOT_FOUND && call->route->flags & CV_ROUTE_MAYBE) {
        run(call);
        return;
    }
    if (err == CV_ERR_NOT_FOUND) {
        cv_call_set_cookie(call, NULL);
        cv_call_fail(call, 401, "signed-out", "Sign in to go on.");
        return;
    }
    if (cv_call_failed(call, err)) {
        return;
    }
    call->signed_in = true;
    if (answer->results[0].session.session.seen_at_us + CV_STORE_COARSE_US <= call->now_us) {
        const struct cv_store_op touch = {
            .kind = CV_STORE_SESSION_TOUCH,
            .session_touch = {.token_hash = cv_secret_hash_slice(&call->session),
                              .seen_at_us = call->now_us}};
        cv_store_submit(call->api->deps.store, &touch, 1, NULL, NULL);
    }
    run(call);
}

static void check_session(struct cv_call *call) {
    bool open = call->route->flags & (CV_ROUTE_OPEN | CV_ROUTE_MAYBE);
    if (call->route->flags & CV_ROUTE_OPEN) {
        run(call);
        return;
    }
    if (!cv_api_session_hash(call->api->deps.secrets, cv_call_request(call), &call->session)) {
        if (open) {
            run(call);
        } else {
            cv_call_fail(call, 401, "signed-out", "Sign in to go on.");
        }
        return;
    }
    const struct cv_store_op find = {
        .kind = CV_STORE_SESSION_FIND,
        .session_find = {.token_hash = cv_secret_hash_slice(&call->session),
                         .now_us = call->now_us}};
    cv_call_store(call, &find, 1, on_session);
}

/* On the local socket: the account that runs the daemon, or root. */
static bool peer_may(const struct cv_http_request *request) {
    return request->has_peer && (request->peer_uid == 0 || request->peer_uid == geteuid());
}

void cv_api_route(struct cv_api *api, struct cv_exchange *exchange,
                  const struct cv_routes *routes) {
    const struct cv_http_request *request = cv_exchange_request(exchange);
    struct cv_call *call = calloc(1, sizeof *call);
    if (!call) {
        cv_exchange_fail(exchange, 503, "unavailable", "The server has no memory for this now.");
        return;
    }
    call->api = api;
    call->exchange = exchange;
    call->local = routes->local;
    call->now_us = api->deps.wall_us();
    struct cv_buf allow = {0};
    call->route = find_route(routes, call, &allow);
    if (!call->route && allow.size) {
        cv_exchange_add_header(exchange, "allow", cv_buf_slice(&allow));
        cv_call_fail(call, 405, "method", "This address knows other methods only.");
    } else if (routes->local && !peer_may(request)) {
        cv_call_fail(call, 403, "denied", "Only root and the daemon's own account may ask here.");
    } else if (!call->route) {
        cv_call_not_found(call);
    } else if (routes->local) {
        run(call);
    } else if (is_unsafe(request->method) && !cv_api_origin_is_own(api->deps.settings, request)) {
        cv_call_fail(call, 403, "origin", "The request must come from the server's own pages.");
    } else {
        check_session(call);
    }
    cv_buf_release(&allow);
}
