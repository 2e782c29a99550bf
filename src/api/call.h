/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request under way: what the handlers of src/api share. A call is made when the request comes
 * and freed by the one function that answers it; in between it is the context of whatever waits.
 */
#ifndef CV_API_CALL_H
#define CV_API_CALL_H

#include "api/admin.h"
#include "api/input.h"
#include "api/json.h"
#include "api/limiter.h"
#include "policy/may.h"

struct cv_call;
typedef void cv_call_fn(struct cv_call *call);

enum cv_route_flags {
    CV_ROUTE_OPEN = 1,   /* needs no session */
    CV_ROUTE_MAYBE = 2,  /* takes the session that there is, and needs none */
    CV_ROUTE_BODY = 4,   /* has a JSON body */
    CV_ROUTE_MERGE = 8,  /* … of a merge patch (RFC 7396) */
    CV_ROUTE_HEAVY = 16, /* limited for each source */
};

struct cv_route {
    enum cv_http_method method;
    const char *path; /* below the prefix; "{id}" and "{link}" stand for an id */
    unsigned flags;
    cv_call_fn *handle;
};

/* A table of routes that ends with a NULL path, and what comes before every path in it. */
struct cv_routes {
    const char *prefix;
    const struct cv_route *routes;
    bool local; /* the administration socket: who asks is known by other means than a session */
};

struct cv_api {
    struct cv_api_deps deps;
    struct cv_limiter sign_in_source;
    struct cv_limiter sign_in_account;
    struct cv_limiter heavy_source;
    const struct cv_admin_facts *facts;
    enum { CV_ADMIN_UNKNOWN, CV_ADMIN_NONE, CV_ADMIN_THERE } admin; /* every change passes here */
};

struct cv_call {
    struct cv_api *api;
    struct cv_exchange *exchange;
    const struct cv_route *route;
    struct cv_id id;   /* of the path; the empty id when it can't be one */
    struct cv_id link; /* likewise */
    struct cv_input input;
    struct cv_buf cursor; /* of the page that is asked for */

    bool local; /* by the administration socket: all meetings may be looked after */
    bool signed_in;
    struct cv_secret_hash session;
    struct cv_store_user user; /* texts in `user_texts` */
    struct cv_buf user_texts;

    int64_t now_us;   /* wall clock, when the request came */
    cv_call_fn *next; /* of cv_call_with_meeting */
    /* For the handler's own use between two steps. */
    struct cv_store_meeting meeting;
    char time_zone[CV_STORE_TIME_ZONE_MAX_BYTES + 1];
    struct cv_store_op op;
    struct cv_command command;
    struct cv_token token;
    bool of_token; /* links for WHIP and WHEP are meant, not those for people */
    json_t *answer;
    int answer_status;
    struct cv_buf to_end; /* of cv_api_delete_user: ids of meetings */
    size_t ended;         /* so many of them */
    struct cv_secret_hash idempotency_key;
    struct cv_secret_hash idempotency_request;
};

static inline const struct cv_http_request *cv_call_request(const struct cv_call *call) {
    return cv_exchange_request(call->exchange);
}

/* Each answers and frees the call. `json` is consumed; NULL (no memory) answers 503. */
void cv_call_json(struct cv_call *call, int status, json_t *json);
void cv_call_empty(struct cv_call *call, int status);
void cv_call_problem(struct cv_call *call, const struct cv_problem *problem);
void cv_call_fail(struct cv_call *call, int status, const char *name, const char *detail);
void cv_call_not_found(struct cv_call *call);
void cv_call_invalid(struct cv_call *call); /* 422 with the input's errors */
/* What a failed operation means where nothing more special is known. */
void cv_call_error(struct cv_call *call, enum cv_err err);
/* The same where there is one: true then. */
bool cv_call_failed(struct cv_call *call, enum cv_err err);
/* 204, or the error: a cv_api_done_fn. */
void cv_call_done(void *context, enum cv_err err);
/*
 * The call was given to something that has a queue of its own and calls back, or an error: "full"
 * is that queue's, and no fault of the request.
 */
void cv_call_given(struct cv_call *call, enum cv_err err);

/* {"items": [...], "next": cursor}; `items` is consumed, and too short when memory ran out. */
void cv_call_page(struct cv_call *call, json_t *items, size_t count, struct cv_slice next);

/* Submits with the call as the context; answers the call itself when that fails. */
void cv_call_store(struct cv_call *call, const struct cv_store_op *ops, size_t count,
                   cv_store_done_fn *done);
/* Likewise with those who hash passwords. */
void cv_call_hash(struct cv_call *call, struct cv_slice password, cv_api_hashed_fn *done);
void cv_call_verify(struct cv_call *call, struct cv_slice password, struct cv_slice hash,
                    cv_api_done_fn *done);

/* The account is the call's user from now on, with texts of the call's own. CV_ERR_MEMORY. */
enum cv_err cv_call_keep_user(struct cv_call *call, const struct cv_store_user *user);

/* Sets the session cookie, or takes it away (`token` NULL). */
void cv_call_set_cookie(struct cv_call *call, const struct cv_token *token);

/* Sessions of the call's user are gone: `only` that one, or all but `except`; either may be NULL.
 */
void cv_call_signed_out(const struct cv_call *call, const struct cv_secret_hash *only,
                        const struct cv_secret_hash *except);

/* The bucket's name of this request's source, and of any text. */
void cv_call_source_hash(const struct cv_call *call, struct cv_secret_hash *ret_hash);
/* 0, or 429 has been answered. */
bool cv_call_limited(struct cv_call *call, struct cv_limiter *limiter,
                     const struct cv_secret_hash *name);

/* Fetches the call's meeting and checks that the user owns it (not locally), then goes on; 404. */
void cv_call_with_meeting(struct cv_call *call, cv_call_fn *next);

/*
 * Submits `ops` so that the same Idempotency-Key gives the same answer: `answer` and `status` are
 * what will be answered when all is durable. Without the header the key plays no part.
 * `meeting`: the answer goes when that one is deleted; may be empty.
 */
void cv_call_submit_once(struct cv_call *call, const struct cv_store_op *ops, size_t count,
                         const struct cv_id *meeting, int status, json_t *answer);

/*
 * A query parameter, "" when absent. False with an error in the input when it is malformed. `value`
 * has a limit, and its text is NUL-terminated.
 */
bool cv_query_text(struct cv_call *call, const char *name, struct cv_buf *value);
/* A time; 0 when absent or (with an error) none. */
int64_t cv_query_time(struct cv_call *call, const char *name);
/*
 * Which page of a list: "cursor", and "limit", 1 to CV_STORE_PAGE_MAX, `fallback` when absent or
 * (with an error) impossible.
 */
void cv_query_page(struct cv_call *call, int32_t fallback, int32_t *ret_limit,
                   struct cv_slice *ret_cursor);
/* Submits what was asked for, or answers with what was wrong with it. */
void cv_query_submit(struct cv_call *call, const struct cv_store_op *op, cv_store_done_fn *done);

/* "ORIGIN/j#TOKEN" for whoever asked. */
json_t *cv_api_json_link_url(const struct cv_call *call, const char *path,
                             const struct cv_token *token);

/* A link for WHIP or WHEP, and where it is used: "ORIGIN/whip/MEETING". */
json_t *cv_api_json_token(const struct cv_store_link *token);
json_t *cv_api_json_token_url(const struct cv_call *call, const struct cv_store_link *token);

/*
 * Adds a link to the call's meeting, with a fresh id and a fresh secret, and answers with it: only
 * this answer ever holds the secret.
 */
void cv_api_add_link(struct cv_call *call, const struct cv_store_link *link);

/* Gives the call's user this password; what other sessions there are end. Answers 204. */
void cv_api_set_password(struct cv_call *call, struct cv_slice password);

/* The state of a meeting as it is now. */
enum cv_meeting_state cv_api_meeting_state(const struct cv_api *api,
                                           const struct cv_store_meeting *meeting, int64_t now_us);

/* Handlers, one file for each group. */
cv_call_fn cv_api_server, cv_api_check_setup, cv_api_set_up, cv_api_sign_in, cv_api_get_session,
    cv_api_sign_out, cv_api_sign_out_everywhere, cv_api_change_password, cv_api_list_meetings,
    cv_api_create_meeting, cv_api_get_meeting, cv_api_update_meeting, cv_api_delete_meeting,
    cv_api_end_meeting, cv_api_list_links, cv_api_create_link, cv_api_revoke_link,
    cv_api_list_tokens, cv_api_create_token, cv_api_revoke_token, cv_api_list_records,
    cv_api_list_all_records, cv_api_create_instant, cv_api_resolve_link,
    cv_api_make_instant_for_call /* whoever asks */, cv_api_delete_user /* by e-mail */;

/* Runs a request through a table of routes. */
void cv_api_route(struct cv_api *api, struct cv_exchange *exchange, const struct cv_routes *routes);

#endif
