/* SPDX-License-Identifier: Apache-2.0 */
#include "app/control_process.h"

#include "ipc/channel.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child, before exec: nothing but system calls. */
__attribute__((noreturn)) static void become_control(int program_fd, int channel, pid_t parent) {
    static char name[] = "conclaved";
    static char argument[] = "--control";
    char *const argv[] = {name, argument, NULL};
    sigset_t none;
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
    fexecve(program_fd, argv, environ);
    _exit(127);
}

enum cv_err cv_control_process_start(int program_fd, pid_t *ret_pid, int *ret_channel) {
    int ends[2];
    enum cv_err err = cv_ipc_pair(ends);
    if (err) {
        return err;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become_control(program_fd, ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return CV_ERR_SYSTEM;
    }
    *ret_pid = pid;
    *ret_channel = ends[0];
    return CV_OK;
}

static enum cv_err send_one(int channel, enum cv_handover_type type, const void *payload,
                            size_t size, int fd) {
    struct cv_ipc_message message = {
        .type = (uint16_t)type, .payload = cv_slice_of(payload, size), .fd_count = fd >= 0};
    message.fds[0] = fd;
    return cv_ipc_send(channel, &message);
}

enum cv_err cv_control_process_hand_over(int channel, const struct cv_sockets *sockets,
                                         const struct cv_resources *resources,
                                         const struct cv_handover_start *start) {
    enum cv_err err = CV_OK;
    for (uint32_t i = 0; i < CV_RESOURCE_COUNT && !err; i++) {
        const struct cv_handover_resource resource = {.resource = i};
        if (resources->fds[i] >= 0) {
            err = send_one(channel, CV_HANDOVER_RESOURCE, &resource, sizeof resource,
                           resources->fds[i]);
        }
    }
    for (size_t i = 0; sockets && i < sockets->count && !err; i++) {
        err = send_one(channel, CV_HANDOVER_LISTENER, &sockets->items[i].listener,
                       sizeof sockets->items[i].listener, sockets->items[i].fd);
    }
    if (start && !err) {
        err = send_one(channel, CV_HANDOVER_START, start, sizeof *start, -1);
    }
    return err;
}

enum cv_err cv_control_process_tell(int channel, enum cv_handover_type type) {
    return send_one(channel, type, NULL, 0, -1);
}
