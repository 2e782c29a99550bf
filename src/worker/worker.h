/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker process does once it has all that it needs: datagrams from its sockets into the
 * relay core (media/relay.h), what the core wants sent out of them, and the talk with control
 * (ipc/relay.h). It opens nothing itself, no file, no socket, no connection: it is made to live in
 * a sandbox.
 *
 * A turn reads first, a bounded number of datagrams from each socket, and sends then: what came is
 * out of the kernel's buffer before its fan-out takes its time, and a batch that goes to the same
 * peers leaves as runs.
 */
#ifndef CV_WORKER_WORKER_H
#define CV_WORKER_WORKER_H

#include "base/random.h"
#include "io/loop.h"
#include "media/relay.h"

struct cv_worker;

struct cv_worker_config {
    unsigned worker;                   /* number of this worker, from 0 */
    int wake_fd;                       /* eventfd by which other workers wake it; taken over */
    struct cv_dtls_identity *identity; /* borrowed */
    struct cv_random random;
};

/* CV_ERR_MEMORY, CV_ERR_SYSTEM. */
enum cv_err cv_worker_new(struct cv_loop *loop, const struct cv_worker_config *config,
                          struct cv_worker **ret_worker);
/* Closes what it was given. */
struct cv_worker *cv_worker_free(struct cv_worker *worker);

/* A bound UDP socket, which belongs to the worker from here on. CV_ERR_LIMIT, CV_ERR_SYSTEM,
 * CV_ERR_MEMORY; the fd is closed then. */
enum cv_err cv_worker_add_udp(struct cv_worker *worker, int fd);

/* A listening TCP socket; as above. */
enum cv_err cv_worker_add_tcp(struct cv_worker *worker, int fd);

/* The channel to control, in place of the one before; as above. */
enum cv_err cv_worker_set_control(struct cv_worker *worker, int fd);

/* The rings between us and another worker (ipc/ring.h), and the eventfd that wakes it. */
struct cv_worker_bridge_fds {
    int in;
    int out;
    int wake;
};

/* In place of the bridge to that worker that was there; all three are taken over, or closed when
 * it fails. CV_ERR_RANGE, CV_ERR_SYSTEM, CV_ERR_MEMORY. */
enum cv_err cv_worker_set_bridge(struct cv_worker *worker, unsigned other,
                                 const struct cv_worker_bridge_fds *fds);

#endif
