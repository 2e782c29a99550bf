/* SPDX-License-Identifier: Apache-2.0 */
/* A request by WHIP or WHEP under way, for the files of this part. */
#ifndef CV_APP_WHIP_PRIVATE_H
#define CV_APP_WHIP_PRIVATE_H

#include "app/whip.h"
#include "app/whip_sdp.h"
#include "base/map.h"

enum { WHIP_ETAG_BYTES = 24 };

/* Somebody who is in; forgotten some time after it has left. */
struct whip_session {
    struct cv_id meeting;
    struct cv_id participant;
    struct cv_id link;
    enum cv_via via;
    uint32_t restarts;
    char etag[WHIP_ETAG_BYTES]; /* with its quotes */
    struct cv_buf offer;
};

struct cv_whip {
    struct cv_whip_deps deps;
    struct cv_map sessions; /* by participant */
};

struct whip_request {
    struct cv_whip *whip;
    struct cv_exchange *exchange;
    enum cv_via via;
    struct cv_id meeting;
    struct cv_id only;        /* WHEP of one participant */
    struct cv_id participant; /* of a session's path; later of who has entered */
    struct cv_id link;        /* of the token */
    bool of_session;          /* the path is a session's */
    struct cv_buf offer;      /* an ICE restart's */
};

/* Each answers and frees the request. */
void whip_fail(struct whip_request *request, int status, const char *name, const char *detail);
void whip_answer(struct whip_request *request, int status, const char *type, struct cv_slice body);
/* Why an offer can't be answered. */
void whip_fail_offer(struct whip_request *request, enum cv_err err, const char *problem);

/* whip_session.c */
struct whip_session *whip_session_find(struct cv_whip *whip, const struct cv_id *participant);
/* Keeps what a session needs; forgets those that are over. */
enum cv_err whip_session_add(struct whip_request *request, struct cv_slice offer);
void whip_session_remove(struct cv_whip *whip, const struct cv_id *participant);
void whip_session_set_etag(struct whip_session *session);
/* The token was good: DELETE and PATCH. */
void whip_session_handle(struct whip_request *request);

#endif
