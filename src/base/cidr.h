/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3). */
#ifndef CV_BASE_CIDR_H
#define CV_BASE_CIDR_H

#include "base/addr.h"

/* The addresses of one family whose first `prefix_bits` bits are those of `base`. */
struct cv_cidr {
    struct cv_addr base; /* port 0 */
    uint8_t prefix_bits;
};

/*
 * "10.0.0.0/8", "fd00::/8", or one address alone. CV_ERR_SYNTAX; CV_ERR_RANGE when the prefix is
 * longer than the address or bits past it are set (most likely a slip of the pen).
 */
enum cv_err cv_cidr_parse(struct cv_slice text, struct cv_cidr *ret_cidr);

bool cv_cidr_contains(const struct cv_cidr *cidr, const struct cv_addr *addr);

/* Whether any of the `count` ranges holds the address. */
bool cv_cidr_any_contains(const struct cv_cidr *cidrs, size_t count, const struct cv_addr *addr);

#endif
