/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>

_Static_assert(sizeof(struct cv_addr) == 20, "equal addresses must be equal bytes");

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

struct cv_addr cv_addr_v4(const uint8_t ip[static 4], uint16_t port) {
    struct cv_addr addr = {.port = port, .family = CV_ADDR_V4};
    memcpy(addr.ip, ip, 4);
    return addr;
}

struct cv_addr cv_addr_v6(const uint8_t ip[static 16], uint16_t port) {
    if (memcmp(ip, mapped_prefix, sizeof mapped_prefix) == 0)
        return cv_addr_v4(ip + sizeof mapped_prefix, port);
    struct cv_addr addr = {.port = port, .family = CV_ADDR_V6};
    memcpy(addr.ip, ip, 16);
    return addr;
}

bool cv_addr_eq(const struct cv_addr *a, const struct cv_addr *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

bool cv_addr_same_host(const struct cv_addr *a, const struct cv_addr *b) {
    return a->family == b->family && memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

struct range {
    uint8_t prefix[16];
    uint8_t bits;
    uint8_t scope; /* enum cv_addr_scope */
};

/* The first match counts, so exceptions stand before the range that holds them. */
static const struct range v4_ranges[] = {
    {{0}, 8, CV_ADDR_UNSPECIFIED},
    {{10}, 8, CV_ADDR_PRIVATE},
    {{100, 64}, 10, CV_ADDR_SHARED},
    {{127}, 8, CV_ADDR_LOOPBACK},
    {{169, 254}, 16, CV_ADDR_LINK_LOCAL},
    {{172, 16}, 12, CV_ADDR_PRIVATE},
    {{192, 0, 0}, 24, CV_ADDR_RESERVED},   /* IETF protocol assignments, RFC 6890 */
    {{192, 0, 2}, 24, CV_ADDR_RESERVED},   /* documentation, RFC 5737 */
    {{192, 88, 99}, 24, CV_ADDR_RESERVED}, /* 6to4 relays, RFC 7526 */
    {{192, 168}, 16, CV_ADDR_PRIVATE},
    {{198, 18}, 15, CV_ADDR_RESERVED},      /* benchmarking, RFC 2544 */
    {{198, 51, 100}, 24, CV_ADDR_RESERVED}, /* documentation */
    {{203, 0, 113}, 24, CV_ADDR_RESERVED},  /* documentation */
    {{224}, 4, CV_ADDR_MULTICAST},
    {{240}, 4, CV_ADDR_RESERVED}, /* future use, and the limited broadcast */
};

static const struct range v6_ranges[] = {
    {{0}, 128, CV_ADDR_UNSPECIFIED},
    {{[15] = 1}, 128, CV_ADDR_LOOPBACK},
    {{0}, 96, CV_ADDR_RESERVED},                        /* IPv4-compatible, deprecated */
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, CV_ADDR_PRIVATE}, /* local NAT64, RFC 8215 */
    {{0x01, 0}, 64, CV_ADDR_RESERVED},                  /* discard-only, RFC 6666 */
    {{0x20, 0x01}, 23, CV_ADDR_RESERVED},               /* Teredo, ORCHID, RFC 2928 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, CV_ADDR_RESERVED},   /* documentation, RFC 3849 */
    {{0x3f, 0xff}, 20, CV_ADDR_RESERVED},               /* documentation, RFC 9637 */
    {{0x5f}, 16, CV_ADDR_RESERVED},                     /* SRv6 SIDs, RFC 9602 */
    {{0xfc}, 7, CV_ADDR_PRIVATE},
    {{0xfe, 0x80}, 10, CV_ADDR_LINK_LOCAL},
    {{0xfe, 0xc0}, 10, CV_ADDR_PRIVATE}, /* site-local, deprecated */
    {{0xff}, 8, CV_ADDR_MULTICAST},
};

static bool in_range(const uint8_t *ip, const struct range *range) {
    size_t bytes = range->bits / 8, rest = range->bits % 8;
    if (memcmp(ip, range->prefix, bytes) != 0)
        return false;
    return rest == 0 || (ip[bytes] ^ range->prefix[bytes]) >> (8 - rest) == 0;
}

static enum cv_addr_scope lookup(const uint8_t *ip, const struct range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (in_range(ip, &ranges[i]))
            return (enum cv_addr_scope)ranges[i].scope;
    return CV_ADDR_GLOBAL;
}

static enum cv_addr_scope v4_scope(const uint8_t *ip) {
    return lookup(ip, v4_ranges, sizeof v4_ranges / sizeof *v4_ranges);
}

enum cv_addr_scope cv_addr_scope(const struct cv_addr *addr) {
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (addr->family == CV_ADDR_V4)
        return v4_scope(addr->ip);
    if (addr->family != CV_ADDR_V6)
        return CV_ADDR_UNSPECIFIED;
    if (memcmp(addr->ip, nat64, sizeof nat64) == 0)
        return v4_scope(addr->ip + 12);
    if (addr->ip[0] == 0x20 && addr->ip[1] == 0x02)
        return v4_scope(addr->ip + 2);
    return lookup(addr->ip, v6_ranges, sizeof v6_ranges / sizeof *v6_ranges);
}

const char *cv_addr_scope_name(enum cv_addr_scope scope) {
    switch (scope) {
    case CV_ADDR_GLOBAL:
        return "global";
    case CV_ADDR_UNSPECIFIED:
        return "unspecified";
    case CV_ADDR_LOOPBACK:
        return "loopback";
    case CV_ADDR_PRIVATE:
        return "private";
    case CV_ADDR_SHARED:
        return "shared";
    case CV_ADDR_LINK_LOCAL:
        return "link-local";
    case CV_ADDR_MULTICAST:
        return "multicast";
    case CV_ADDR_RESERVED:
        return "reserved";
    }
    return "unknown";
}

/* Digits only, no sign, no leading zero but "0" itself. */
static bool parse_port(const char *text, size_t size, uint16_t *ret_port) {
    if (size == 0 || size > 5 || (size > 1 && text[0] == '0'))
        return false;
    uint32_t port = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    if (port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

static bool parse_v4(const char *host, uint16_t port, struct cv_addr *ret_addr) {
    uint8_t ip[4];
    if (inet_pton(AF_INET, host, ip) != 1)
        return false;
    *ret_addr = cv_addr_v4(ip, port);
    return true;
}

static bool parse_v6(const char *host, uint16_t port, struct cv_addr *ret_addr) {
    uint8_t ip[16];
    if (inet_pton(AF_INET6, host, ip) != 1)
        return false;
    *ret_addr = cv_addr_v6(ip, port);
    return true;
}

enum cv_err cv_addr_parse(struct cv_slice text, struct cv_addr *ret_addr) {
    char host[CV_ADDR_TEXT_BYTES];
    if (text.size == 0 || text.size >= sizeof host || memchr(text.data, '\0', text.size))
        return CV_ERR_SYNTAX;
    memcpy(host, text.data, text.size);
    host[text.size] = '\0';
    uint16_t port = 0;
    if (host[0] == '[') {
        char *end = strchr(host, ']');
        if (!end)
            return CV_ERR_SYNTAX;
        size_t rest = strlen(end + 1);
        if (rest > 0 && (end[1] != ':' || !parse_port(end + 2, rest - 1, &port)))
            return CV_ERR_SYNTAX;
        *end = '\0';
        return parse_v6(host + 1, port, ret_addr) ? CV_OK : CV_ERR_SYNTAX;
    }
    char *colon = strchr(host, ':');
    if (colon && strchr(colon + 1, ':'))
        return parse_v6(host, 0, ret_addr) ? CV_OK : CV_ERR_SYNTAX;
    if (colon) {
        if (!parse_port(colon + 1, strlen(colon + 1), &port))
            return CV_ERR_SYNTAX;
        *colon = '\0';
    }
    return parse_v4(host, port, ret_addr) ? CV_OK : CV_ERR_SYNTAX;
}

void cv_addr_format_host(const struct cv_addr *addr, char text[static CV_ADDR_TEXT_BYTES]) {
    text[0] = '\0';
    if (addr->family != CV_ADDR_NONE)
        inet_ntop(addr->family == CV_ADDR_V4 ? AF_INET : AF_INET6, addr->ip, text,
                  CV_ADDR_TEXT_BYTES);
}

void cv_addr_format(const struct cv_addr *addr, char text[static CV_ADDR_TEXT_BYTES]) {
    char host[CV_ADDR_TEXT_BYTES];
    cv_addr_format_host(addr, host);
    if (addr->family == CV_ADDR_NONE)
        text[0] = '\0';
    else
        snprintf(text, CV_ADDR_TEXT_BYTES, addr->family == CV_ADDR_V4 ? "%.45s:%u" : "[%.45s]:%u",
                 host, (unsigned)addr->port);
}
