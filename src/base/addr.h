/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport address: IPv4 or IPv6, and a port. It is free of sockaddr and its zones, so that
 * pure code can hold, compare and print one; io/ translates at the edge.
 *
 * One address has one form: an IPv4-mapped IPv6 address is stored as the IPv4 address that it
 * maps, and bytes that a family doesn't use are zero. The struct has no padding, so equal
 * addresses are equal bytes and `cv_addr_key` serves as a map key.
 */
#ifndef CV_BASE_ADDR_H
#define CV_BASE_ADDR_H

#include "base/bytes.h"

enum cv_addr_family {
    CV_ADDR_NONE = 0, /* the zero-initialised address */
    CV_ADDR_V4 = 4,
    CV_ADDR_V6 = 6,
};

struct cv_addr {
    uint8_t ip[16];  /* network order; IPv4 uses the first four */
    uint16_t port;   /* host order; 0 where only the host matters */
    uint16_t family; /* enum cv_addr_family */
};

/* What an address is good for (IANA special-purpose registries, RFC 6890). */
enum cv_addr_scope {
    CV_ADDR_GLOBAL,      /* reachable across the Internet */
    CV_ADDR_UNSPECIFIED, /* 0.0.0.0/8, :: */
    CV_ADDR_LOOPBACK,    /* 127.0.0.0/8, ::1 */
    CV_ADDR_PRIVATE,     /* RFC 1918, fc00::/7 */
    CV_ADDR_SHARED,      /* carrier-grade NAT, 100.64.0.0/10 */
    CV_ADDR_LINK_LOCAL,  /* 169.254.0.0/16, fe80::/10; cloud metadata services live here */
    CV_ADDR_MULTICAST,   /* 224.0.0.0/4, ff00::/8 */
    CV_ADDR_RESERVED,    /* documentation, benchmarking, protocol assignments, future use */
};

enum { CV_ADDR_TEXT_BYTES = 56 }; /* "[v6]:65535" and its NUL */

struct cv_addr cv_addr_v4(const uint8_t ip[static 4], uint16_t port);
/* An IPv4-mapped address (RFC 4291 section 2.5.5.2) becomes CV_ADDR_V4. */
struct cv_addr cv_addr_v6(const uint8_t ip[static 16], uint16_t port);

/* Host and port are the same. */
bool cv_addr_eq(const struct cv_addr *a, const struct cv_addr *b);
/* The host is the same, whatever the port. */
bool cv_addr_same_host(const struct cv_addr *a, const struct cv_addr *b);
/* The bytes of the address, borrowed, as a map key. */
static inline struct cv_slice cv_addr_key(const struct cv_addr *addr) {
    return cv_slice_of(addr, sizeof *addr);
}

/*
 * Addresses that carry an IPv4 address inside (64:ff9b::/96 of RFC 6052, 2002::/16 of RFC 3056)
 * have the scope of that one: a rule that refuses the inside network must not be walked around.
 */
enum cv_addr_scope cv_addr_scope(const struct cv_addr *addr);
/* Static lower-case name, "link-local". */
const char *cv_addr_scope_name(enum cv_addr_scope scope);

/*
 * A host alone, "192.0.2.1", "2001:db8::1" or "[2001:db8::1]" (port 0), or with a port,
 * "192.0.2.1:80", "[2001:db8::1]:80". No names, zones or white space. CV_ERR_SYNTAX otherwise.
 */
enum cv_err cv_addr_parse(struct cv_slice text, struct cv_addr *ret_addr);

/* The host alone, RFC 5952; NUL-terminated. Empty for CV_ADDR_NONE. */
void cv_addr_format_host(const struct cv_addr *addr, char text[static CV_ADDR_TEXT_BYTES]);
/* Host and port as cv_addr_parse takes them. Empty for CV_ADDR_NONE. */
void cv_addr_format(const struct cv_addr *addr, char text[static CV_ADDR_TEXT_BYTES]);

#endif
