/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child process of the supervisor: this program started anew under another argument, with a
 * channel to it, and started again when it dies. Starting anew instead of forking only gives every
 * process another address layout, and nothing of ours in its memory. It dies with the supervisor.
 */
#ifndef CV_APP_CHILD_H
#define CV_APP_CHILD_H

#include "io/loop.h"
#include "ipc/channel.h"

#include <sys/types.h>

struct cv_child {
    /* Set by the owner. */
    struct cv_loop *loop;
    int program_fd;       /* this program */
    const char *name;     /* for the log; static */
    const char *argument; /* "--control"; static */
    /* The process is there and wants what belongs to it. */
    void (*on_started)(struct cv_child *child);
    /* It said something. Descriptors that come with it are closed before. */
    void (*on_message)(struct cv_child *child, const struct cv_ipc_message *message);

    /* Its own. */
    pid_t pid;   /* 0: none */
    int channel; /* -1: none, or its end is closed */
    struct cv_watch watch;
    struct cv_timer timer;
    struct cv_buf space;
    int64_t started_us;
    int64_t backoff_us;
    unsigned starts;
};

void cv_child_init(struct cv_child *child);
/* Forgets the process and closes what belongs to it; doesn't end it. */
void cv_child_release(struct cv_child *child);

/* CV_ERR_SYSTEM: there is no process. When it is there and can't be talked to, it ends by itself
 * and is reported as any that died. */
enum cv_err cv_child_start(struct cv_child *child);

/* What waitpid said of it: it is gone. */
void cv_child_gone(struct cv_child *child);

/*
 * Starts it again: at once when it had run for a minute, else after a pause that grows with each
 * time, 0.1 to 5 s.
 */
void cv_child_restart(struct cv_child *child, int status);

#endif
