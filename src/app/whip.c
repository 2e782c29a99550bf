/* SPDX-License-Identifier: Apache-2.0 */
#include "app/whip_private.h"

#include <stdlib.h>

struct cv_whip *cv_whip_new(const struct cv_whip_deps *deps) {
    struct cv_whip *whip = calloc(1, sizeof *whip);
    if (whip) {
        whip->deps = *deps;
    }
    return whip;
}

struct cv_whip *cv_whip_free(struct cv_whip *whip) {
    free(whip);
    return NULL;
}

/* --- answering --- */

/* Tokens are in a header of their own, never in cookies: pages of any origin may use them. */
static void allow_origins(struct cv_exchange *exchange) {
    cv_exchange_add_header(exchange, "access-control-allow-origin", cv_slice_str("*"));
    cv_exchange_add_header(exchange, "access-control-expose-headers",
                           cv_slice_str("location, link, etag"));
}

void whip_fail(struct whip_request *request, int status, const char *name, const char *detail) {
    allow_origins(request->exchange);
    cv_exchange_problem(request->exchange,
                        &(struct cv_problem){.status = status,
                                             .name = name,
                                             .detail = detail,
                                             .retry_after_s = status == 503 ? 10 : 0});
    free(request);
}

void whip_answer(struct whip_request *request, int status, const char *type, struct cv_slice body) {
    allow_origins(request->exchange);
    cv_exchange_reply(request->exchange, status, type, body);
    free(request);
}

void whip_fail_offer(struct whip_request *request, enum cv_err err, const char *problem) {
    if (err == CV_ERR_SYNTAX) {
        whip_fail(request, 400, "bad-offer", *problem ? problem : "The body is no SDP.");
    } else if (err < CV_ERR_SYNTAX && err > CV_ERR_DENIED) {
        whip_fail(request, 422, "bad-offer",
                  *problem ? problem : "The server can't answer this offer.");
    } else if (err == CV_ERR_FULL) {
        whip_fail(request, 503, "full", "The server has no room for another connection now.");
    } else {
        whip_fail(request, 503, "unavailable", "The server could not answer now; try again.");
    }
}

static void fail_entry(struct whip_request *request, enum cv_err err, enum cv_refusal refusal) {
    static const struct {
        int status;
        const char *name;
        const char *detail;
    } refusals[] = {
        [CV_REFUSAL_NONE] = {401, "token", "The token is not valid."},
        [CV_REFUSAL_TOO_EARLY] = {403, "too-early", "The meeting is not open yet."},
        [CV_REFUSAL_ENDED] = {403, "ended", "The meeting has ended."},
        [CV_REFUSAL_EXPIRED] = {403, "expired", "The time for this meeting is over."},
        [CV_REFUSAL_LOCKED] = {403, "locked", "The meeting is locked: nobody else can enter now."},
        [CV_REFUSAL_FULL] = {503, "full", "There is no place left in the meeting."},
        [CV_REFUSAL_BLOCKED] = {403, "blocked", "This token was shut out of the meeting."},
        [CV_REFUSAL_RESUME_FAILED] = {404, "not-found", "There is no such session."},
        [CV_REFUSAL_NO_RELAY] = {409, "no-relay", "This meeting does not go through the server."},
    };
    if (refusal != CV_REFUSAL_NONE || err == CV_ERR_NOT_FOUND) {
        whip_fail(request, refusals[refusal].status, refusals[refusal].name,
                  refusals[refusal].detail);
    } else {
        whip_fail(request, 503, "unavailable", "The server could not do this now; try again.");
    }
}

/* --- entering: a place, then an answer to the offer --- */

static void add_ice_servers(struct whip_request *request) {
    const struct cv_whip_deps *deps = &request->whip->deps;
    const struct cv_http_request *http = cv_exchange_request(request->exchange);
    struct cv_ice_servers ice;
    char host[256] = "";
    struct cv_slice authority = deps->settings->origin_is_fixed
                                    ? cv_slice_str(deps->settings->origin + strlen("https://"))
                                    : http->authority;
    const uint8_t *colon = authority.size ? memrchr(authority.data, ':', authority.size) : NULL;
    size_t size = colon && authority.data[authority.size - 1] != ']'
                      ? (size_t)(colon - authority.data)
                      : authority.size;
    if (size < sizeof host && size) {
        memcpy(host, authority.data, size);
    }
    if (cv_ice_make(deps->ice, host, &request->participant, false, cv_loop_wall_us(deps->loop),
                    &ice)) {
        return;
    }
    for (size_t i = 0; i < ice.ice.server_count; i++) {
        const struct cv_signal_ice_server *server = &ice.ice.servers[i];
        for (size_t j = 0; server->urls[j]; j++) {
            struct cv_buf link = {0};
            enum cv_err err = cv_buf_printf(&link, "<%s>; rel=\"ice-server\"", server->urls[j]);
            if (!err && server->username) {
                err = cv_buf_printf(&link,
                                    "; username=\"%s\"; credential=\"%s\"; "
                                    "credential-type=\"password\"",
                                    server->username, server->credential);
            }
            if (!err) {
                cv_exchange_add_header(request->exchange, "link", cv_buf_slice(&link));
            }
            cv_buf_release(&link);
        }
    }
}

static enum cv_err add_location(struct whip_request *request) {
    struct cv_buf location = {0};
    enum cv_err err = cv_api_link_origin(request->whip->deps.settings,
                                         cv_exchange_request(request->exchange), &location);
    if (!err) {
        err = cv_buf_printf(&location, "/%s/%s/session/%s", cv_via_name(request->via),
                            request->meeting.text, request->participant.text);
    }
    if (!err) {
        err = cv_exchange_add_header(request->exchange, "location", cv_buf_slice(&location));
    }
    cv_buf_release(&location);
    return err;
}

static void on_answered(void *context, enum cv_err err, const char *problem, struct cv_slice sdp) {
    struct whip_request *request = context;
    struct cv_hub *hub = request->whip->deps.hub;
    if (!err) {
        err = whip_session_add_etag(request);
    }
    if (!err) {
        err = add_location(request);
    }
    if (err) {
        cv_hub_leave(hub, &request->meeting, &request->participant, NULL, NULL);
        whip_fail_offer(request, err, problem);
        return;
    }
    add_ice_servers(request);
    cv_exchange_add_header(request->exchange, "accept-patch",
                           cv_slice_str("application/trickle-ice-sdpfrag"));
    whip_answer(request, 201, "application/sdp", sdp);
}

static void on_entered(void *context, enum cv_err err, enum cv_refusal refusal,
                       const struct cv_id *participant) {
    struct whip_request *request = context;
    struct cv_slice offer = cv_exchange_request(request->exchange)->body;
    struct cv_hub *hub = request->whip->deps.hub;
    if (err) {
        fail_entry(request, err, refusal);
        return;
    }
    request->participant = *participant;
    if (request->via == CV_VIA_WHIP) {
        cv_hub_media(hub, &request->meeting, participant, cv_whip_media(offer));
    }
    cv_hub_offer(hub, &request->meeting, participant, cv_slice_str("whip"), offer, &request->only,
                 on_answered, request);
}

static void enter(struct whip_request *request, const struct cv_store_link *link) {
    const struct cv_hub_entry entry = {
        .meeting = request->meeting,
        .join = {.link = link->id,
                 .shared = link->shared,
                 .role = link->role,
                 .via = request->via,
                 .name = link->label,
                 .until_us = link->expires_at_us},
        .client = cv_exchange_request(request->exchange)->client,
        .entered = on_entered,
        .context = request,
    };
    if (cv_hub_enter(request->whip->deps.hub, &entry)) {
        whip_fail(request, 503, "unavailable", "The server has no memory for this now.");
    }
}

/* --- who asks, and for what --- */

static void fail_token(struct whip_request *request) {
    cv_exchange_add_header(request->exchange, "www-authenticate",
                           cv_slice_str("Bearer error=\"invalid_token\""));
    whip_fail(request, 401, "token", "The token is not valid, or no longer.");
}

static void on_token(void *context, const struct cv_store_answer *answer) {
    struct whip_request *request = context;
    if (answer->err == CV_ERR_NOT_FOUND) {
        fail_token(request);
        return;
    }
    if (answer->err) {
        whip_fail(request, 503, "unavailable", "The server could not do this now; try again.");
        return;
    }
    const struct cv_store_link *link = &answer->results[0].link.link;
    if (link->expires_at_us && link->expires_at_us <= cv_loop_wall_us(request->whip->deps.loop)) {
        fail_token(request);
    } else if (link->via != request->via || !cv_id_eq(&link->meeting, &request->meeting)) {
        whip_fail(request, 403, "token", "The token is for another meeting or direction.");
    } else {
        request->link = link->id;
        if (request->of_session) {
            whip_session_handle(request);
        } else {
            enter(request, link);
        }
    }
}

static void check_token(struct whip_request *request) {
    const struct cv_whip_deps *deps = &request->whip->deps;
    struct cv_secret_hash hash;
    struct cv_slice token;
    if (!cv_http_request_bearer(cv_exchange_request(request->exchange), &token)) {
        cv_exchange_add_header(request->exchange, "www-authenticate", cv_slice_str("Bearer"));
        whip_fail(request, 401, "token", "A bearer token is needed.");
        return;
    }
    cv_secret_hash(deps->secrets, CV_SECRET_MEDIA_TOKEN, token, &hash);
    const struct cv_store_op op = {.kind = CV_STORE_LINK_RESOLVE,
                                   .link_resolve = {.secret_hash = cv_secret_hash_slice(&hash)}};
    if (cv_store_submit(deps->store, &op, 1, on_token, request)) {
        whip_fail(request, 503, "unavailable", "The server could not do this now; try again.");
    }
}

static void answer_options(struct whip_request *request) {
    bool session = request->of_session;
    cv_exchange_add_header(request->exchange, "allow",
                           cv_slice_str(session ? "DELETE, OPTIONS, PATCH" : "OPTIONS, POST"));
    cv_exchange_add_header(
        request->exchange, session ? "accept-patch" : "accept-post",
        cv_slice_str(session ? "application/trickle-ice-sdpfrag" : "application/sdp"));
    cv_exchange_add_header(request->exchange, "access-control-allow-methods",
                           cv_slice_str("DELETE, OPTIONS, PATCH, POST"));
    cv_exchange_add_header(request->exchange, "access-control-allow-headers",
                           cv_slice_str("authorization, content-type, if-match"));
    whip_answer(request, 204, NULL, (struct cv_slice){NULL, 0});
}

static bool is_allowed(const struct whip_request *request) {
    switch (cv_exchange_request(request->exchange)->method) {
    case CV_HTTP_POST:
        return !request->of_session;
    case CV_HTTP_PATCH:
    case CV_HTTP_DELETE:
        return request->of_session;
    default:
        return false;
    }
}

/* Takes the next segment off a path that starts with "/"; false when there is none. */
static bool next_segment(struct cv_slice *path, struct cv_slice *ret_segment) {
    if (path->size < 2 || path->data[0] != '/') {
        return false;
    }
    const uint8_t *from = path->data + 1;
    const uint8_t *end = memchr(from, '/', path->size - 1);
    size_t size = end ? (size_t)(end - from) : path->size - 1;
    *ret_segment = cv_slice_of(from, size);
    *path = cv_slice_of(from + size, path->size - 1 - size);
    return size > 0;
}

/* /whip/MEETING, /whip/MEETING/session/ID, and so for whep, which also has /whep/MEETING/ID. */
static bool parse_path(struct whip_request *request) {
    struct cv_slice path = cv_exchange_request(request->exchange)->path;
    struct cv_slice segment;
    if (!next_segment(&path, &segment) || cv_via_parse(segment, &request->via) ||
        !next_segment(&path, &segment) || cv_id_parse(segment, &request->meeting)) {
        return false;
    }
    if (!path.size) {
        return true;
    }
    if (!next_segment(&path, &segment)) {
        return false;
    }
    if (!path.size) {
        return request->via == CV_VIA_WHEP && !cv_id_parse(segment, &request->only);
    }
    request->of_session = true;
    return cv_slice_eq_str(segment, "session") && next_segment(&path, &segment) && !path.size &&
           !cv_id_parse(segment, &request->participant);
}

bool cv_whip_is(struct cv_slice path) {
    return path.size >= 6 && (!memcmp(path.data, "/whip/", 6) || !memcmp(path.data, "/whep/", 6));
}

void cv_whip_handle(struct cv_whip *whip, struct cv_exchange *exchange) {
    const struct cv_http_request *http = cv_exchange_request(exchange);
    struct whip_request *request = calloc(1, sizeof *request);
    if (!request) {
        cv_exchange_fail(exchange, 503, "unavailable", "The server has no memory for this now.");
        return;
    }
    request->whip = whip;
    request->exchange = exchange;
    if (!parse_path(request)) {
        whip_fail(request, 404, "not-found", "There is nothing at this address.");
    } else if (http->method == CV_HTTP_OPTIONS) {
        answer_options(request);
    } else if (!is_allowed(request)) {
        cv_exchange_add_header(
            exchange, "allow",
            cv_slice_str(request->of_session ? "DELETE, OPTIONS, PATCH" : "OPTIONS, POST"));
        whip_fail(request, 405, "method", "This address knows other methods only.");
    } else if (http->method == CV_HTTP_POST && !cv_http_request_has_type(http, "application/sdp")) {
        cv_exchange_add_header(exchange, "accept-post", cv_slice_str("application/sdp"));
        whip_fail(request, 415, "media-type", "The body must be application/sdp.");
    } else if (http->method == CV_HTTP_POST && !http->body.size) {
        whip_fail(request, 400, "bad-offer", "The body must be an offer.");
    } else {
        check_token(request);
    }
}
