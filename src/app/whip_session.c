/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with a session once it is there: trickle, ICE restart, end. */
#include "app/whip_private.h"

#include <stdlib.h>

/* The present ICE session's user name at the server, in quotes; untouched when it isn't known. */
static enum cv_err make_etag(const struct whip_request *request, struct cv_buf *etag) {
    const char *name =
        cv_hub_ice_session(request->whip->deps.hub, &request->meeting, &request->participant);
    return name ? cv_buf_printf(etag, "\"%s\"", name) : CV_ERR_NOT_FOUND;
}

enum cv_err whip_session_add_etag(struct whip_request *request) {
    struct cv_buf etag = {0};
    enum cv_err err = make_etag(request, &etag);
    if (!err) {
        err = cv_exchange_add_header(request->exchange, "etag", cv_buf_slice(&etag));
    }
    cv_buf_release(&etag);
    return err;
}

static void fail_unknown(struct whip_request *request) {
    whip_fail(request, 404, "not-found", "There is no such session; begin a new one.");
}

/* The server was started again a moment ago, and has to hear of the session from a worker. */
static void fail_early(struct whip_request *request) {
    whip_fail(request, 503, "unavailable", "The server could not do this now; try again.");
}

static void on_restarted(void *context, enum cv_err err, const char *problem,
                         struct cv_slice fragment) {
    struct whip_request *request = context;
    if (!err) {
        err = whip_session_add_etag(request);
    }
    if (err == CV_ERR_NOT_FOUND) {
        fail_unknown(request);
    } else if (err) {
        whip_fail_offer(request, err, problem);
    } else {
        whip_answer(request, 200, "application/trickle-ice-sdpfrag", fragment);
    }
}

static void restart(struct whip_request *request) {
    struct cv_slice ufrag;
    struct cv_slice pwd;
    if (cv_whip_credentials(cv_exchange_request(request->exchange)->body, &ufrag, &pwd)) {
        whip_fail(request, 400, "fragment",
                  "An ICE restart needs a=ice-ufrag and a=ice-pwd as in RFC 8839.");
    } else {
        cv_hub_restart(request->whip->deps.hub, &request->meeting, &request->participant, ufrag,
                       on_restarted, request);
    }
}

/* RFC 9725 section 4.3: `If-Match` says which ICE session is meant, "*" that it begins anew. */
static void patch(struct whip_request *request) {
    const struct cv_http_request *http = cv_exchange_request(request->exchange);
    struct cv_buf etag = {0};
    struct cv_slice match;
    if (!cv_http_request_has_type(http, "application/trickle-ice-sdpfrag")) {
        cv_exchange_add_header(request->exchange, "accept-patch",
                               cv_slice_str("application/trickle-ice-sdpfrag"));
        whip_fail(request, 415, "media-type", "The body must be application/trickle-ice-sdpfrag.");
    } else if (!cv_http_request_header(http, "if-match", &match)) {
        whip_fail(request, 428, "if-match", "If-Match must say which ICE session is meant.");
    } else if (make_etag(request, &etag)) {
        if (cv_hub_knows_sessions(request->whip->deps.hub)) {
            fail_unknown(request);
        } else {
            fail_early(request);
        }
    } else if (cv_slice_eq_str(match, "*")) {
        restart(request);
    } else if (!cv_slice_eq(match, cv_buf_slice(&etag))) {
        whip_fail(request, 412, "if-match", "This ICE session is not the present one.");
    } else { /* a server that is ICE-lite learns addresses from checks alone */
        whip_answer(request, 204, NULL, (struct cv_slice){NULL, 0});
    }
    cv_buf_release(&etag);
}

static void on_left(void *context, enum cv_err err) {
    struct whip_request *request = context;
    if (err == CV_ERR_NOT_FOUND) { /* gone meanwhile */
        fail_unknown(request);
    } else if (err) {
        fail_early(request);
    } else {
        whip_answer(request, 200, NULL, (struct cv_slice){NULL, 0});
    }
}

void whip_session_handle(struct whip_request *request) {
    struct cv_hub *hub = request->whip->deps.hub;
    if (!cv_hub_is_in(hub, &request->meeting, &request->participant, &request->link,
                      request->via)) {
        fail_unknown(request);
    } else if (cv_exchange_request(request->exchange)->method == CV_HTTP_PATCH) {
        patch(request);
    } else {
        cv_hub_leave(hub, &request->meeting, &request->participant, on_left, request);
    }
}
