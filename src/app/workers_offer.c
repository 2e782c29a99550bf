/* SPDX-License-Identifier: Apache-2.0 */
/* Where a peer is best placed, and offers that wait for their answers. */
#include "app/workers_private.h"

#include <stdlib.h>

struct pending {
    struct cv_list item;
    uint32_t request;
    int64_t deadline_us;
    cv_workers_answer_fn *done;
    void *context;
};

/* --- placing --- */

static size_t peers_of(const struct worker *worker) {
    return worker->status.counters.peers + worker->placed;
}

static bool is_loaded(const struct worker *worker) {
    return worker->status.permille > CV_WORKERS_LOADED_PERMILLE ||
           peers_of(worker) >= CV_WORKERS_LOADED_PEERS;
}

/* Load is told once a second: who was placed since counts too. */
static bool is_lighter(const struct worker *a, const struct worker *b) {
    if (is_loaded(a) != is_loaded(b)) {
        return is_loaded(b);
    }
    return peers_of(a) < peers_of(b) ||
           (peers_of(a) == peers_of(b) && a->status.permille < b->status.permille);
}

int cv_workers_choose(const struct cv_workers *workers, uint64_t on, uint64_t tried) {
    const struct worker *best = NULL;
    for (unsigned i = 0; i < workers->count; i++) {
        const struct worker *worker = &workers->items[i];
        uint64_t bit = UINT64_C(1) << i;
        if (!worker->status.ready || (tried & bit)) {
            continue;
        }
        if ((on & bit) && !is_loaded(worker)) {
            return (int)i;
        }
        if (!best || is_lighter(worker, best)) {
            best = worker;
        }
    }
    return best ? (int)best->index : -1;
}

/* --- offers and answers --- */

static void finish(struct pending *pending, enum cv_err err, const char *problem,
                   struct cv_slice sdp) {
    cv_list_remove(&pending->item);
    pending->done(pending->context, err, problem, sdp);
    free(pending);
}

void workers_finish_all(struct worker *worker, enum cv_err err) {
    while (!cv_list_empty(&worker->pending)) {
        finish(CV_CONTAINER_OF(worker->pending.next, struct pending, item), err, "",
               (struct cv_slice){NULL, 0});
    }
}

static void set_timer(struct cv_workers *workers) {
    int64_t deadline_us = CV_TIME_NEVER;
    for (unsigned i = 0; i < workers->count; i++) {
        const struct worker *worker = &workers->items[i];
        if (!cv_list_empty(&worker->pending)) {
            int64_t at_us =
                CV_CONTAINER_OF(worker->pending.next, struct pending, item)->deadline_us;
            deadline_us = at_us < deadline_us ? at_us : deadline_us;
        }
    }
    if (deadline_us == CV_TIME_NEVER) {
        cv_loop_timer_cancel(workers->loop, &workers->timer);
    } else {
        cv_loop_timer_set(workers->loop, &workers->timer, deadline_us);
    }
}

/* A worker that is this late is stuck: others are not to wait for it. */
void workers_on_timer(struct cv_timer *timer) {
    struct cv_workers *workers = CV_CONTAINER_OF(timer, struct cv_workers, timer);
    int64_t now_us = cv_loop_now_us(workers->loop);
    for (unsigned i = 0; i < workers->count; i++) {
        struct worker *worker = &workers->items[i];
        while (!cv_list_empty(&worker->pending)) {
            struct pending *pending = CV_CONTAINER_OF(worker->pending.next, struct pending, item);
            if (pending->deadline_us > now_us) {
                break;
            }
            finish(pending, CV_ERR_TIMEOUT, "", (struct cv_slice){NULL, 0});
        }
    }
    set_timer(workers);
}

/* A question under way, to be asked by its number; 0: `done` has been told that it can't be. */
static uint32_t begin(struct worker *worker, cv_workers_answer_fn *done, void *context) {
    struct cv_workers *workers = worker->workers;
    struct pending *pending = worker->status.ready ? calloc(1, sizeof *pending) : NULL;
    if (!pending) {
        done(context, worker->status.ready ? CV_ERR_MEMORY : CV_ERR_CLOSED, "",
             (struct cv_slice){NULL, 0});
        return 0;
    }
    workers->last_request += workers->last_request == UINT32_MAX; /* 0 is none */
    pending->request = ++workers->last_request;
    pending->deadline_us = cv_loop_now_us(workers->loop) + CV_WORKERS_ANSWER_US;
    pending->done = done;
    pending->context = context;
    cv_list_append(&worker->pending, &pending->item);
    set_timer(workers);
    return pending->request;
}

void cv_workers_offer(struct cv_workers *workers, unsigned index,
                      const struct cv_relay_peer_config *peer, struct cv_slice sdp,
                      cv_workers_answer_fn *done, void *context) {
    struct worker *worker = &workers->items[index];
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_OFFER);
    message.offer.request = begin(worker, done, context);
    message.offer.peer = *peer;
    message.sdp = sdp;
    if (message.offer.request) {
        workers_say(worker, &message);
    }
}

void cv_workers_restart(struct cv_workers *workers, unsigned index, const struct cv_id *participant,
                        struct cv_slice remote_ufrag, cv_workers_answer_fn *done, void *context) {
    struct worker *worker = &workers->items[index];
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_RESTART);
    if (remote_ufrag.size >= sizeof message.restart.ufrag) {
        done(context, CV_ERR_SYNTAX, "", (struct cv_slice){NULL, 0});
        return;
    }
    message.restart.request = begin(worker, done, context);
    message.restart.participant = *participant;
    memcpy(message.restart.ufrag, remote_ufrag.data, remote_ufrag.size);
    if (message.restart.request) {
        workers_say(worker, &message);
    }
}

void workers_on_answer(struct worker *worker, const struct cv_ipc_relay_message *message) {
    CV_LIST_EACH(it, &worker->pending) {
        struct pending *pending = CV_CONTAINER_OF(it, struct pending, item);
        if (pending->request != message->answer.request) {
            continue;
        }
        enum cv_err err = (enum cv_err)(int32_t)message->answer.err;
        worker->placed += !err;
        finish(pending, err, message->answer.problem, message->sdp);
        set_timer(worker->workers);
        return;
    }
}
