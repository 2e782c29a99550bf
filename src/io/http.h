/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP request as the application sees it, the same for HTTP/1.1 and HTTP/2 (RFC 9110), and
 * helpers to read it. Pure: no socket, no clock. Everything in it has passed the parser, so its
 * shape is as said here; its meaning is still a stranger's.
 */
#ifndef CV_IO_HTTP_H
#define CV_IO_HTTP_H

#include "base/addr.h"
#include "base/bytes.h"

#include <sys/types.h>

enum cv_http_method {
    CV_HTTP_GET,
    CV_HTTP_HEAD, /* answer like GET: the server leaves the body out */
    CV_HTTP_POST,
    CV_HTTP_PUT,
    CV_HTTP_PATCH,
    CV_HTTP_DELETE,
    CV_HTTP_OPTIONS,
    CV_HTTP_METHODS, /* how many; any other method is answered 501 by the server itself */
};

enum cv_http_version { CV_HTTP_1_0, CV_HTTP_1_1, CV_HTTP_2 };

struct cv_http_field; /* one header line; walk them with cv_http_request_field */

struct cv_http_request {
    enum cv_http_method method;
    enum cv_http_version version;
    bool is_secure;            /* TLS with us, or a trusted proxy says that the client used https */
    bool is_websocket;         /* a valid RFC 6455 upgrade: may be accepted, see websocket.h */
    struct cv_slice path;      /* starts with "/", still percent-encoded; visible ASCII only */
    struct cv_slice query;     /* what follows "?", without it; percent-encoded; may be empty */
    struct cv_slice authority; /* Host or :authority: "example.org" or "example.org:8443" */
    struct cv_slice body;      /* all of it, chunking undone; empty when there is none */

    /* The client's address: the peer's own, or what a trusted proxy forwarded. CV_ADDR_NONE for a
     * unix socket without a trusted header. */
    struct cv_addr client;
    /* Who is at the other end of a unix socket (SO_PEERCRED); has_peer false elsewhere. */
    bool has_peer;
    uid_t peer_uid;

    /* The header section: use the functions below. */
    struct cv_buf text;
    struct cv_http_field *fields;
    size_t field_count;
    size_t field_capacity;
};

/* "GET"; a static string. */
const char *cv_http_method_name(enum cv_http_method method);

/*
 * The value of the first line with this name (give it in lower case), without the space around
 * it. False when there is none. Values hold visible characters, spaces, tabs and bytes >= 0x80,
 * never CR, LF or NUL.
 */
bool cv_http_request_header(const struct cv_http_request *request, const char *name,
                            struct cv_slice *ret_value);
/* How many lines have this name: for headers that may stand once only. */
size_t cv_http_request_header_count(const struct cv_http_request *request, const char *name);
/* The line at `index` < field_count; names are in lower case. */
void cv_http_request_field(const struct cv_http_request *request, size_t index,
                           struct cv_slice *ret_name, struct cv_slice *ret_value);

/*
 * The value of the cookie of that name (case counts, RFC 6265 section 5.2), over all Cookie
 * headers. False when there is none, or more than one: an attacker on a sibling host may have
 * planted the other.
 */
bool cv_http_request_cookie(const struct cv_http_request *request, const char *name,
                            struct cv_slice *ret_value);

/*
 * The value of a query parameter ("name=value" joined by "&"), percent-decoded, "+" as a space,
 * appended to `value`. CV_ERR_NOT_FOUND; CV_ERR_SYNTAX for a bad escape or invalid UTF-8 or a
 * parameter given twice; CV_ERR_LIMIT when `value` has a limit.
 */
enum cv_err cv_http_query_get(struct cv_slice query, const char *name, struct cv_buf *value);

/* "Bearer TOKEN" in Authorization (RFC 6750): the token. False when there is none. */
bool cv_http_request_bearer(const struct cv_http_request *request, struct cv_slice *ret_token);

/* The media type without parameters is this ("application/json"), case aside. */
bool cv_http_request_has_type(const struct cv_http_request *request, const char *type);

/*
 * Whether the request's Origin is its own site: scheme (https when is_secure) and authority equal.
 * Also true for a request without Origin when `absent_is_own`. Origin "null" is never own.
 */
bool cv_http_request_origin_is_own(const struct cv_http_request *request, bool absent_is_own);

/* The reason phrase of a status ("Not Found"); "Status" for one that we never send. */
const char *cv_http_status_text(int status);

/* IMF-fixdate (RFC 9110 section 5.6.7), 29 characters and the NUL. Wall clock. */
enum { CV_HTTP_DATE_BYTES = 30 };
void cv_http_date(int64_t at_us, char text[static CV_HTTP_DATE_BYTES]);

#endif
