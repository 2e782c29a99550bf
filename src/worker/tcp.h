/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ICE over TCP, the passive side (RFC 6544): connections that peers open from networks which let no
 * UDP out. Each carries datagrams behind their length (RFC 4571), and is a link of its own. A
 * connection proves nothing; one on which the relay has had nothing to say for a while is closed,
 * so that strangers can't hold the places.
 */
#ifndef CV_WORKER_TCP_H
#define CV_WORKER_TCP_H

#include "io/loop.h"
#include "media/ice.h"

struct cv_worker_tcp;

struct cv_worker_tcp_handler {
    void *context;
    /* One datagram; it may be written to. Connections are not to be touched meanwhile. */
    void (*on_datagram)(void *context, const struct cv_ice_path *path, uint8_t *datagram,
                        size_t size);
};

struct cv_worker_tcp_counters {
    uint64_t accepted;
    uint64_t refused; /* over a limit */
    uint64_t ended;   /* by us: silent, slow or malformed */
    uint64_t dropped; /* datagrams for a connection that is slow or gone */
    size_t now;
};

/* NULL without memory. `handler` is copied. */
struct cv_worker_tcp *cv_worker_tcp_new(struct cv_loop *loop,
                                        const struct cv_worker_tcp_handler *handler);
struct cv_worker_tcp *cv_worker_tcp_free(struct cv_worker_tcp *tcp);

/* Takes over a listening, non-blocking socket. CV_ERR_LIMIT, CV_ERR_SYSTEM, CV_ERR_MEMORY: the fd
 * stays the caller's. */
enum cv_err cv_worker_tcp_listen(struct cv_worker_tcp *tcp, int fd);

/* Queues one datagram (copied) for the connection; it is dropped when that is slow or gone. */
void cv_worker_tcp_send(struct cv_worker_tcp *tcp, uint32_t link, struct cv_slice datagram);
/* Writes what was queued since the last call. */
void cv_worker_tcp_flush(struct cv_worker_tcp *tcp);

const struct cv_worker_tcp_counters *cv_worker_tcp_counters(const struct cv_worker_tcp *tcp);

#endif
