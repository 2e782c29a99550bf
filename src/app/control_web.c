/* SPDX-License-Identifier: Apache-2.0 */
/* Which part of control a request is for. */
#include "app/control_private.h"

static bool starts_with(struct cv_slice path, const char *prefix) {
    size_t size = strlen(prefix);
    return path.size >= size && !memcmp(path.data, prefix, size);
}

/* The addresses of docs/web-client.md: all are one page, which tells them apart itself. */
static bool is_page(struct cv_slice path) {
    static const char *const pages[] = {"/setup", "/new", "/j", "/call", "/meetings", "/account"};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        size_t size = strlen(pages[i]);
        if (starts_with(path, pages[i]) && (path.size == size || path.data[size] == '/')) {
            return true;
        }
    }
    return false;
}

/* An address of nothing shows the page too, which says so to a person; a program has the status. */
static void serve_page(struct control *control, struct cv_exchange *exchange) {
    const struct cv_http_request *request = cv_exchange_request(exchange);
    bool reads = request->method == CV_HTTP_GET || request->method == CV_HTTP_HEAD;
    bool page = is_page(request->path);
    if (control->web && cv_static_serve(control->web, exchange)) {
        return;
    }
    if (control->web && (page || (reads && !starts_with(request->path, "/assets/"))) &&
        cv_static_serve_name(control->web, exchange, page ? 200 : 404, "/index.html")) {
        return;
    }
    cv_exchange_fail(exchange, 404, "not-found", "There is nothing at this address.");
}

void control_on_request(void *context, struct cv_exchange *exchange) {
    struct control *control = context;
    struct cv_slice path = cv_exchange_request(exchange)->path;
    if (cv_slice_eq_str(path, "/api/v1/signal")) {
        cv_hub_handle(control->hub, exchange);
    } else if (cv_whip_is(path)) {
        cv_whip_handle(control->whip, exchange);
    } else if (starts_with(path, "/api/")) {
        cv_api_handle(control->api, exchange);
    } else if (cv_slice_eq_str(path, "/healthz")) {
        control_serve_health(control, exchange, false);
    } else if (cv_slice_eq_str(path, "/readyz")) {
        control_serve_health(control, exchange, true);
    } else if (cv_slice_eq_str(path, "/metrics")) {
        control_serve_metrics(control, exchange);
    } else {
        serve_page(control, exchange);
    }
}

void control_on_local_request(void *context, struct cv_exchange *exchange) {
    struct control *control = context;
    if (cv_slice_eq_str(cv_exchange_request(exchange)->path, "/metrics")) {
        control_serve_metrics(control, exchange);
    } else {
        cv_api_handle_admin(control->api, exchange);
    }
}

size_t control_body_limit(void *context, const struct cv_http_request *request) {
    return cv_whip_is(request->path) ? CV_WHIP_BODY_BYTES : cv_api_body_limit(request);
}
