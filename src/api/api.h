/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The REST interface under /api/v1, as api/openapi.yaml has it. Each request becomes a call that
 * lives until it is answered; whatever waits (store, passwords, meetings) gives it back later. It
 * runs on the loop's thread and never blocks.
 *
 * Sessions are a cookie `__Host-conclave` with a random token of which the store has a keyed hash.
 * Unsafe methods need the server's own Origin, so that no other site can act in a visitor's name.
 */
#ifndef CV_API_API_H
#define CV_API_API_H

#include "api/ports.h"
#include "api/secrets.h"
#include "io/exchange.h"

#define CV_API_COOKIE "__Host-conclave"
#define CV_API_SETUP_LIFETIME_US (7 * CV_US_PER_DAY)

enum cv_api_instant { CV_API_INSTANT_ANYONE, CV_API_INSTANT_ACCOUNTS, CV_API_INSTANT_OFF };

/* May change between two requests. Texts are borrowed. */
struct cv_api_settings {
    const char *name;
    const char *origin;   /* "https://HOST[:PORT]" for links where the request doesn't say better */
    bool origin_is_fixed; /* public_url is configured: no other origin counts */
    enum cv_api_instant instant;
    struct cv_policy_windows windows;
    uint32_t places; /* of a relayed meeting; 0: the server has no relay */
    int64_t session_us;
    int64_t record_keep_us;
};

struct cv_api_deps {
    struct cv_store *store;
    struct cv_api_meetings meetings;
    struct cv_api_passwords passwords;
    const struct cv_secrets *secrets;
    const struct cv_api_settings *settings;
    struct cv_random random;
    int64_t (*wall_us)(void);
    int64_t (*monotonic_us)(void);
};

struct cv_api;

/* `deps` is copied; what it points to must outlive the api. NULL without memory. */
struct cv_api *cv_api_new(const struct cv_api_deps *deps);
/* All calls must have been answered. */
struct cv_api *cv_api_free(struct cv_api *api);

/* Takes the exchange over: any path under /api/. */
void cv_api_handle(struct cv_api *api, struct cv_exchange *exchange);

/* How large a body this request may have. */
size_t cv_api_body_limit(const struct cv_http_request *request);

/* Whether the request comes from the server's own pages: also for the upgrade to WebSocket. */
bool cv_api_origin_is_own(const struct cv_api_settings *settings,
                          const struct cv_http_request *request);
/* The origin for links in the answer to this request: the configured one, else its own. */
enum cv_err cv_api_link_origin(const struct cv_api_settings *settings,
                               const struct cv_http_request *request, struct cv_buf *origin);
/* The hash of the request's session cookie; false when there is none. */
bool cv_api_session_hash(const struct cv_secrets *secrets, const struct cv_http_request *request,
                         struct cv_secret_hash *ret_hash);

/*
 * Makes an instant meeting with a host link and a shared guest link, as `owner` (may be empty), and
 * answers by `done` when it is durable. The texts are gone after `done`.
 */
struct cv_api_instant_made {
    struct cv_store_meeting meeting;
    struct cv_token host;
    struct cv_token guest;
};
typedef void cv_api_instant_fn(void *context, enum cv_err err,
                               const struct cv_api_instant_made *made);
enum cv_err cv_api_make_instant(struct cv_api *api, const struct cv_id *owner,
                                cv_api_instant_fn *done, void *context);

/* A fresh one-time set-up token; CV_ERR_STATE when there is an administrator. */
typedef void cv_api_setup_fn(void *context, enum cv_err err, const struct cv_token *token);
enum cv_err cv_api_make_setup(struct cv_api *api, cv_api_setup_fn *done, void *context);

#endif
