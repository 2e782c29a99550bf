/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to a worker: sent at once while it reads, kept in order while it doesn't. */
#include "app/workers_private.h"

#include <stdlib.h>

/* What may wait for a worker that doesn't read; one with more is taken for dead. */
enum { QUEUE_BYTES_MAX = 8 * 1024 * 1024 };

struct queued {
    struct cv_list item;
    size_t size;
    struct cv_ipc_relay_message message;
    uint8_t sdp[];
};

static void watch(struct worker *worker) {
    uint32_t events = EPOLLIN | (cv_list_empty(&worker->queue) ? 0U : (uint32_t)EPOLLOUT);
    cv_loop_watch_change(worker->workers->loop, &worker->watch, events);
}

void workers_clear_queue(struct worker *worker) {
    CV_LIST_EACH_SAFE(it, &worker->queue) {
        cv_list_remove(it);
        free(CV_CONTAINER_OF(it, struct queued, item));
    }
    worker->queue_bytes = 0;
}

static enum cv_err enqueue(struct worker *worker, const struct cv_ipc_relay_message *message) {
    size_t size = sizeof(struct queued) + message->sdp.size;
    if (worker->queue_bytes + size > QUEUE_BYTES_MAX) {
        return CV_ERR_LIMIT;
    }
    struct queued *queued = malloc(size);
    if (!queued) {
        return CV_ERR_MEMORY;
    }
    queued->message = *message;
    queued->size = size;
    if (message->sdp.size) {
        memcpy(queued->sdp, message->sdp.data, message->sdp.size);
    }
    queued->message.sdp = cv_slice_of(queued->sdp, message->sdp.size);
    worker->queue_bytes += size;
    cv_list_append(&worker->queue, &queued->item);
    watch(worker);
    return CV_OK;
}

void workers_say(struct worker *worker, const struct cv_ipc_relay_message *message) {
    if (worker->fd < 0) {
        return;
    }
    enum cv_err err =
        cv_list_empty(&worker->queue) ? cv_ipc_relay_send(worker->fd, message) : CV_ERR_AGAIN;
    if (err == CV_ERR_AGAIN) {
        err = enqueue(worker, message);
    }
    /* A channel that is closed says so to whoever reads it; only a flood has to be ended here. */
    if (err == CV_ERR_LIMIT || err == CV_ERR_MEMORY) {
        workers_drop(worker, "it does not read");
    }
}

void workers_send_queue(struct worker *worker) {
    enum cv_err err = CV_OK;
    while (!err && !cv_list_empty(&worker->queue)) {
        struct queued *queued = CV_CONTAINER_OF(worker->queue.next, struct queued, item);
        err = cv_ipc_relay_send(worker->fd, &queued->message);
        if (!err) {
            cv_list_remove(&queued->item);
            worker->queue_bytes -= queued->size;
            free(queued);
        }
    }
    watch(worker);
}
