/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of all peers, looked at together four times a millisecond.
 *
 * Who waits for a packet is woken by whoever sends it, and pays for that itself on another machine;
 * here the server that is being measured would pay, once for each of hundreds of receivers. So
 * nobody waits: the kernel notes which sockets have something, and is asked for them now and then.
 */
#ifndef CV_LOAD_INBOX_H
#define CV_LOAD_INBOX_H

#include "io/loop.h"

struct cv_load_inbox {
    struct cv_loop *loop;
    struct cv_timer timer;
    int fd; /* epoll; never waited for */
    void (*on_readable)(void *context);
};

/* CV_ERR_SYSTEM. `on_readable` gets the context of a socket with something to read. */
enum cv_err cv_load_inbox_open(struct cv_load_inbox *inbox, struct cv_loop *loop,
                               void (*on_readable)(void *context));
void cv_load_inbox_close(struct cv_load_inbox *inbox);

/* Until `fd` is closed, which it mustn't be inside `on_readable`. CV_ERR_SYSTEM. */
enum cv_err cv_load_inbox_add(struct cv_load_inbox *inbox, int fd, void *context);

#endif
