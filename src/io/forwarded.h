/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who the client is behind proxies, by X-Forwarded-For as everybody sets it. Pure. Each proxy
 * appends the address it saw, so the list is read from its end: as long as an entry is a trusted
 * proxy, the one before it was seen by that proxy. What stands further left anybody may have
 * written.
 */
#ifndef CV_IO_FORWARDED_H
#define CV_IO_FORWARDED_H

#include "base/cidr.h"
#include "io/http.h"

struct cv_forwarded {
    struct cv_addr client; /* CV_ADDR_NONE: not said, or not an address; port 0 */
    bool says_proto;
    bool is_https;
};

/*
 * Reads X-Forwarded-For and X-Forwarded-Proto of a request that came from a trusted proxy.
 * `trusted` are the proxies whose entries are skipped. A malformed entry ends the reading: what is
 * right of it counts. Forwarded (RFC 7239) is not read: where the proxy doesn't set it, it is what
 * the client likes to say.
 */
struct cv_forwarded cv_forwarded_read(const struct cv_http_request *request,
                                      const struct cv_cidr *trusted, size_t trusted_count);

#endif
