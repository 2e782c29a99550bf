/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes to the other workers and comes from them: a ring each way, and an eventfd that wakes
 * who sleeps. Records are read at the end of a turn, before what came of them and of the sockets
 * is sent; whoever is awake anyway is never woken.
 */
#include "base/log.h"
#include "worker/worker_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { RECORDS_PER_TURN = 256 /* of each ring */ };
_Static_assert((int)CV_RELAY_BRIDGE_BYTES <= (int)CV_RING_RECORD_BYTES, "a record fits");

static void wake(int fd) {
    const uint64_t one = 1;
    /* EAGAIN means that it is about to wake up anyway. */
    while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

static void close_bridge(struct worker_bridge *bridge) {
    if (bridge->open) {
        close(bridge->wake_fd);
    }
    cv_ring_free(bridge->in);
    cv_ring_free(bridge->out);
    *bridge = (struct worker_bridge){0};
}

static void drain(struct cv_worker *worker, unsigned from, int64_t now_us) {
    struct worker_bridge *bridge = &worker->bridges[from];
    uint8_t record[CV_RING_RECORD_BYTES];
    size_t size = 0;
    enum cv_err err = CV_OK;
    for (int i = 0; i < RECORDS_PER_TURN && !err; i++) {
        err = cv_ring_get(bridge->in, record, &size);
        if (!err && worker->relay) {
            worker->bridge_in++;
            worker->bridge_bad += cv_relay_bridge_input(worker->relay, now_us, from,
                                                        cv_slice_of(record, size)) != CV_OK;
        }
    }
    if (err == CV_ERR_SYNTAX) { /* no good process writes such a thing */
        CV_LOG(CV_LOG_ERROR, "another worker has broken its ring", CV_LOG_NUMBER("worker", from));
        worker->bridge_bad++;
        close_bridge(bridge);
    }
}

void worker_bridge_drain(struct cv_worker *worker, int64_t now_us) {
    for (unsigned i = 0; i < worker->bridge_end; i++) {
        if (worker->bridges[i].open) {
            drain(worker, i, now_us);
        }
    }
}

void worker_bridge_put(struct cv_worker *worker, unsigned to, struct cv_slice head,
                       struct cv_slice body) {
    struct worker_bridge *bridge = &worker->bridges[to];
    if (to >= CV_RELAY_MAX_WORKERS || !bridge->open || cv_ring_put(bridge->out, head, body)) {
        worker->bridge_dropped++;
        return;
    }
    worker->bridge_out++;
    bridge->written = true;
}

void worker_bridge_rest(struct cv_worker *worker) {
    bool may_sleep = true;
    for (unsigned i = 0; i < worker->bridge_end; i++) {
        struct worker_bridge *bridge = &worker->bridges[i];
        if (!bridge->open) {
            continue;
        }
        if (bridge->written && cv_ring_must_wake(bridge->out)) {
            wake(bridge->wake_fd);
        }
        bridge->written = false;
        may_sleep &= cv_ring_may_sleep(bridge->in);
    }
    if (!may_sleep) {
        wake(worker->wake.fd);
    }
}

static void on_wake(struct cv_watch *watch, uint32_t events) {
    uint64_t count;
    while (read(watch->fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
    worker_flush_soon(CV_CONTAINER_OF(watch, struct cv_worker, wake));
}

enum cv_err worker_bridge_init(struct cv_worker *worker, int wake_fd) {
    return cv_loop_watch(worker->loop, &worker->wake, wake_fd, EPOLLIN, on_wake);
}

void worker_bridge_release(struct cv_worker *worker) {
    for (unsigned i = 0; i < worker->bridge_end; i++) {
        close_bridge(&worker->bridges[i]);
    }
    if (worker->wake.call) {
        int fd = worker->wake.fd;
        cv_loop_unwatch(worker->loop, &worker->wake);
        close(fd);
    }
}

enum cv_err cv_worker_set_bridge(struct cv_worker *worker, unsigned other,
                                 const struct cv_worker_bridge_fds *fds) {
    struct worker_bridge bridge = {.open = true, .wake_fd = fds->wake};
    enum cv_err err = other < CV_RELAY_MAX_WORKERS && other != worker->config.worker
                          ? cv_ring_new(fds->in, CV_RING_READER, &bridge.in)
                          : CV_ERR_RANGE;
    if (!err) {
        err = cv_ring_new(fds->out, CV_RING_WRITER, &bridge.out);
    }
    close(fds->in);
    close(fds->out);
    if (err) {
        close_bridge(&bridge);
        return err;
    }
    close_bridge(&worker->bridges[other]);
    worker->bridges[other] = bridge;
    if (other >= worker->bridge_end) {
        worker->bridge_end = other + 1;
    }
    worker_flush_soon(worker);
    return CV_OK;
}
