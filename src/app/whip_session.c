/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with a session once it is there: trickle, ICE restart, end. */
#include "app/whip_private.h"

#include <stdio.h>
#include <stdlib.h>

static void session_free(struct whip_session *session) {
    cv_buf_release(&session->offer);
    free(session);
}

struct whip_session *whip_session_find(struct cv_whip *whip, const struct cv_id *participant) {
    return cv_map_get(&whip->sessions, cv_slice_str(participant->text));
}

void whip_session_remove(struct cv_whip *whip, const struct cv_id *participant) {
    struct whip_session *session = cv_map_remove(&whip->sessions, cv_slice_str(participant->text));
    if (session) {
        session_free(session);
    }
}

static struct whip_session *find_over(struct cv_whip *whip) {
    struct whip_session *session;
    size_t cursor = 0;
    while ((session = cv_map_next(&whip->sessions, &cursor))) {
        if (!cv_hub_is_in(whip->deps.hub, &session->meeting, &session->participant, &session->link,
                          session->via)) {
            return session;
        }
    }
    return NULL;
}

void whip_session_set_etag(struct whip_session *session) {
    snprintf(session->etag, sizeof session->etag, "\"%u\"", session->restarts + 1);
}

enum cv_err whip_session_add(struct whip_request *request, struct cv_slice offer) {
    struct cv_whip *whip = request->whip;
    struct whip_session *over;
    while ((over = find_over(whip))) {
        whip_session_remove(whip, &over->participant);
    }
    struct whip_session *session = calloc(1, sizeof *session);
    if (!session) {
        return CV_ERR_MEMORY;
    }
    session->meeting = request->meeting;
    session->participant = request->participant;
    session->link = request->link;
    session->via = request->via;
    whip_session_set_etag(session);
    enum cv_err err = cv_buf_append(&session->offer, offer.data, offer.size);
    if (!err) {
        err = cv_map_insert(&whip->sessions, cv_slice_str(session->participant.text), session);
    }
    if (err) {
        session_free(session);
    }
    return err;
}

static void on_restarted(void *context, enum cv_err err, const char *problem, struct cv_slice sdp) {
    struct whip_request *request = context;
    struct whip_session *session = whip_session_find(request->whip, &request->participant);
    struct cv_buf fragment = {0};
    if (err) {
        whip_fail_offer(request, err, problem);
    } else if (!session || cv_whip_fragment(sdp, &fragment)) {
        whip_fail(request, 503, "unavailable", "The session is gone; begin a new one.");
    } else {
        session->restarts++;
        whip_session_set_etag(session);
        struct cv_buf before = session->offer;
        session->offer = request->offer;
        request->offer = before;
        cv_exchange_add_header(request->exchange, "etag", cv_slice_str(session->etag));
        whip_answer(request, 200, "application/trickle-ice-sdpfrag", cv_buf_slice(&fragment));
    }
    cv_buf_release(&fragment);
}

static void restart(struct whip_request *request, const struct whip_session *session) {
    struct cv_slice ufrag;
    struct cv_slice pwd;
    enum cv_err err =
        cv_whip_credentials(cv_exchange_request(request->exchange)->body, &ufrag, &pwd);
    if (!err) {
        err = cv_whip_restart(cv_buf_slice(&session->offer), ufrag, pwd, &request->offer);
    }
    if (err == CV_ERR_MEMORY) {
        whip_fail(request, 503, "unavailable", "The server has no memory for this now.");
    } else if (err) {
        whip_fail(request, 400, "fragment",
                  "An ICE restart needs a=ice-ufrag and a=ice-pwd as in RFC 8839.");
    } else {
        cv_hub_offer(request->whip->deps.hub, &request->meeting, &request->participant,
                     cv_slice_str("whip"), cv_buf_slice(&request->offer), &request->only,
                     on_restarted, request);
    }
}

/* RFC 9725 section 4.3: `If-Match` says which ICE session is meant, "*" that it begins anew. */
static void patch(struct whip_request *request) {
    const struct cv_http_request *http = cv_exchange_request(request->exchange);
    struct whip_session *session = whip_session_find(request->whip, &request->participant);
    struct cv_slice match;
    if (!cv_http_request_has_type(http, "application/trickle-ice-sdpfrag")) {
        cv_exchange_add_header(request->exchange, "accept-patch",
                               cv_slice_str("application/trickle-ice-sdpfrag"));
        whip_fail(request, 415, "media-type", "The body must be application/trickle-ice-sdpfrag.");
    } else if (!cv_http_request_header(http, "if-match", &match)) {
        whip_fail(request, 428, "if-match", "If-Match must say which ICE session is meant.");
    } else if (!session) {
        whip_fail(request, 404, "not-found", "There is no such session; begin a new one.");
    } else if (cv_slice_eq_str(match, "*")) {
        request->only = (struct cv_id){0};
        restart(request, session);
    } else if (!cv_slice_eq_str(match, session->etag)) {
        whip_fail(request, 412, "if-match", "This ICE session is not the present one.");
    } else { /* a server that is ICE-lite learns addresses from checks alone */
        whip_answer(request, 204, NULL, (struct cv_slice){NULL, 0});
    }
}

void whip_session_handle(struct whip_request *request) {
    struct cv_hub *hub = request->whip->deps.hub;
    if (!cv_hub_is_in(hub, &request->meeting, &request->participant, &request->link,
                      request->via)) {
        whip_fail(request, 404, "not-found", "There is no such session.");
    } else if (cv_exchange_request(request->exchange)->method == CV_HTTP_PATCH) {
        patch(request);
    } else {
        cv_hub_leave(hub, &request->meeting, &request->participant);
        whip_session_remove(request->whip, &request->participant);
        whip_answer(request, 200, NULL, (struct cv_slice){NULL, 0});
    }
}
