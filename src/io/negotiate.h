/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing a representation by what the client says it takes (RFC 9110 section 12). Pure. */
#ifndef CV_IO_NEGOTIATE_H
#define CV_IO_NEGOTIATE_H

#include "io/http.h"

enum cv_coding { CV_CODING_IDENTITY, CV_CODING_GZIP, CV_CODING_BROTLI, CV_CODINGS };

/*
 * The best of the codings in the bit set `available` (1 << enum cv_coding; identity is always
 * there) by Accept-Encoding's q-values; among equals the smallest result: br, then gzip. Identity
 * when nothing else is wanted, even if the client refuses that as well.
 */
enum cv_coding cv_negotiate_coding(const struct cv_http_request *request, unsigned available);

/* Whether If-None-Match holds the entity tag (with its quotes), or "*". Weak comparison. */
bool cv_negotiate_is_known(const struct cv_http_request *request, const char *etag);

#endif
