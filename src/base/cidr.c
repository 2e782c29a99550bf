/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cidr.h"

/* Keeps the first `bits` bits of the host, clears the others and the port. */
static struct cv_addr keep_prefix(const struct cv_addr *addr, unsigned bits) {
    struct cv_addr kept = *addr;
    kept.port = 0;
    for (size_t i = 0; i < sizeof kept.ip; i++) {
        unsigned here = bits < 8 ? bits : 8;
        kept.ip[i] &= (uint8_t)(0xff00 >> here);
        bits -= here;
    }
    return kept;
}

static enum cv_err parse_bits(struct cv_slice text, unsigned max, unsigned *ret_bits) {
    if (text.size == 0 || text.size > 3 || (text.size > 1 && text.data[0] == '0'))
        return CV_ERR_SYNTAX;
    unsigned bits = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return CV_ERR_SYNTAX;
        bits = bits * 10 + (text.data[i] - '0');
    }
    if (bits > max)
        return CV_ERR_RANGE;
    *ret_bits = bits;
    return CV_OK;
}

enum cv_err cv_cidr_parse(struct cv_slice text, struct cv_cidr *ret_cidr) {
    const uint8_t *slash = text.size ? memchr(text.data, '/', text.size) : NULL;
    struct cv_slice host = {text.data, slash ? (size_t)(slash - text.data) : text.size};
    struct cv_addr base;
    if (host.size > 0 && host.data[0] == '[')
        return CV_ERR_SYNTAX;
    enum cv_err err = cv_addr_parse(host, &base);
    if (err)
        return err;
    if (base.port != 0)
        return CV_ERR_SYNTAX;
    unsigned bits = base.family == CV_ADDR_V4 ? 32 : 128;
    if (slash) {
        err = parse_bits(cv_slice_of(slash + 1, text.size - host.size - 1), bits, &bits);
        if (err)
            return err;
    }
    struct cv_addr kept = keep_prefix(&base, bits);
    if (!cv_addr_eq(&kept, &base))
        return CV_ERR_RANGE;
    *ret_cidr = (struct cv_cidr){base, (uint8_t)bits};
    return CV_OK;
}

bool cv_cidr_contains(const struct cv_cidr *cidr, const struct cv_addr *addr) {
    struct cv_addr kept = keep_prefix(addr, cidr->prefix_bits);
    return cv_addr_eq(&kept, &cidr->base);
}

bool cv_cidr_any_contains(const struct cv_cidr *cidrs, size_t count, const struct cv_addr *addr) {
    for (size_t i = 0; i < count; i++)
        if (cv_cidr_contains(&cidrs[i], addr))
            return true;
    return false;
}
