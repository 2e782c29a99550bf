/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plain STUN service: tells a browser the address that it is seen from (RFC 8489 section 2),
 * to anyone and without credentials. The media port never does this; there only ICE checks with
 * the right password are answered.
 *
 * Amplification. Chromium asks with a bare header of 20 bytes, others may add FINGERPRINT, and no
 * answer that holds an address fits into 20: it takes 32 for IPv4 and 44 for IPv6, the least that
 * RFC 8489 allows, so "no more bytes out than in" can't be had here. Counted with IP and UDP
 * headers the factor is 60/48 = 1.25 for IPv4 and 92/68 = 1.35 for IPv6. To make even that useless
 * to an attacker who forges a victim's address, answers are limited per source host (IPv6: per
 * /64): bursts of CV_STUN_SERVICE_BURST, then CV_STUN_SERVICE_RATE_HZ. A victim gets at most 1.5
 * kilobytes a second, however many requests are forged in its name. Hosts share a fixed number of
 * counters by a seeded hash, so memory is flat, all answers together are bounded as well, and a
 * flood can at worst deny service to others, who then still have host and relay candidates.
 */
#ifndef CV_MEDIA_STUN_SERVICE_H
#define CV_MEDIA_STUN_SERVICE_H

#include "base/random.h"
#include "base/time.h"
#include "media/stun.h"

enum {
    CV_STUN_SERVICE_BURST = 64,   /* a browser asks up to 9 times per server and interface */
    CV_STUN_SERVICE_RATE_HZ = 16, /* an office behind one NAT still gets through */
    CV_STUN_SERVICE_COUNTERS = 4096,
    CV_STUN_ANSWER_BYTES = 44, /* the largest answer */
};

struct cv_stun_service {
    uint64_t seed[2];
    struct cv_stun_counter {
        int64_t empty_at_us; /* when the bucket will have refilled, monotonic */
    } counters[CV_STUN_SERVICE_COUNTERS];
};

void cv_stun_service_init(struct cv_stun_service *service, struct cv_random random);

/*
 * The answer to one datagram from `source`; returns its size, or 0 when there is none to give: not
 * a Binding request, over the limit, or malformed. `now_us` is monotonic.
 */
size_t cv_stun_service_answer(struct cv_stun_service *service, int64_t now_us,
                              struct cv_slice datagram, const struct cv_addr *source,
                              uint8_t ret_answer[static CV_STUN_ANSWER_BYTES]);

#endif
