/* SPDX-License-Identifier: Apache-2.0 */
#include "io/loop.h"

#include "base/time.h"
#include "io/clock.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { BATCH = 128, SIGNALS = 65 };

struct signal_call {
    void (*call)(void *context, int signal_number);
    void *context;
};

struct cv_loop {
    int epoll_fd;
    atomic_bool is_stopped;
    int64_t now_us;
    int64_t wall_us;
    struct cv_heap timers;

    /* The batch under way: an unwatched entry is cleared in it, so that it is not called. */
    struct epoll_event batch[BATCH];
    int batch_count;
    int batch_next;

    struct cv_deferred *deferred_first;
    struct cv_deferred **deferred_last;

    struct cv_watch wake; /* eventfd: something was posted, or stop */
    pthread_mutex_t post_lock;
    struct cv_post *post_first;
    struct cv_post **post_last;

    struct cv_watch signal;
    sigset_t signal_mask;
    struct signal_call signal_calls[SIGNALS];
};

static void read_clocks(struct cv_loop *loop) {
    loop->now_us = cv_clock_monotonic_us();
    loop->wall_us = cv_clock_wall_us();
}

static void on_wake(struct cv_watch *watch, uint32_t events) {
    uint64_t count;
    while (read(watch->fd, &count, sizeof count) < 0 && errno == EINTR) {
    }
}

static void wake(struct cv_loop *loop) {
    uint64_t one = 1;
    /* Only EAGAIN is possible besides EINTR: the counter is full, so the loop wakes up anyway. */
    while (write(loop->wake.fd, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

enum cv_err cv_loop_new(struct cv_loop **ret_loop) {
    struct cv_loop *loop = calloc(1, sizeof *loop);
    if (!loop)
        return CV_ERR_MEMORY;
    loop->deferred_last = &loop->deferred_first;
    loop->post_last = &loop->post_first;
    loop->signal.fd = -1;
    sigemptyset(&loop->signal_mask);
    pthread_mutex_init(&loop->post_lock, NULL);
    read_clocks(loop);

    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->wake.fd = wake_fd;
    if (loop->epoll_fd < 0 || wake_fd < 0 ||
        cv_loop_watch(loop, &loop->wake, wake_fd, EPOLLIN, on_wake)) {
        cv_loop_free(loop);
        return CV_ERR_SYSTEM;
    }
    *ret_loop = loop;
    return CV_OK;
}

struct cv_loop *cv_loop_free(struct cv_loop *loop) {
    if (!loop)
        return NULL;
    if (loop->signal.fd >= 0)
        close(loop->signal.fd);
    if (loop->wake.fd >= 0)
        close(loop->wake.fd);
    if (loop->epoll_fd >= 0)
        close(loop->epoll_fd);
    pthread_mutex_destroy(&loop->post_lock);
    cv_heap_release(&loop->timers);
    free(loop);
    return NULL;
}

static void call_watches(struct cv_loop *loop) {
    for (loop->batch_next = 0; loop->batch_next < loop->batch_count;) {
        struct epoll_event *event = &loop->batch[loop->batch_next++];
        struct cv_watch *watch = event->data.ptr;
        if (watch)
            watch->call(watch, event->events);
    }
    loop->batch_count = 0;
}

static void call_timers(struct cv_loop *loop) {
    /* Bounded, so that timers which set themselves for "now" again can't keep the loop here. */
    for (size_t due = loop->timers.count; due > 0; due--) {
        struct cv_heap_node *node = cv_heap_first(&loop->timers);
        if (!node || node->deadline_us > loop->now_us)
            return;
        cv_heap_remove(&loop->timers, node);
        struct cv_timer *timer = CV_CONTAINER_OF(node, struct cv_timer, node);
        timer->call(timer);
    }
}

static void call_posts(struct cv_loop *loop) {
    pthread_mutex_lock(&loop->post_lock);
    struct cv_post *post = loop->post_first;
    loop->post_first = NULL;
    loop->post_last = &loop->post_first;
    pthread_mutex_unlock(&loop->post_lock);
    while (post) {
        struct cv_post *next = post->next;
        post->call(post);
        post = next;
    }
}

static void call_deferred(struct cv_loop *loop) {
    struct cv_deferred *deferred;
    while ((deferred = loop->deferred_first)) {
        cv_loop_defer_cancel(loop, deferred);
        deferred->call(deferred);
    }
}

static int wait_ms(const struct cv_loop *loop) {
    struct cv_heap_node *node = cv_heap_first(&loop->timers);
    if (!node)
        return -1;
    int64_t left_us = node->deadline_us - cv_clock_monotonic_us();
    if (left_us <= 0)
        return 0;
    /* Rounded up: waking early would only mean waiting again. */
    int64_t left_ms = (left_us + CV_US_PER_MS - 1) / CV_US_PER_MS;
    return left_ms > 60000 ? 60000 : (int)left_ms;
}

enum cv_err cv_loop_run(struct cv_loop *loop) {
    read_clocks(loop);
    call_deferred(loop);
    while (!atomic_load_explicit(&loop->is_stopped, memory_order_acquire)) {
        int count = epoll_wait(loop->epoll_fd, loop->batch, BATCH, wait_ms(loop));
        if (count < 0 && errno != EINTR)
            return CV_ERR_SYSTEM;
        read_clocks(loop);
        loop->batch_count = count < 0 ? 0 : count;
        call_watches(loop);
        call_timers(loop);
        call_posts(loop);
        call_deferred(loop);
    }
    atomic_store(&loop->is_stopped, false);
    return CV_OK;
}

void cv_loop_stop(struct cv_loop *loop) {
    atomic_store_explicit(&loop->is_stopped, true, memory_order_release);
    wake(loop);
}

int64_t cv_loop_now_us(const struct cv_loop *loop) {
    return loop->now_us;
}

int64_t cv_loop_wall_us(const struct cv_loop *loop) {
    return loop->wall_us;
}

enum cv_err cv_loop_watch(struct cv_loop *loop, struct cv_watch *watch, int fd, uint32_t events,
                          void (*call)(struct cv_watch *watch, uint32_t events)) {
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        return CV_ERR_SYSTEM;
    *watch = (struct cv_watch){.fd = fd, .events = events, .call = call};
    return CV_OK;
}

enum cv_err cv_loop_watch_change(struct cv_loop *loop, struct cv_watch *watch, uint32_t events) {
    if (watch->events == events)
        return CV_OK;
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) < 0)
        return CV_ERR_SYSTEM;
    watch->events = events;
    return CV_OK;
}

void cv_loop_unwatch(struct cv_loop *loop, struct cv_watch *watch) {
    if (!watch->call)
        return;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->call = NULL;
    for (int i = loop->batch_next; i < loop->batch_count; i++)
        if (loop->batch[i].data.ptr == watch)
            loop->batch[i].data.ptr = NULL;
}

enum cv_err cv_loop_timer_set(struct cv_loop *loop, struct cv_timer *timer, int64_t deadline_us) {
    return cv_heap_set(&loop->timers, &timer->node, deadline_us);
}

void cv_loop_timer_cancel(struct cv_loop *loop, struct cv_timer *timer) {
    cv_heap_remove(&loop->timers, &timer->node);
}

void cv_loop_defer(struct cv_loop *loop, struct cv_deferred *deferred) {
    if (deferred->is_queued)
        return;
    deferred->is_queued = true;
    deferred->next = NULL;
    *loop->deferred_last = deferred;
    loop->deferred_last = &deferred->next;
}

void cv_loop_defer_cancel(struct cv_loop *loop, struct cv_deferred *deferred) {
    if (!deferred->is_queued)
        return;
    struct cv_deferred **link = &loop->deferred_first;
    while (*link != deferred)
        link = &(*link)->next;
    *link = deferred->next;
    if (!*link)
        loop->deferred_last = link;
    deferred->is_queued = false;
}

void cv_loop_post(struct cv_loop *loop, struct cv_post *post) {
    post->next = NULL;
    pthread_mutex_lock(&loop->post_lock);
    bool was_empty = !loop->post_first;
    *loop->post_last = post;
    loop->post_last = &post->next;
    pthread_mutex_unlock(&loop->post_lock);
    if (was_empty)
        wake(loop);
}

static void on_signal(struct cv_watch *watch, uint32_t events) {
    struct cv_loop *loop = CV_CONTAINER_OF(watch, struct cv_loop, signal);
    struct signalfd_siginfo info;
    while (read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info) {
        const struct signal_call *entry = &loop->signal_calls[info.ssi_signo];
        entry->call(entry->context, (int)info.ssi_signo);
    }
}

enum cv_err cv_loop_on_signal(struct cv_loop *loop, int signal_number,
                              void (*call)(void *context, int signal_number), void *context) {
    if (signal_number < 1 || signal_number >= SIGNALS)
        return CV_ERR_RANGE;
    sigaddset(&loop->signal_mask, signal_number);
    loop->signal_calls[signal_number] = (struct signal_call){call, context};
    if (pthread_sigmask(SIG_BLOCK, &loop->signal_mask, NULL) != 0)
        return CV_ERR_SYSTEM;
    int fd = signalfd(loop->signal.fd, &loop->signal_mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return CV_ERR_SYSTEM;
    if (loop->signal.fd >= 0)
        return CV_OK;
    loop->signal.fd = fd;
    enum cv_err err = cv_loop_watch(loop, &loop->signal, fd, EPOLLIN, on_signal);
    if (err) {
        close(fd);
        loop->signal.fd = -1;
    }
    return err;
}
