/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WHIP (RFC 9725) at /whip/MEETING, and WHEP at /whep/MEETING, which follows whoever speaks, and
 * /whep/MEETING/PARTICIPANT. Who comes with a token for this meeting and this direction is a
 * participant until it says DELETE, is removed, or its connection is lost.
 *
 *     POST   /whip/MEETING               offer -> 201, answer, Location, ETag, Link
 *     PATCH  /whip/MEETING/session/ID    candidates -> 204; ICE restart -> 200, new ETag
 *     DELETE /whip/MEETING/session/ID    -> 200
 *
 * A session's ID is that of the participant. The server is ICE-lite: it needs no candidates.
 */
#ifndef CV_APP_WHIP_H
#define CV_APP_WHIP_H

#include "api/api.h"
#include "app/hub.h"

/* What it is given must outlive it. */
struct cv_whip_deps {
    struct cv_loop *loop;
    struct cv_store *store;
    struct cv_hub *hub;
    const struct cv_secrets *secrets;
    const struct cv_api_settings *settings;
    const struct cv_ice_settings *ice;
};

struct cv_whip;

/* NULL without memory. */
struct cv_whip *cv_whip_new(const struct cv_whip_deps *deps);
/* All requests have been answered. Takes NULL. */
struct cv_whip *cv_whip_free(struct cv_whip *whip);

/* Whether a path is one of these; then cv_whip_handle takes the exchange over. */
bool cv_whip_is(struct cv_slice path);
void cv_whip_handle(struct cv_whip *whip, struct cv_exchange *exchange);
/* How large a body may be. */
enum { CV_WHIP_BODY_BYTES = CV_SIGNAL_MAX_SDP_BYTES };

#endif
