/* SPDX-License-Identifier: Apache-2.0 */
/* The workers: their sockets, their processes, and who is connected with whom. */
#include "app/supervisor_private.h"
#include "base/log.h"
#include "io/clock.h"
#include "ipc/ring.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0) {
        return 1;
    }
    unsigned count = (unsigned)CPU_COUNT(&set);
    return count < CV_CONFIG_MAX_WORKERS ? count : CV_CONFIG_MAX_WORKERS;
}

enum cv_err supervisor_workers_open(struct supervisor *supervisor,
                                    char error[static CV_SOCKETS_ERROR_BYTES]) {
    const struct cv_config *config = &supervisor->config;
    if (!config->relay.enabled) {
        return CV_OK;
    }
    unsigned count = config->relay.workers ? (unsigned)config->relay.workers : cores();
    supervisor->workers = calloc(count, sizeof *supervisor->workers);
    if (!supervisor->workers) {
        snprintf(error, CV_SOCKETS_ERROR_BYTES, "out of memory");
        return CV_ERR_MEMORY;
    }
    enum cv_err err = CV_OK;
    for (unsigned i = 0; i < count && !err; i++) {
        supervisor->workers[i].wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        err = cv_media_sockets_open(config, i, &supervisor->workers[i].sockets, error);
        supervisor->worker_count += !err;
    }
    return err;
}

void supervisor_workers_close(struct supervisor *supervisor) {
    for (unsigned i = 0; i < supervisor->worker_count; i++) {
        struct supervisor_worker *worker = &supervisor->workers[i];
        if (worker->child.pid) { /* nothing of a worker's is to be kept */
            kill(worker->child.pid, SIGKILL);
            waitpid(worker->child.pid, NULL, 0);
        }
        if (worker->child.loop) {
            cv_child_release(&worker->child);
        }
        cv_media_sockets_close(&worker->sockets);
        if (worker->wake_fd >= 0) {
            close(worker->wake_fd);
        }
    }
    free(supervisor->workers);
    supervisor->workers = NULL;
    supervisor->worker_count = 0;
}

/* Control and one worker get a channel; harmless when one of them isn't there. */
static void connect_to_control(struct supervisor_worker *worker) {
    struct supervisor *supervisor = worker->supervisor;
    const struct cv_handover_worker named = {
        .index = worker->index,
        .port = worker->sockets.port,
        .tcp = supervisor->config.relay.tcp != 0,
        .hung = worker->hung,
    };
    int ends[2];
    if (supervisor->control.channel < 0 || worker->child.channel < 0 || cv_ipc_pair(ends)) {
        return;
    }
    cv_handover_send(supervisor->control.channel, CV_HANDOVER_WORKER,
                     cv_slice_of(&named, sizeof named), &ends[0], 1);
    cv_handover_send(worker->child.channel, CV_HANDOVER_CONTROL_END, cv_slice_of(NULL, 0), &ends[1],
                     1);
    close(ends[0]);
    close(ends[1]);
}

static enum cv_err hand_bridge(const struct supervisor_worker *to,
                               const struct supervisor_worker *other, int in, int out) {
    const struct cv_handover_bridge bridge = {.worker = other->index};
    const int fds[] = {in, out, other->wake_fd};
    return cv_handover_send(to->child.channel, CV_HANDOVER_BRIDGE,
                            cv_slice_of(&bridge, sizeof bridge), fds, 3);
}

/* Fresh rings between two workers: what one that died left in the old ones is gone with them. */
static void connect_workers(struct supervisor_worker *a, struct supervisor_worker *b) {
    int a_to_b = cv_ring_memory();
    int b_to_a = cv_ring_memory();
    if (a_to_b < 0 || b_to_a < 0 || hand_bridge(a, b, b_to_a, a_to_b) ||
        hand_bridge(b, a, a_to_b, b_to_a)) {
        CV_LOG(CV_LOG_ERROR, "two workers can't be connected", CV_LOG_NUMBER("worker", a->index),
               CV_LOG_NUMBER("other", b->index));
    }
    if (a_to_b >= 0) {
        close(a_to_b);
    }
    if (b_to_a >= 0) {
        close(b_to_a);
    }
}

static void on_started(struct cv_child *child) {
    struct supervisor_worker *worker = CV_CONTAINER_OF(child, struct supervisor_worker, child);
    const struct supervisor *supervisor = worker->supervisor;
    const struct cv_handover_worker_start start = {
        .worker = worker->index,
        .listeners = (uint32_t)worker->sockets.count,
        .log_level = (uint32_t)supervisor->config.log.level,
        .log_json = supervisor->config.log.format == CV_LOG_FORMAT_JSON,
        .log_personal_data = supervisor->config.log.personal_data != 0,
    };
    cv_silence_begin(&worker->silence, cv_clock_monotonic_us());
    enum cv_err err = cv_handover_send(child->channel, CV_HANDOVER_WORKER_START,
                                       cv_slice_of(&start, sizeof start), &worker->wake_fd, 1);
    for (size_t i = 0; i < worker->sockets.count && !err; i++) {
        err = cv_handover_listener(child->channel, &worker->sockets.items[i]);
    }
    /* The bridges first: who comes by way of control may have to be told on at once. */
    for (unsigned i = 0; i < supervisor->worker_count; i++) {
        struct supervisor_worker *other = &worker->supervisor->workers[i];
        if (other != worker && other->child.channel >= 0) {
            connect_workers(worker, other);
        }
    }
    connect_to_control(worker);
}

/* That it lives; a worker tells control what else there is to tell. */
static void on_message(struct cv_child *child, const struct cv_ipc_message *message) {
    struct supervisor_worker *worker = CV_CONTAINER_OF(child, struct supervisor_worker, child);
    if (message->type == CV_HANDOVER_ALIVE) {
        cv_silence_word(&worker->silence, cv_clock_monotonic_us());
    }
}

/* From here on it is as with any that is killed: SIGCHLD says so, and it is started again. */
static void end_hung(struct supervisor_worker *worker) {
    worker->hung++;
    CV_LOG(CV_LOG_ERROR, "a media worker hangs and is killed",
           CV_LOG_NUMBER("worker", worker->index), CV_LOG_NUMBER("process_id", worker->child.pid),
           CV_LOG_NUMBER("times", worker->hung));
    kill(worker->child.pid, SIGKILL);
}

static void on_look(struct cv_timer *timer) {
    struct supervisor *supervisor = CV_CONTAINER_OF(timer, struct supervisor, look_timer);
    int64_t now_us = cv_clock_monotonic_us();
    for (unsigned i = 0; i < supervisor->worker_count; i++) {
        struct supervisor_worker *worker = &supervisor->workers[i];
        if (worker->child.pid && cv_silence_look(&worker->silence, now_us)) {
            end_hung(worker);
        }
    }
    cv_loop_timer_set(supervisor->loop, timer, now_us + CV_SILENCE_LOOK_US);
}

void supervisor_workers_start(struct supervisor *supervisor) {
    for (unsigned i = 0; i < supervisor->worker_count; i++) {
        struct supervisor_worker *worker = &supervisor->workers[i];
        worker->supervisor = supervisor;
        worker->index = i;
        worker->child = (struct cv_child){
            .loop = supervisor->loop,
            .program_fd = supervisor->program_fd,
            .name = "worker",
            .argument = "--worker",
            .on_started = on_started,
            .on_message = on_message,
        };
        cv_child_init(&worker->child);
    }
    for (unsigned i = 0; i < supervisor->worker_count; i++) {
        struct supervisor_worker *worker = &supervisor->workers[i];
        if (cv_child_start(&worker->child)) {
            cv_child_restart(&worker->child, 0);
        }
    }
    if (supervisor->worker_count) {
        supervisor->look_timer.call = on_look;
        cv_loop_timer_set(supervisor->loop, &supervisor->look_timer,
                          cv_clock_monotonic_us() + CV_SILENCE_LOOK_US);
    }
}

void supervisor_workers_connect(struct supervisor *supervisor) {
    for (unsigned i = 0; i < supervisor->worker_count; i++) {
        connect_to_control(&supervisor->workers[i]);
    }
}

bool supervisor_workers_gone(struct supervisor *supervisor, pid_t pid, int status) {
    for (unsigned i = 0; i < supervisor->worker_count; i++) {
        struct supervisor_worker *worker = &supervisor->workers[i];
        if (worker->child.pid != pid) {
            continue;
        }
        cv_child_gone(&worker->child);
        if (supervisor->phase != SUPERVISOR_STOPPING) {
            cv_child_restart(&worker->child, status);
        }
        return true;
    }
    return false;
}
