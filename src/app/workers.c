/* SPDX-License-Identifier: Apache-2.0 */
#include "app/workers.h"

#include "base/log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* What may wait for a worker that doesn't read; one with more is taken for dead. */
enum { QUEUE_BYTES_MAX = 8 * 1024 * 1024 };

struct queued {
    struct cv_list item;
    size_t size;
    struct cv_ipc_relay_message message;
    uint8_t sdp[];
};

struct pending {
    struct cv_list item; /* oldest first */
    uint32_t request;
    int64_t deadline_us;
    cv_workers_answer_fn *done;
    void *context;
};

struct worker {
    struct cv_workers *workers;
    unsigned index;
    struct cv_workers_status status;
    int fd;
    struct cv_watch watch;
    struct cv_list pending;
    struct cv_list queue;
    size_t queue_bytes;
    unsigned placed; /* offers accepted since it told its load last */
};

struct cv_workers {
    struct cv_loop *loop;
    const struct cv_workers_settings *settings;
    struct cv_workers_handlers handlers;
    struct worker items[CV_RELAY_MAX_WORKERS];
    unsigned count;
    uint32_t last_request;
    bool started;
    struct cv_timer timer; /* of answers that don't come */
    struct cv_buf space;
};

static void drop(struct worker *worker, const char *why);

static void on_timer(struct cv_timer *timer);

enum cv_err cv_workers_new(struct cv_loop *loop, const struct cv_workers_settings *settings,
                           struct cv_workers **ret_workers) {
    struct cv_workers *workers = calloc(1, sizeof *workers);
    if (!workers) {
        return CV_ERR_MEMORY;
    }
    workers->loop = loop;
    workers->settings = settings;
    workers->timer.call = on_timer;
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
        drop(&workers->items[i], NULL);
    }
    cv_loop_timer_cancel(workers->loop, &workers->timer);
    cv_buf_release(&workers->space);
    free(workers);
    return NULL;
}

/* --- sending --- */

static void on_channel(struct cv_watch *channel, uint32_t events);

static void watch(struct worker *worker) {
    uint32_t events = EPOLLIN | (cv_list_empty(&worker->queue) ? 0U : (uint32_t)EPOLLOUT);
    cv_loop_watch_change(worker->workers->loop, &worker->watch, events);
}

static void clear_queue(struct worker *worker) {
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

static void say(struct worker *worker, const struct cv_ipc_relay_message *message) {
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
        drop(worker, "it does not read");
    }
}

static void send_queue(struct worker *worker) {
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

void cv_workers_tell(struct cv_workers *workers, unsigned worker,
                     const struct cv_ipc_relay_message *message) {
    if (worker < workers->count && workers->items[worker].status.ready) {
        say(&workers->items[worker], message);
    }
}

/* --- coming and going --- */

static void finish(struct pending *pending, enum cv_err err, const char *problem,
                   struct cv_slice sdp) {
    cv_list_remove(&pending->item);
    pending->done(pending->context, err, problem, sdp);
    free(pending);
}

static void finish_all(struct worker *worker, enum cv_err err) {
    while (!cv_list_empty(&worker->pending)) {
        finish(CV_CONTAINER_OF(worker->pending.next, struct pending, item), err, "",
               (struct cv_slice){NULL, 0});
    }
}

static void drop(struct worker *worker, const char *why) {
    struct cv_workers *workers = worker->workers;
    bool ready = worker->status.ready;
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
    clear_queue(worker);
    finish_all(worker, CV_ERR_CLOSED);
    if (ready && workers->handlers.gone && why) {
        workers->handlers.gone(workers->handlers.context, worker->index);
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
    say(worker, &message);
}

void cv_workers_attach(struct cv_workers *workers, unsigned index, uint16_t port, bool tcp,
                       int fd) {
    if (index >= CV_RELAY_MAX_WORKERS) {
        close(fd);
        return;
    }
    struct worker *worker = &workers->items[index];
    drop(worker, "another one is in its place");
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (cv_loop_watch(workers->loop, &worker->watch, fd, EPOLLIN, on_channel)) {
        close(fd);
        return;
    }
    worker->fd = fd;
    worker->status.port = port;
    worker->status.tcp = tcp;
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
static void on_timer(struct cv_timer *timer) {
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

void cv_workers_offer(struct cv_workers *workers, unsigned index,
                      const struct cv_relay_peer_config *peer, struct cv_slice sdp,
                      cv_workers_answer_fn *done, void *context) {
    struct worker *worker = &workers->items[index];
    struct pending *pending = worker->status.ready ? calloc(1, sizeof *pending) : NULL;
    if (!pending) {
        done(context, worker->status.ready ? CV_ERR_MEMORY : CV_ERR_CLOSED, "",
             (struct cv_slice){NULL, 0});
        return;
    }
    pending->request = ++workers->last_request;
    pending->deadline_us = cv_loop_now_us(workers->loop) + CV_WORKERS_ANSWER_US;
    pending->done = done;
    pending->context = context;
    cv_list_append(&worker->pending, &pending->item);
    set_timer(workers);
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_OFFER);
    message.offer.request = pending->request;
    message.offer.peer = *peer;
    message.sdp = sdp;
    say(worker, &message);
}

static void on_answer(struct worker *worker, const struct cv_ipc_relay_message *message) {
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

/* --- receiving --- */

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
        break;
    case CV_IPC_RELAY_ANSWER:
        on_answer(worker, message);
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
        drop(worker, "its channel is closed");
        return;
    }
    if (!err) {
        cv_ipc_close_fds(&message); /* a worker has nothing to hand over */
        err = cv_ipc_relay_read(&message, CV_IPC_RELAY_WORKER, &read);
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
        send_queue(worker);
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
