/* SPDX-License-Identifier: Apache-2.0 */
/* The headers that tell browsers what a page of ours may do. This is the one place that says it. */
#ifndef CV_IO_SECURITY_HEADERS_H
#define CV_IO_SECURITY_HEADERS_H

#include "base/bytes.h"

/*
 * The lines "name: value" CR LF that go with an answer, names in lower case; a static text. What
 * runs (HTML, and scripts: a worker lives under the policy of its own script) gets the policy of
 * the client; anything else the policy that allows nothing. `is_secure` adds
 * Strict-Transport-Security.
 */
struct cv_slice cv_security_headers(const char *content_type, bool is_secure);

#endif
