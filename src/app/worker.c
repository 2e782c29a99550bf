/* SPDX-License-Identifier: Apache-2.0 */
#include "app/worker.h"

#include "app/handover.h"
#include "app/logging.h"
#include "app/silence.h"
#include "io/clock.h"
#include "io/random.h"
#include "ipc/channel.h"
#include "worker/sandbox.h"
#include "worker/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

struct process {
    struct cv_loop *loop;
    struct cv_dtls_identity *identity;
    struct cv_worker *worker;
    struct cv_watch channel; /* to the supervisor */
    struct cv_timer alive;
    struct cv_buf space;
};

static int fail(const char *what) {
    fprintf(stderr, "conclaved: a worker can't start: %s\n", what);
    return 1;
}

static void start_log(const struct cv_handover_worker_start *start) {
    cv_logging_start(
        "worker", &(struct cv_config){
                      .log = {.level = start->log_level,
                              .format = start->log_json ? CV_LOG_FORMAT_JSON : CV_LOG_FORMAT_TEXT,
                              .personal_data = start->log_personal_data},
                  });
}

/* --- what the supervisor says --- */

static void on_control_end(struct process *process, struct cv_ipc_message *message) {
    if (message->fd_count == 1) {
        message->fd_count = 0;
        cv_worker_set_control(process->worker, message->fds[0]);
    }
}

static void on_bridge(struct process *process, struct cv_ipc_message *message) {
    struct cv_handover_bridge bridge;
    if (message->fd_count != 3 || message->payload.size != sizeof bridge) {
        return;
    }
    memcpy(&bridge, message->payload.data, sizeof bridge);
    message->fd_count = 0;
    const struct cv_worker_bridge_fds fds = {message->fds[0], message->fds[1], message->fds[2]};
    if (cv_worker_set_bridge(process->worker, bridge.worker, &fds)) {
        CV_LOG(CV_LOG_ERROR, "no bridge to another worker", CV_LOG_NUMBER("worker", bridge.worker));
    }
}

static void on_channel(struct cv_watch *watch, uint32_t events) {
    struct process *process = CV_CONTAINER_OF(watch, struct process, channel);
    struct cv_ipc_message message;
    enum cv_err err = cv_ipc_receive(watch->fd, &process->space, &message);
    (void)events;
    if (err == CV_ERR_AGAIN) {
        return;
    }
    if (err) { /* the supervisor is gone, and we are about to be */
        cv_loop_stop(process->loop);
        return;
    }
    if (message.type == CV_HANDOVER_CONTROL_END) {
        on_control_end(process, &message);
    } else if (message.type == CV_HANDOVER_BRIDGE) {
        on_bridge(process, &message);
    }
    cv_ipc_close_fds(&message);
}

/* Media must not wait for a supervisor that doesn't read: then the word is lost. */
static void on_alive(struct cv_timer *timer) {
    struct process *process = CV_CONTAINER_OF(timer, struct process, alive);
    (void)cv_handover_tell(CV_HANDOVER_FD, CV_HANDOVER_ALIVE);
    cv_loop_timer_set(process->loop, timer, cv_loop_now_us(process->loop) + CV_SILENCE_WORD_US);
}

/* --- starting --- */

static enum cv_err take_listener(struct process *process, struct cv_ipc_message *message) {
    struct cv_handover_listener listener;
    if (message->fd_count != 1 || message->payload.size != sizeof listener) {
        return CV_ERR_SYNTAX;
    }
    memcpy(&listener, message->payload.data, sizeof listener);
    message->fd_count = 0;
    return listener.kind == CV_HANDOVER_MEDIA_TCP
               ? cv_worker_add_tcp(process->worker, message->fds[0])
               : cv_worker_add_udp(process->worker, message->fds[0]);
}

/* The start says which worker it is, so it comes first; what belongs to it follows. */
static enum cv_err take_start(struct process *process) {
    struct cv_handover_worker_start start;
    struct cv_ipc_message message;
    enum cv_err err = cv_ipc_receive(CV_HANDOVER_FD, &process->space, &message);
    if (!err && (message.type != CV_HANDOVER_WORKER_START || message.payload.size != sizeof start ||
                 message.fd_count != 1)) {
        cv_ipc_close_fds(&message);
        err = CV_ERR_TYPE;
    }
    if (err) {
        return err;
    }
    memcpy(&start, message.payload.data, sizeof start);
    start_log(&start);
    const struct cv_worker_config config = {
        .worker = start.worker,
        .wake_fd = message.fds[0],
        .identity = process->identity,
        .random = cv_random_system(),
    };
    err = cv_worker_new(process->loop, &config, &process->worker);
    for (uint32_t i = 0; i < start.listeners && !err; i++) {
        err = cv_ipc_receive(CV_HANDOVER_FD, &process->space, &message);
        if (!err) {
            err = message.type == CV_HANDOVER_LISTENER ? take_listener(process, &message)
                                                       : CV_ERR_TYPE;
            cv_ipc_close_fds(&message);
        }
    }
    return err;
}

static enum cv_err start(struct process *process) {
    process->identity = cv_dtls_identity_new(cv_clock_wall_us());
    enum cv_err err = process->identity ? cv_loop_new(&process->loop) : CV_ERR_CRYPTO;
    if (!err) {
        err = take_start(process);
    }
    if (!err) {
        fcntl(CV_HANDOVER_FD, F_SETFL, fcntl(CV_HANDOVER_FD, F_GETFL) | O_NONBLOCK);
        err = cv_loop_watch(process->loop, &process->channel, CV_HANDOVER_FD, EPOLLIN, on_channel);
    }
    if (!err) {
        process->alive.call = on_alive;
        err = cv_loop_timer_set(process->loop, &process->alive, cv_loop_now_us(process->loop));
    }
    if (!err) { /* from here on only what is in hand */
        err = cv_worker_sandbox_enter();
    }
    return err;
}

int cv_worker_run(void) {
    static struct process process;
    /* A terminal's Ctrl-C goes to all processes: media flows for as long as control serves. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    fcntl(CV_HANDOVER_FD, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_NAME, "conclave-media");
    prctl(PR_SET_DUMPABLE, 0); /* the keys of calls are in this memory */
    enum cv_err err = start(&process);
    if (err) {
        return fail(cv_err_name(err));
    }
    err = cv_loop_run(process.loop);
    cv_worker_free(process.worker);
    cv_loop_free(process.loop);
    cv_dtls_identity_free(process.identity);
    cv_buf_release(&process.space);
    return err ? 1 : 0;
}
