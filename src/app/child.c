/* SPDX-License-Identifier: Apache-2.0 */
#include "app/child.h"

#include "app/handover.h"
#include "base/log.h"
#include "base/time.h"
#include "io/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKOFF_FIRST_US (100 * CV_US_PER_MS)
#define BACKOFF_LONGEST_US (5 * CV_US_PER_S)
#define PROVEN_US (60 * CV_US_PER_S) /* ran this long: its death is news */

/* In the child, before exec: nothing but system calls. */
__attribute__((noreturn)) static void become(const struct cv_child *child, int channel,
                                             pid_t parent) {
    static char name[] = "conclaved";
    char argument[32];
    char *const argv[] = {name, argument, NULL};
    sigset_t none;
    stpncpy(argument, child->argument, sizeof argument - 1)[0] = 0;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent) {
        _exit(1);
    }
    /* The channel must lose its close-on-exec flag, also when it is on this number already. */
    if (channel != CV_HANDOVER_FD ? dup2(channel, CV_HANDOVER_FD) < 0
                                  : fcntl(channel, F_SETFD, 0) < 0) {
        _exit(1);
    }
    fexecve(child->program_fd, argv, environ);
    _exit(127);
}

static void close_channel(struct cv_child *child) {
    cv_loop_unwatch(child->loop, &child->watch);
    if (child->channel >= 0) {
        close(child->channel);
    }
    child->channel = -1;
}

static void on_channel(struct cv_watch *watch, uint32_t events) {
    struct cv_child *child = CV_CONTAINER_OF(watch, struct cv_child, watch);
    struct cv_ipc_message message;
    enum cv_err err = cv_ipc_receive(child->channel, &child->space, &message);
    (void)events;
    if (err == CV_ERR_AGAIN) {
        return;
    }
    if (err) { /* its end is closed: SIGCHLD says the rest */
        close_channel(child);
        return;
    }
    cv_ipc_close_fds(&message); /* no child has anything to hand back */
    child->on_message(child, &message);
}

static void on_timer(struct cv_timer *timer) {
    struct cv_child *child = CV_CONTAINER_OF(timer, struct cv_child, timer);
    if (cv_child_start(child)) {
        cv_child_restart(child, 0);
    }
}

void cv_child_init(struct cv_child *child) {
    child->channel = -1;
    child->timer.call = on_timer;
    child->backoff_us = BACKOFF_FIRST_US;
}

void cv_child_release(struct cv_child *child) {
    cv_child_gone(child);
    cv_loop_timer_cancel(child->loop, &child->timer);
    cv_buf_release(&child->space);
}

static enum cv_err start_process(struct cv_child *child) {
    int ends[2];
    enum cv_err err = cv_ipc_pair(ends);
    if (err) {
        return err;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become(child, ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return CV_ERR_SYSTEM;
    }
    child->pid = pid;
    child->channel = ends[0];
    return CV_OK;
}

enum cv_err cv_child_start(struct cv_child *child) {
    child->started_us = cv_clock_monotonic_us();
    enum cv_err err = start_process(child);
    if (err) {
        CV_LOG(CV_LOG_ERROR, "can't start a process", CV_LOG_TEXT("process", child->name));
        return err;
    }
    child->starts++;
    if (cv_loop_watch(child->loop, &child->watch, child->channel, EPOLLIN, on_channel)) {
        close_channel(child);
        return CV_OK;
    }
    child->on_started(child);
    return CV_OK;
}

void cv_child_gone(struct cv_child *child) {
    close_channel(child);
    child->pid = 0;
}

void cv_child_restart(struct cv_child *child, int status) {
    int64_t now_us = cv_clock_monotonic_us();
    bool proven = now_us - child->started_us > PROVEN_US;
    int64_t wait_us = proven ? 0 : child->backoff_us;
    child->backoff_us = proven ? BACKOFF_FIRST_US : 2 * child->backoff_us;
    if (child->backoff_us > BACKOFF_LONGEST_US) {
        child->backoff_us = BACKOFF_LONGEST_US;
    }
    CV_LOG(CV_LOG_ERROR, "a process died and is started again", CV_LOG_TEXT("process", child->name),
           CV_LOG_NUMBER("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
           CV_LOG_NUMBER("exit_status", WIFEXITED(status) ? WEXITSTATUS(status) : 0),
           CV_LOG_NUMBER("wait_ms", wait_us / CV_US_PER_MS));
    cv_loop_timer_set(child->loop, &child->timer, now_us + wait_us);
}
