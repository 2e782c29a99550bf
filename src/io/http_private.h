/* SPDX-License-Identifier: Apache-2.0 */
/* How a request is put together: for the HTTP/1.1 parser and the HTTP/2 session only. */
#ifndef CV_IO_HTTP_PRIVATE_H
#define CV_IO_HTTP_PRIVATE_H

#include "io/http.h"

/* Offsets into request->text, which moves while it grows. */
struct cv_http_field {
    uint32_t name;
    uint32_t name_size;
    uint32_t value;
    uint32_t value_size;
};

struct cv_http_head_limits {
    size_t header_bytes; /* names and values together */
    size_t header_count;
};

/* Empties the request and keeps its memory. */
void cv_http_request_reset(struct cv_http_request *request);
void cv_http_request_release(struct cv_http_request *request);

/* False when we don't know the method; `ret_method` is then untouched. Case counts. */
bool cv_http_method_parse(struct cv_slice text, enum cv_http_method *ret_method);

/*
 * Takes an origin-form target apart: sets path and query, copied to the start of `text`. To be
 * called before the first field. CV_ERR_SYNTAX unless it starts with "/" and is visible ASCII
 * without "#" and "\".
 */
enum cv_err cv_http_request_set_target(struct cv_http_request *request, struct cv_slice target);

/*
 * Adds a header line, its name in lower case. CV_ERR_SYNTAX for a name that is no token (RFC 9110
 * section 5.6.2) or a value with a forbidden character, CV_ERR_LIMIT, CV_ERR_MEMORY.
 */
enum cv_err cv_http_request_add_field(struct cv_http_request *request,
                                      const struct cv_http_head_limits *limits,
                                      struct cv_slice name, struct cv_slice value);

/* Makes path, query and authority (the field "host") point into `text`, which grows no more. */
void cv_http_request_finish_head(struct cv_http_request *request);

/* host [":" port]: a name of letters, digits, "-", "." and "_", or an IPv6 address in brackets. */
bool cv_http_authority_is_valid(struct cv_slice authority);

bool cv_http_is_token(struct cv_slice text);
/* Visible ASCII, space, tab and bytes from 0x80 (RFC 9110 section 5.5). */
bool cv_http_is_field_value(struct cv_slice text);
/* Without spaces and tabs at both ends. */
struct cv_slice cv_http_trim(struct cv_slice text);

/*
 * Walks a comma-separated list (RFC 9110 section 5.6.1): takes the next element, trimmed, off the
 * front of `list`. Empty elements are skipped; false at the end. Quoted strings are not understood:
 * a comma in one ends the element.
 */
bool cv_http_list_next(struct cv_slice *list, struct cv_slice *ret_element);

/* Whether any header line of this name lists the token, case aside. */
bool cv_http_request_lists(const struct cv_http_request *request, const char *name,
                           const char *token);

#endif
