/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A UDP socket on the loop: datagrams are received and sent in batches (recvmmsg, sendmmsg), runs
 * of equal-sized ones to one peer as one send (GSO). It knows nothing of what is in them.
 */
#ifndef CV_IO_UDP_H
#define CV_IO_UDP_H

#include "base/addr.h"
#include "io/loop.h"

struct cv_udp;

enum {
    CV_UDP_BATCH = 32, /* datagrams received or sent with one system call */
    CV_UDP_MAX_BYTES =
        2048, /* a longer datagram that comes is dropped: no path of ours carries it */
    CV_UDP_RUN_SEGMENTS = 64, /* the kernel's limit for one run (UDP_MAX_SEGMENTS) */
};

struct cv_datagram {
    struct cv_addr peer;
    /* The address of ours that it came to, or is to leave from (port 0); CV_ADDR_NONE when sending:
     * as the kernel chooses. A socket bound to all addresses must answer from the one asked. */
    struct cv_addr local;
    struct cv_slice data;
    /* Sending: 0, or `data` is a run of datagrams of this size, the last one maybe shorter. */
    uint16_t segment_bytes;
};

struct cv_udp_handler {
    void *context;
    /* At most CV_UDP_BATCH; the bytes are valid during the call. */
    void (*on_datagrams)(void *context, struct cv_udp *udp, const struct cv_datagram *datagrams,
                         size_t count);
};

struct cv_udp_counters {
    uint64_t datagrams_in;
    uint64_t datagrams_out;
    uint64_t bytes_in;
    uint64_t bytes_out;
    uint64_t oversized; /* came, and were dropped */
    uint64_t unsent;    /* the kernel had no room, or no way there */
};

/* Binds to `addr` (port 0: any; "::" is IPv6 only) and starts receiving. CV_ERR_SYSTEM, MEMORY.
 * `handler` is copied. */
enum cv_err cv_udp_new(struct cv_loop *loop, const struct cv_addr *addr,
                       const struct cv_udp_handler *handler, struct cv_udp **ret_udp);
/* Not from its own handler. */
struct cv_udp *cv_udp_free(struct cv_udp *udp);

/* The address in use, with the real port. */
struct cv_addr cv_udp_local(const struct cv_udp *udp);

/*
 * Sends now, in order. What the kernel does not take is dropped and counted: a datagram that waits
 * is worth less than the one after it.
 */
void cv_udp_send(struct cv_udp *udp, const struct cv_datagram *datagrams, size_t count);

const struct cv_udp_counters *cv_udp_counters(const struct cv_udp *udp);

#endif
