/* SPDX-License-Identifier: Apache-2.0 */
/* A request by WHIP or WHEP under way, for the files of this part. */
#ifndef CV_APP_WHIP_PRIVATE_H
#define CV_APP_WHIP_PRIVATE_H

#include "app/whip.h"
#include "app/whip_sdp.h"

/* Of sessions nothing is kept here: the hub has the participant, and a worker the connection. */
struct cv_whip {
    struct cv_whip_deps deps;
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
};

/* Each answers and frees the request. */
void whip_fail(struct whip_request *request, int status, const char *name, const char *detail);
void whip_answer(struct whip_request *request, int status, const char *type, struct cv_slice body);
/* Why an offer can't be answered. */
void whip_fail_offer(struct whip_request *request, enum cv_err err, const char *problem);

/* whip_session.c */
/* The header that names the session's present ICE session. CV_ERR_NOT_FOUND: not known (yet). */
enum cv_err whip_session_add_etag(struct whip_request *request);
/* The token was good: DELETE and PATCH. */
void whip_session_handle(struct whip_request *request);

#endif
