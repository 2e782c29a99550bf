/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: one per process, on epoll. Everything here belongs to the thread that runs the
 * loop, except cv_loop_post. Nothing is allocated per event: the caller embeds a cv_watch,
 * cv_timer, cv_deferred or cv_post in its own struct and finds that again with CV_CONTAINER_OF.
 *
 * A turn: wait (until an fd is ready, something was posted, or the first deadline), read the
 * clock once, call the ready watches, then the due timers, then the posted callbacks, then the
 * deferred ones. Any callback may remove any watch, timer or deferred, its own too, and free the
 * memory that holds it; a removed one is not called again, even if it was ready in this turn.
 */
#ifndef CV_IO_LOOP_H
#define CV_IO_LOOP_H

#include "base/err.h"
#include "base/heap.h"
#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct cv_loop;

/* Zero-initialised is valid and idle, for all four. */
struct cv_watch {
    int fd;
    uint32_t events; /* what epoll was asked for; 0 with `call` set is only errors and hang-ups */
    void (*call)(struct cv_watch *watch, uint32_t events);
};
struct cv_timer {
    struct cv_heap_node node;
    void (*call)(struct cv_timer *timer);
};
struct cv_deferred {
    struct cv_deferred *next;
    void (*call)(struct cv_deferred *deferred);
    bool is_queued;
};
struct cv_post {
    struct cv_post *next;
    void (*call)(struct cv_post *post);
};

/* CV_ERR_MEMORY or CV_ERR_SYSTEM. */
enum cv_err cv_loop_new(struct cv_loop **ret_loop);
/* Closes only what the loop opened. What was posted and not yet called is dropped. */
struct cv_loop *cv_loop_free(struct cv_loop *loop);

/* Runs until cv_loop_stop, then returns CV_OK; CV_ERR_SYSTEM when epoll itself fails. */
enum cv_err cv_loop_run(struct cv_loop *loop);
/* Ends the run after the present turn. From any thread and any callback. */
void cv_loop_stop(struct cv_loop *loop);

/* The monotonic time at which this turn began, us. */
int64_t cv_loop_now_us(const struct cv_loop *loop);
/* The wall-clock time at which this turn began, us since the epoch. */
int64_t cv_loop_wall_us(const struct cv_loop *loop);

/*
 * Level-triggered; `events` are EPOLLIN, EPOLLOUT, EPOLLRDHUP. The fd stays the caller's, who
 * must unwatch it before closing it. CV_ERR_SYSTEM.
 */
enum cv_err cv_loop_watch(struct cv_loop *loop, struct cv_watch *watch, int fd, uint32_t events,
                          void (*call)(struct cv_watch *watch, uint32_t events));
/* Free of cost when nothing changes. */
enum cv_err cv_loop_watch_change(struct cv_loop *loop, struct cv_watch *watch, uint32_t events);
/* Harmless on an idle watch. */
void cv_loop_unwatch(struct cv_loop *loop, struct cv_watch *watch);

/*
 * Calls `timer->call` once, at the first turn at or after `deadline_us` (monotonic); a timer that
 * is set already moves. CV_ERR_MEMORY only when it was not set. Set it anew from its own call for
 * a periodic timer.
 */
enum cv_err cv_loop_timer_set(struct cv_loop *loop, struct cv_timer *timer, int64_t deadline_us);
void cv_loop_timer_cancel(struct cv_loop *loop, struct cv_timer *timer);
static inline bool cv_timer_is_set(const struct cv_timer *timer) {
    return timer->node.place != 0;
}

/*
 * Calls `deferred->call` once at the end of this turn, in the order of asking; asking again
 * before that changes nothing. What a deferred callback defers runs in the same turn as well.
 */
void cv_loop_defer(struct cv_loop *loop, struct cv_deferred *deferred);
void cv_loop_defer_cancel(struct cv_loop *loop, struct cv_deferred *deferred);

/*
 * The one function for other threads: hands the post over to the loop's thread, which calls
 * `post->call` in its next turn, in the order of posting. The post belongs to the loop until then
 * and must not be posted twice at a time. Never blocks for long, never fails.
 */
void cv_loop_post(struct cv_loop *loop, struct cv_post *post);

/*
 * Blocks the signal in the calling thread and calls `call` in the loop instead. To be used before
 * other threads are started (they inherit the mask). At most one callback a signal; the later one
 * replaces the earlier. CV_ERR_SYSTEM, CV_ERR_RANGE for a number that is no signal.
 */
enum cv_err cv_loop_on_signal(struct cv_loop *loop, int signal_number,
                              void (*call)(void *context, int signal_number), void *context);

#endif
