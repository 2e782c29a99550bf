/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a flush of the relay puts out, on its way to the kernel. The relay writes each datagram
 * behind the one before, into one arena; neighbours of equal size and path are then one run
 * (UDP_SEGMENT) without being touched again, and up to a batch of runs leaves with one sendmmsg.
 */
#include "worker/worker_private.h"

#include <stdlib.h>

enum cv_err worker_egress_init(struct worker_egress *egress) {
    egress->arena = malloc(WORKER_ARENA_BYTES);
    return egress->arena ? CV_OK : CV_ERR_MEMORY;
}

void worker_egress_release(struct worker_egress *egress) {
    free(egress->arena);
    egress->arena = NULL;
}

static void send_runs(struct worker_egress *egress) {
    if (egress->count) {
        cv_udp_send(egress->socket->udp, egress->runs, egress->count);
    }
    egress->count = 0;
}

static uint8_t *room(void *context, size_t capacity) {
    struct worker_egress *egress = &((struct cv_worker *)context)->egress;
    if (capacity > WORKER_ARENA_BYTES) {
        return NULL;
    }
    if (capacity > WORKER_ARENA_BYTES - egress->used) {
        send_runs(egress);
        egress->used = 0;
    }
    return egress->arena + egress->used;
}

/* Whether a datagram of this size may stand behind the last run. */
static bool continues(const struct worker_egress *egress, const struct cv_ice_path *path,
                      size_t size) {
    if (!egress->count || egress->ended) {
        return false;
    }
    const struct cv_udp_run *run = &egress->runs[egress->count - 1];
    return size <= run->segment_bytes && path->link == egress->path.link &&
           cv_addr_eq(&path->remote, &egress->path.remote) &&
           run->data.size + size <= CV_UDP_RUN_BYTES &&
           run->data.size < (size_t)run->segment_bytes * CV_UDP_RUN_SEGMENTS;
}

static void append_run(struct cv_worker *worker, const struct cv_ice_path *path, size_t size) {
    struct worker_egress *egress = &worker->egress;
    const struct worker_link *link = &worker->links[path->link];
    if (egress->count == CV_UDP_BATCH || egress->socket != link->socket) {
        send_runs(egress);
    }
    egress->socket = link->socket;
    egress->path = *path;
    egress->ended = false;
    egress->runs[egress->count++] = (struct cv_udp_run){
        .peer = path->remote,
        .local = link->local,
        .data = cv_slice_of(egress->arena + egress->used, size),
        .segment_bytes = (uint16_t)size,
    };
}

static void commit(void *context, const struct cv_ice_path *path, size_t size) {
    struct cv_worker *worker = context;
    struct worker_egress *egress = &worker->egress;
    if (size == 0) {
        return;
    }
    if (path->link & CV_ICE_LINK_TCP) {
        cv_worker_tcp_send(worker->tcp, path->link,
                           cv_slice_of(egress->arena + egress->used, size));
        return;
    }
    if (path->link >= worker->link_count) {
        worker->unsent++;
        return;
    }
    if (continues(egress, path, size)) {
        struct cv_udp_run *run = &egress->runs[egress->count - 1];
        run->data.size += size;
        egress->ended = size < run->segment_bytes;
    } else {
        append_run(worker, path, size);
    }
    egress->used += size;
}

static void bridge(void *context, unsigned to, struct cv_slice head, struct cv_slice body) {
    worker_bridge_put(context, to, head, body);
}

void worker_egress_flush(struct cv_worker *worker, int64_t now_us) {
    const struct cv_relay_output output = {
        .context = worker,
        .room = room,
        .commit = commit,
        .bridge = bridge,
    };
    cv_relay_flush(worker->relay, now_us, &output);
    send_runs(&worker->egress);
    worker->egress.used = 0;
    cv_worker_tcp_flush(worker->tcp);
}
