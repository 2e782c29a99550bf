/* SPDX-License-Identifier: Apache-2.0 */
#include "load/inbox.h"

#include "base/time.h"

#include <sys/epoll.h>
#include <unistd.h>

#define TURN_US 250

enum { BATCH = 64 };

static void on_turn(struct cv_timer *timer) {
    struct cv_load_inbox *inbox = CV_CONTAINER_OF(timer, struct cv_load_inbox, timer);
    struct epoll_event events[BATCH];
    int64_t begun_us = cv_loop_now_us(inbox->loop);
    int count;
    /* Each socket is emptied, and so not seen again before something new comes. */
    do {
        count = epoll_wait(inbox->fd, events, BATCH, 0);
        for (int i = 0; i < count; i++)
            inbox->on_readable(events[i].data.ptr);
    } while (count == BATCH);
    (void)cv_loop_timer_set(inbox->loop, timer, begun_us + TURN_US);
}

enum cv_err cv_load_inbox_open(struct cv_load_inbox *inbox, struct cv_loop *loop,
                               void (*on_readable)(void *context)) {
    *inbox = (struct cv_load_inbox){.loop = loop,
                                    .timer.call = on_turn,
                                    .fd = epoll_create1(EPOLL_CLOEXEC),
                                    .on_readable = on_readable};
    if (inbox->fd < 0)
        return CV_ERR_SYSTEM;
    return cv_loop_timer_set(loop, &inbox->timer, cv_loop_now_us(loop) + TURN_US);
}

void cv_load_inbox_close(struct cv_load_inbox *inbox) {
    if (!inbox->loop)
        return;
    cv_loop_timer_cancel(inbox->loop, &inbox->timer);
    if (inbox->fd >= 0)
        close(inbox->fd);
}

enum cv_err cv_load_inbox_add(struct cv_load_inbox *inbox, int fd, void *context) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = context};
    return epoll_ctl(inbox->fd, EPOLL_CTL_ADD, fd, &event) < 0 ? CV_ERR_SYSTEM : CV_OK;
}
