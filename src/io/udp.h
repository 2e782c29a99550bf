/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A UDP socket on the loop: datagrams are received and sent in batches (recvmmsg, sendmmsg), runs
 * of equal-sized ones to one peer as one send (GSO: the kernel's way through the stack is paid once
 * a run, not once a datagram). It knows nothing of what is in them.
 */
#ifndef CV_IO_UDP_H
#define CV_IO_UDP_H

#include "base/addr.h"
#include "io/loop.h"

struct cv_udp;

enum {
    CV_UDP_BATCH = 64, /* datagrams received, or runs sent, with one system call */
    CV_UDP_MAX_BYTES =
        2048, /* a longer datagram that comes is dropped: no path of ours carries it */
    CV_UDP_RUN_SEGMENTS =
        64, /* the kernel's limit for one run (UDP_MAX_SEGMENTS, until Linux 6.9) */
    CV_UDP_RUN_BYTES = 65000, /* an IP packet's limit, without headers */
};

/* One datagram that came. */
struct cv_datagram {
    struct cv_addr peer;
    struct cv_addr local; /* the address of ours that it came to; port 0 */
    uint8_t *data;        /* may be written to */
    size_t size;
};

/* Datagrams to one peer: all of `segment_bytes`, the last one maybe shorter. */
struct cv_udp_run {
    struct cv_addr peer;
    /* The address of ours that it leaves from (port 0), CV_ADDR_NONE: as the kernel chooses. A
     * socket bound to all addresses must answer from the one that was asked. */
    struct cv_addr local;
    struct cv_slice data;
    uint16_t segment_bytes; /* not 0 */
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
    uint64_t runs;      /* messages to the kernel for them: a run of datagrams is one */
    uint64_t sends;     /* system calls for those */
    uint64_t oversized; /* came, and were dropped */
    uint64_t unsent;    /* the kernel had no room, or no way there */
    uint64_t split;     /* runs that the kernel or the route refused as such */
};

/* Takes over `fd`, a bound, non-blocking socket, and starts receiving. CV_ERR_SYSTEM, MEMORY: the
 * fd stays the caller's. `handler` is copied. */
enum cv_err cv_udp_new(struct cv_loop *loop, int fd, const struct cv_udp_handler *handler,
                       struct cv_udp **ret_udp);
/* Not from its own handler. Closes the fd. */
struct cv_udp *cv_udp_free(struct cv_udp *udp);

/* The address in use, with the port. */
struct cv_addr cv_udp_local(const struct cv_udp *udp);

/*
 * Sends now, in order. What the kernel does not take is dropped and counted: a datagram that waits
 * is worth less than the one after it. Where a route refuses runs, those to that peer leave as
 * single datagrams from then on.
 */
void cv_udp_send(struct cv_udp *udp, const struct cv_udp_run *runs, size_t count);

const struct cv_udp_counters *cv_udp_counters(const struct cv_udp *udp);

#endif
