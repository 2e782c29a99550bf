/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer. The handler gets an exchange in on_request (server.h) and owns it
 * until it calls one of the functions that answer (cv_exchange_reply, _json, _problem, _fail,
 * _reply_file, or cv_exchange_accept in websocket.h): exactly one of them, exactly once, at once or
 * at any later time on the loop's thread. From then on the exchange and its request are gone.
 *
 * The client may be gone long before: the exchange stays valid all the same, answering it is
 * harmless and still the handler's duty (the memory goes with the answer).
 *
 * Added to every answer by the server: Date, Content-Length, the security headers
 * (security_headers.h), and "Cache-Control: no-store" unless the handler set Cache-Control.
 */
#ifndef CV_IO_EXCHANGE_H
#define CV_IO_EXCHANGE_H

#include "io/http.h"

struct cv_exchange;

/* Valid until the answer. */
const struct cv_http_request *cv_exchange_request(const struct cv_exchange *exchange);
/* The client has disconnected (or reset its HTTP/2 stream): expensive work may be skipped. */
bool cv_exchange_is_gone(const struct cv_exchange *exchange);

/*
 * Adds a header to the answer to be: `name` in lower case. A value with CR, LF or another control
 * character but tab is refused with CV_ERR_SYNTAX and an answer over 16 KiB of headers with
 * CV_ERR_LIMIT; either leaves the answer as it was.
 */
enum cv_err cv_exchange_add_header(struct cv_exchange *exchange, const char *name,
                                   struct cv_slice value);

struct cv_cookie {
    const char *name;
    struct cv_slice value; /* cookie-octets (RFC 6265 section 4.1.1); base64url is fine */
    int64_t max_age_s;     /* 0: until the browser is closed; negative: delete it now */
};
/* Set-Cookie for all paths, HttpOnly and SameSite=Strict; always Secure when the request is
 * (`__Host-` names demand it). CV_ERR_SYNTAX. */
enum cv_err cv_exchange_set_cookie(struct cv_exchange *exchange, const struct cv_cookie *cookie);

/* Copies the body. `content_type` may be NULL when the body is empty (204, 304). */
void cv_exchange_reply(struct cv_exchange *exchange, int status, const char *content_type,
                       struct cv_slice body);
/* application/json */
void cv_exchange_json(struct cv_exchange *exchange, int status, struct cv_slice json);

/* RFC 9457. The texts are for people and may quote input: they are escaped. */
struct cv_problem_field {
    const char *field;   /* which member of the request, "starts_at" */
    const char *message; /* what is wrong with it */
};
struct cv_problem {
    int status;
    const char *name;                      /* stable, for programs: "too-early" gives the type
                                              "urn:conclave:problem:too-early"; NULL: "about:blank" */
    const char *detail;                    /* NULL: none */
    const struct cv_problem_field *errors; /* the member "errors" when there are any */
    size_t error_count;
    int64_t retry_after_s; /* > 0: a Retry-After header */
};
void cv_exchange_problem(struct cv_exchange *exchange, const struct cv_problem *problem);
/* Shorthand for a problem of these three. */
void cv_exchange_fail(struct cv_exchange *exchange, int status, const char *name,
                      const char *detail);

/*
 * Sends `size` bytes of a regular file from `offset`, in small reads as the client takes them;
 * takes the fd over and closes it. A file that turns out shorter breaks the connection off.
 */
void cv_exchange_reply_file(struct cv_exchange *exchange, int status, const char *content_type,
                            int fd, uint64_t offset, uint64_t size);

#endif
