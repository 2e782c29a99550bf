/* SPDX-License-Identifier: Apache-2.0 */
/* The workers' coming and going, and what they say. */
#include "app/workers_private.h"

#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum cv_err cv_workers_new(struct cv_loop *loop, const struct cv_workers_settings *settings,
                           struct cv_workers **ret_workers) {
    struct cv_workers *workers = calloc(1, sizeof *workers);
    if (!workers) {
        return CV_ERR_MEMORY;
    }
    workers->loop = loop;
    workers->settings = settings;
    workers->timer.call = workers_on_timer;
    for (unsigned i = 0; i < CV_RELAY_MAX_WORKERS; i++) {
        struct worker *worker = &workers->items[i];
        worker->workers = workers;
        worker->index = i;
        worker->fd = -1;
        cv_list_init(&worker->pending);
        cv_list_init(&worker->queue);
    }
    *ret_workers = workers;
    return CV_OK;
}

void cv_workers_set_handlers(struct cv_workers *workers,
                             const struct cv_workers_handlers *handlers) {
    workers->handlers = *handlers;
}

struct cv_workers *cv_workers_free(struct cv_workers *workers) {
    if (!workers) {
        return NULL;
    }
    for (unsigned i = 0; i < workers->count; i++) {
        workers_drop(&workers->items[i], NULL);
    }
    cv_loop_timer_cancel(workers->loop, &workers->timer);
    cv_buf_release(&workers->space);
    free(workers);
    return NULL;
}

static bool is_greeted(const struct worker *worker) {
    return worker->workers->started && worker->fd >= 0;
}

bool cv_workers_are_ready(const struct cv_workers *workers) {
    for (unsigned i = 0; i < workers->count; i++) {
        if (workers->items[i].fd >= 0 && !workers->items[i].status.ready) {
            return false; /* not for long: one that hangs is killed */
        }
    }
    return workers->started;
}

static void tell_if_ready(const struct cv_workers *workers) {
    if (workers->handlers.ready && cv_workers_are_ready(workers)) {
        workers->handlers.ready(workers->handlers.context);
    }
}

bool cv_workers_tell(struct cv_workers *workers, unsigned index,
                     const struct cv_ipc_relay_message *message) {
    struct worker *worker = index < workers->count ? &workers->items[index] : NULL;
    if (!worker || !is_greeted(worker) ||
        (message->type == CV_IPC_RELAY_SPAN && !cv_workers_are_ready(workers))) {
        return false;
    }
    workers_say(worker, message);
    return worker->fd >= 0;
}

/* --- coming and going --- */

static void on_channel(struct cv_watch *channel, uint32_t events);

void workers_drop(struct worker *worker, const char *why) {
    struct cv_workers *workers = worker->workers;
    bool greeted = is_greeted(worker);
    if (worker->fd < 0) {
        return;
    }
    if (why) {
        CV_LOG(CV_LOG_WARNING, "a media worker is lost", CV_LOG_NUMBER("worker", worker->index),
               CV_LOG_TEXT("reason", why));
    }
    cv_loop_unwatch(workers->loop, &worker->watch);
    close(worker->fd);
    worker->fd = -1;
    worker->status.ready = false;
    worker->status.permille = 0;
    workers_clear_queue(worker);
    workers_finish_all(worker, CV_ERR_CLOSED);
    if (greeted && workers->handlers.gone && why) {
        workers->handlers.gone(workers->handlers.context, worker->index);
        tell_if_ready(workers); /* it may have been waited for */
    }
}

static void greet(struct worker *worker) {
    const struct cv_workers_settings *settings = worker->workers->settings;
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_HELLO);
    message.hello.address_count = (uint32_t)settings->address_count;
    for (size_t i = 0; i < settings->address_count; i++) {
        message.hello.addresses[i] = settings->addresses[i];
        message.hello.addresses[i].port = worker->status.port;
    }
    message.hello.tcp = worker->status.tcp;
    message.hello.limits = settings->limits;
    workers_say(worker, &message);
}

void cv_workers_attach(struct cv_workers *workers, const struct cv_handover_worker *named, int fd) {
    unsigned index = named->index;
    if (index >= CV_RELAY_MAX_WORKERS) {
        close(fd);
        return;
    }
    struct worker *worker = &workers->items[index];
    workers_drop(worker, "another one is in its place");
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (cv_loop_watch(workers->loop, &worker->watch, fd, EPOLLIN, on_channel)) {
        close(fd);
        return;
    }
    worker->fd = fd;
    worker->status.port = (uint16_t)named->port;
    worker->status.tcp = named->tcp;
    worker->status.hung = named->hung;
    worker->status.starts++;
    worker->placed = 0;
    memset(&worker->status.counters, 0, sizeof worker->status.counters);
    memset(&worker->status.io, 0, sizeof worker->status.io);
    if (index >= workers->count) {
        workers->count = index + 1;
    }
    if (workers->started) {
        greet(worker);
    }
}

void cv_workers_start(struct cv_workers *workers) {
    workers->started = true;
    for (unsigned i = 0; i < workers->count; i++) {
        greet(&workers->items[i]);
    }
}

/* --- what they say --- */

static void take(struct worker *worker, const struct cv_ipc_relay_message *message) {
    const struct cv_workers_handlers *handlers = &worker->workers->handlers;
    switch (message->type) {
    case CV_IPC_RELAY_KNOWN:
        handlers->known(handlers->context, worker->index, &message->known);
        break;
    case CV_IPC_RELAY_READY:
        worker->status.ready = true;
        CV_LOG(CV_LOG_INFO, "media worker ready", CV_LOG_NUMBER("worker", worker->index),
               CV_LOG_NUMBER("port", worker->status.port));
        tell_if_ready(worker->workers);
        break;
    case CV_IPC_RELAY_ANSWER:
        workers_on_answer(worker, message);
        break;
    case CV_IPC_RELAY_EVENT:
        handlers->event(handlers->context, worker->index, &message->event);
        break;
    case CV_IPC_RELAY_LOAD:
        worker->status.permille = message->load.permille;
        worker->status.counters = message->load.counters;
        worker->status.io = message->load.io;
        worker->placed = 0;
        break;
    case CV_IPC_RELAY_STATS:
        handlers->stats(handlers->context, worker->index, &message->stats);
        break;
    default: /* what only control says was refused before */
        break;
    }
}

static void receive(struct worker *worker) {
    struct cv_workers *workers = worker->workers;
    struct cv_ipc_message message;
    struct cv_ipc_relay_message read;
    enum cv_err err = cv_ipc_receive(worker->fd, &workers->space, &message);
    if (err == CV_ERR_AGAIN) {
        return;
    }
    if (err == CV_ERR_CLOSED || err == CV_ERR_SYSTEM) {
        workers_drop(worker, "its channel is closed");
        return;
    }
    if (!err) {
        cv_ipc_close_fds(&message); /* a worker has nothing to hand over */
        err = cv_ipc_relay_read(&message, CV_IPC_RELAY_WORKER, &read);
    }
    /* Else one that was taken over could move anybody to itself. */
    if (!err && read.type == CV_IPC_RELAY_KNOWN && worker->status.ready) {
        err = CV_ERR_STATE;
    }
    if (err) {
        worker->status.malformed++;
        CV_LOG(CV_LOG_ERROR, "a media worker said what it can't",
               CV_LOG_NUMBER("worker", worker->index), CV_LOG_TEXT("reason", cv_err_name(err)));
        return;
    }
    take(worker, &read);
}

static void on_channel(struct cv_watch *channel, uint32_t events) {
    struct worker *worker = CV_CONTAINER_OF(channel, struct worker, watch);
    if (events & EPOLLOUT) {
        workers_send_queue(worker);
    }
    if (events & ~(uint32_t)EPOLLOUT) {
        receive(worker);
    }
}

unsigned cv_workers_count(const struct cv_workers *workers) {
    return workers->count;
}

void cv_workers_status(const struct cv_workers *workers, unsigned worker,
                       struct cv_workers_status *ret_status) {
    *ret_status = workers->items[worker].status;
}
