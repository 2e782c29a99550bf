/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other end of media/ice.h: a controlling ICE agent with one pair, for a client that talks to
 * an ICE-lite server (RFC 8445). It sends checks, all with USE-CANDIDATE, and goes on checking the
 * path that it got, which is the server's consent to send (RFC 7675). `conclave load` is such a
 * client, and a server would be one towards another server.
 *
 *     cv_ice_client_init  ->  credentials for the offer or answer
 *     cv_ice_client_start ->  cv_ice_client_output by cv_ice_client_deadline, cv_ice_client_input
 */
#ifndef CV_MEDIA_ICE_CLIENT_H
#define CV_MEDIA_ICE_CLIENT_H

#include "media/ice.h"

enum {
    CV_ICE_CHECK_BYTES = 640, /* room for any check: two names of 256 characters */
};

#define CV_ICE_RETRY_US (50 * INT64_C(1000))      /* RFC 8445 section 14.2: Ta; doubles, */
#define CV_ICE_MAX_RETRY_US (800 * INT64_C(1000)) /* up to this */
#define CV_ICE_KEEP_US (5 * CV_US_PER_S / 2)      /* checks of a path in use, as browsers do */

/*
 *   IDLE ──► CHECKING ──► CONNECTED ──► EXPIRED   no answer for CV_ICE_CONSENT_US
 *                └──────────────────────────┘
 */
enum cv_ice_client_state {
    CV_ICE_CLIENT_IDLE, /* nothing known of the server yet */
    CV_ICE_CLIENT_CHECKING,
    CV_ICE_CLIENT_CONNECTED, /* the server answered: it has the path, nominated */
    CV_ICE_CLIENT_EXPIRED,
};

/* The fields are the agent's own. */
struct cv_ice_client {
    enum cv_ice_client_state state;
    struct cv_ice_credentials local;
    char remote_ufrag[CV_ICE_MAX_UFRAG_CHARS + 1];
    char remote_password[CV_ICE_MAX_UFRAG_CHARS + 1];
    uint64_t tie_breaker;
    uint8_t transaction[CV_STUN_TRANSACTION_BYTES]; /* of the check under way */
    bool waiting;                                   /* for its answer */
    int64_t retry_us;
    int64_t check_at_us;
    int64_t expires_at_us;
};

void cv_ice_client_init(struct cv_ice_client *client, struct cv_random random);
const struct cv_ice_credentials *cv_ice_client_credentials(const struct cv_ice_client *client);

/* The server's credentials are known: checks begin. CV_ERR_SYNTAX: they can't be right. */
enum cv_err cv_ice_client_start(struct cv_ice_client *client, int64_t now_us,
                                struct cv_slice remote_ufrag, struct cv_slice remote_password);

/* The check that is due, to be sent to the server; returns its size, 0 when none is. */
size_t cv_ice_client_output(struct cv_ice_client *client, int64_t now_us, struct cv_random random,
                            uint8_t ret_check[static CV_ICE_CHECK_BYTES]);

/*
 * Takes a STUN message from the server at `source`. A good answer to our check connects; a check of
 * its own (a lite agent needs none, some send them all the same) gets an answer, whose size is
 * returned; all else is ignored: 0.
 */
size_t cv_ice_client_input(struct cv_ice_client *client, int64_t now_us,
                           const struct cv_stun_message *message, const struct cv_addr *source,
                           uint8_t ret_answer[static CV_ICE_ANSWER_BYTES]);

/* Call cv_ice_client_output no later than this; CV_TIME_NEVER while IDLE or EXPIRED. */
int64_t cv_ice_client_deadline(const struct cv_ice_client *client);

#endif
