/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a participant is told of STUN and TURN: our own STUN, and TURN servers with credentials that
 * run out (the REST scheme, as coturn's use-auth-secret has it): the user name is a time and the
 * participant's id, the password the base64 HMAC-SHA1 of it under the secret shared with the TURN
 * server. Nobody has to be registered there, and a leaked password is soon worth nothing.
 */
#ifndef CV_APP_ICE_H
#define CV_APP_ICE_H

#include "base/id.h"
#include "base/time.h"
#include "signal/encode.h"

enum { CV_ICE_URL_BYTES = 300 };

struct cv_ice_settings {
    uint16_t stun_port; /* 0: no STUN of our own */
    bool relay_only;
    const char *const *turn_urls; /* NULL-terminated, borrowed; empty: no TURN */
    struct cv_slice turn_secret;
    int64_t credential_us; /* how long credentials are good */
};

/* Holds the texts that `ice` points to: not to be copied. */
struct cv_ice_servers {
    struct cv_signal_ice ice;
    struct cv_signal_ice_server servers[2];
    char stun_url[CV_ICE_URL_BYTES];
    const char *stun_urls[2];
    char username[64];
    char credential[32];
};

/*
 * `host`: the server's name as the participant knows it, without port. `hide_address`: this
 * participant wants relay candidates only. CV_ERR_CRYPTO.
 */
enum cv_err cv_ice_make(const struct cv_ice_settings *settings, const char *host,
                        const struct cv_id *participant, bool hide_address, int64_t now_us,
                        struct cv_ice_servers *ret_ice);

#endif
