/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ICE-lite (RFC 8445 section 2.5): the server's end of one peer's connectivity. The browser has
 * the controlling role and sends checks; this agent answers those that carry the right password,
 * keeps the paths that they came by, and follows the browser's nominations. A path that was
 * checked is the only one that anything else of the peer may come from or go to.
 *
 * Consent (RFC 7675): a lite agent sends no checks of its own, so the browser's are its consent to
 * receive; without one for CV_ICE_CONSENT_US sending stops for good.
 *
 * Requests that fail authentication are dropped in silence: an error response would tell a
 * stranger that there is a session, and send bytes to whoever's address was forged.
 */
#ifndef CV_MEDIA_ICE_H
#define CV_MEDIA_ICE_H

#include "base/random.h"
#include "base/time.h"
#include "media/stun.h"

enum {
    /* RFC 8445 section 5.3 asks for at least 4 and 22 characters, 24 and 128 random bits. */
    CV_ICE_UFRAG_CHARS = 8,
    CV_ICE_PASSWORD_CHARS = 24,
    CV_ICE_MIN_UFRAG_CHARS = 4,
    CV_ICE_MAX_UFRAG_CHARS = 256,
    CV_ICE_MAX_PATHS = 8,     /* ours: addresses that one peer is remembered by */
    CV_ICE_ANSWER_BYTES = 96, /* room for any answer */
};

#define CV_ICE_CONSENT_US (30 * CV_US_PER_S) /* RFC 7675 section 5.1 */
#define CV_ICE_SETTLE_US (2 * CV_US_PER_S)   /* how long nominations compete by priority */
#define CV_ICE_STALE_US (6 * CV_US_PER_S)    /* browsers check a path they use every 2.5 to 5 s */

/*
 * Where a datagram came from and goes to. `link` names the socket, or the local address, or the
 * TCP connection by which the worker reaches `remote`; the agent only compares it.
 */
struct cv_ice_path {
    struct cv_addr remote;
    uint32_t link;
};

/* This bit of a link is set where it is a TCP connection (RFC 6544). */
#define CV_ICE_LINK_TCP (UINT32_C(1) << 31)

struct cv_ice_credentials {
    char ufrag[CV_ICE_UFRAG_CHARS + 1];
    char password[CV_ICE_PASSWORD_CHARS + 1];
};

/* New ones, for an offer or an answer. */
void cv_ice_make_credentials(struct cv_random random, struct cv_ice_credentials *credentials);

/*
 *             nomination                  no check for 30 s
 *   WAITING ─────────────► CONNECTED ───────────────────────► EXPIRED
 *      │                       ▲                                │
 *      │ 30 s                  └── nomination after restart ────┘
 *      └──────────────────────────────────────────────────────► EXPIRED
 */
enum cv_ice_state {
    CV_ICE_WAITING,   /* nothing nominated yet; no selected path */
    CV_ICE_CONNECTED, /* the selected path may be sent to */
    CV_ICE_EXPIRED,   /* consent is gone; only a restart helps */
};

/* The fields are the agent's own. */
struct cv_ice {
    enum cv_ice_state state;
    size_t path_count;
    size_t selected; /* index into paths; CONNECTED only */
    struct cv_ice_known_path {
        struct cv_ice_path path;
        int64_t checked_at_us;
        uint32_t priority;
    } paths[CV_ICE_MAX_PATHS];
    struct cv_ice_credentials local;
    struct cv_ice_credentials previous; /* good until a path is nominated after a restart */
    char remote_ufrag[CV_ICE_MAX_UFRAG_CHARS + 1];
    int64_t settled_at_us;
    int64_t expires_at_us;
};

/*
 * `remote_ufrag` is the one of the peer's offer. Times are monotonic. CV_ERR_SYNTAX when it isn't
 * 4 to 256 ice-chars.
 */
enum cv_err cv_ice_init(struct cv_ice *ice, struct cv_random random, struct cv_slice remote_ufrag,
                        int64_t now_us);

/*
 * RFC 8445 section 9: new credentials for a new offer of the same peer. The paths stay in use, and
 * checks under the old credentials are answered, until a path is nominated under the new.
 */
enum cv_err cv_ice_restart(struct cv_ice *ice, struct cv_random random,
                           struct cv_slice remote_ufrag, int64_t now_us);

/* For the answer; NUL-terminated. */
const struct cv_ice_credentials *cv_ice_credentials(const struct cv_ice *ice);

/*
 * The local half of a request's USERNAME ("local:remote", RFC 8445 section 7.2.2), by which a
 * worker finds the peer of a path that it doesn't know yet; empty when there is none.
 */
struct cv_slice cv_ice_local_ufrag(const struct cv_stun_message *message);

/*
 * Takes one STUN message from `path` and writes the answer, to go back by the same path; returns
 * its size, 0 when there is none. State and selected path may have changed then.
 */
size_t cv_ice_input(struct cv_ice *ice, int64_t now_us, const struct cv_stun_message *message,
                    const struct cv_ice_path *path, uint8_t ret_answer[static CV_ICE_ANSWER_BYTES]);

/* Whether the peer has proved that it is there. */
bool cv_ice_knows(const struct cv_ice *ice, const struct cv_ice_path *path);

/* NULL unless CONNECTED. Valid until the next call that changes the agent. */
const struct cv_ice_path *cv_ice_selected(const struct cv_ice *ice);

enum cv_ice_state cv_ice_state(const struct cv_ice *ice);

/* Call cv_ice_tick no later than this; CV_TIME_NEVER when EXPIRED. */
int64_t cv_ice_deadline(const struct cv_ice *ice);
void cv_ice_tick(struct cv_ice *ice, int64_t now_us);

#endif
