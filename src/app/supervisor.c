/* SPDX-License-Identifier: Apache-2.0 */
#include "app/supervisor.h"

#include "app/logging.h"
#include "app/notify.h"
#include "app/supervisor_private.h"
#include "base/time.h"
#include "io/clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILL_AFTER_US (5 * CV_US_PER_S) /* past the drain time that is configured */

static void stop_loop(struct supervisor *supervisor, int exit_status) {
    supervisor->exit_status = exit_status;
    cv_loop_stop(supervisor->loop);
}

static void on_ready(struct supervisor *supervisor) {
    supervisor->ever_ready = true;
    if (supervisor->phase == SUPERVISOR_STARTING) {
        supervisor->phase = SUPERVISOR_RUNNING;
        cv_notify("READY=1\nSTATUS=Serving");
    }
    CV_LOG(CV_LOG_INFO, "ready", CV_LOG_NUMBER("https_port", supervisor->sockets.https_port),
           CV_LOG_NUMBER("stun_port", supervisor->sockets.stun_port),
           CV_LOG_NUMBER("workers", supervisor->worker_count));
}

static void on_message(struct cv_child *child, const struct cv_ipc_message *message) {
    struct supervisor *supervisor = CV_CONTAINER_OF(child, struct supervisor, control);
    supervisor->alive = true;
    if (message->type == CV_HANDOVER_READY) {
        on_ready(supervisor);
    } else if (message->type == CV_HANDOVER_RELOADED) {
        cv_notify("READY=1");
    }
}

static void on_control_started(struct cv_child *child) {
    struct supervisor *supervisor = CV_CONTAINER_OF(child, struct supervisor, control);
    const struct cv_handover_start start = {
        .announce = supervisor->options->announce && child->starts == 1,
        .https_port = supervisor->sockets.https_port,
        .stun_port = supervisor->sockets.stun_port,
        .alive_every_us = cv_notify_watchdog_us() / 2,
    };
    enum cv_err err = cv_handover_resources(child->channel, &supervisor->resources);
    for (size_t i = 0; i < supervisor->sockets.count && !err; i++) {
        err = cv_handover_listener(child->channel, &supervisor->sockets.items[i]);
    }
    supervisor_workers_connect(supervisor);
    if (!err) {
        err = cv_handover_send(child->channel, CV_HANDOVER_START, cv_slice_of(&start, sizeof start),
                               NULL, 0);
    }
    if (err) {
        CV_LOG(CV_LOG_ERROR, "can't hand over to control", CV_LOG_TEXT("reason", cv_err_name(err)));
    }
}

/* Control is gone: over, or to be started again. */
static void on_control_gone(struct supervisor *supervisor, int status) {
    cv_child_gone(&supervisor->control);
    if (supervisor->phase == SUPERVISOR_STOPPING) {
        stop_loop(supervisor, 0);
    } else if (!supervisor->ever_ready) {
        stop_loop(supervisor, WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1);
    } else {
        cv_child_restart(&supervisor->control, status);
    }
}

static void on_child(void *context, int signal_number) {
    struct supervisor *supervisor = context;
    int status;
    pid_t pid;
    (void)signal_number;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == supervisor->control.pid) {
            on_control_gone(supervisor, status);
        } else {
            supervisor_workers_gone(supervisor, pid, status);
        }
    }
}

static void on_kill_timer(struct cv_timer *timer) {
    struct supervisor *supervisor = CV_CONTAINER_OF(timer, struct supervisor, kill_timer);
    CV_LOG(CV_LOG_WARNING, "control did not finish in time and is killed");
    if (supervisor->control.pid) {
        kill(supervisor->control.pid, SIGKILL);
    }
}

static void on_stop(void *context, int signal_number) {
    struct supervisor *supervisor = context;
    if (supervisor->phase == SUPERVISOR_STOPPING) {
        return;
    }
    supervisor->phase = SUPERVISOR_STOPPING;
    cv_notify("STOPPING=1\nSTATUS=Finishing");
    CV_LOG(CV_LOG_INFO, "stopping", CV_LOG_NUMBER("signal", signal_number));
    cv_loop_timer_cancel(supervisor->loop, &supervisor->control.timer);
    if (!supervisor->control.pid) {
        stop_loop(supervisor, 0);
        return;
    }
    cv_handover_tell(supervisor->control.channel, CV_HANDOVER_DRAIN);
    cv_loop_timer_set(supervisor->loop, &supervisor->kill_timer,
                      cv_clock_monotonic_us() + KILL_AFTER_US +
                          supervisor->config.limits.drain_seconds * CV_US_PER_S);
}

static bool same_list(const struct cv_config_list *a, const struct cv_config_list *b) {
    bool same = a->count == b->count;
    for (unsigned i = 0; same && i < a->count; i++) {
        same = !strcmp(a->items[i], b->items[i]);
    }
    return same;
}

/* What is bound or entered once stays; the log names what was changed in vain. */
static void warn_of_restart(const struct cv_config *old, const struct cv_config *new) {
    bool same =
        !strcmp(old->data, new->data) && !strcmp(old->user, new->user) &&
        old->listen.port == new->listen.port && old->listen.stun == new->listen.stun &&
        old->listen.stun_port == new->listen.stun_port &&
        !strcmp(old->listen.http, new->listen.http) &&
        same_list(&old->listen.addresses, &new->listen.addresses) &&
        same_list(&old->listen.trusted_proxies, &new->listen.trusted_proxies) &&
        old->relay.enabled == new->relay.enabled && old->relay.workers == new->relay.workers &&
        old->relay.port == new->relay.port && old->relay.tcp == new->relay.tcp &&
        old->relay.peers == new->relay.peers && old->relay.room_bytes == new->relay.room_bytes &&
        old->relay.peer_max_bps ==
            new->relay.peer_max_bps &&same_list(&old->relay.addresses, &new->relay.addresses) &&
        old->limits.connections == new->limits.connections &&
        old->limits.connections_per_address == new->limits.connections_per_address;
    if (!same) {
        CV_LOG(CV_LOG_WARNING, "data, user, listen, relay and limits change with a restart only");
    }
}

static void on_reload(void *context, int signal_number) {
    struct supervisor *supervisor = context;
    struct cv_config config = {0};
    struct cv_buf text = {0};
    char error[CV_CONFIG_ERROR_BYTES];
    (void)signal_number;
    cv_notify_reloading(cv_clock_monotonic_us());
    enum cv_err err = supervisor_load_config(supervisor, &text, &config, error);
    if (!err) {
        warn_of_restart(&supervisor->config, &config);
        err = cv_resources_open(&supervisor->resources, &config, cv_buf_slice(&text),
                                supervisor->base_fd, error);
    }
    if (err) {
        CV_LOG(CV_LOG_ERROR, "reload refused; nothing has changed", CV_LOG_TEXT("reason", error));
        cv_notify("READY=1");
        cv_config_release(&config);
    } else {
        cv_config_release(&supervisor->config);
        supervisor->config = config;
        cv_logging_start("supervisor", &config);
        if (supervisor->control.channel >= 0) {
            cv_handover_resources(supervisor->control.channel, &supervisor->resources);
            cv_handover_tell(supervisor->control.channel, CV_HANDOVER_RELOAD);
        }
    }
    cv_buf_release(&text);
}

/* The watchdog is fed for as long as control's loop turns. */
static void on_watchdog(struct cv_timer *timer) {
    struct supervisor *supervisor = CV_CONTAINER_OF(timer, struct supervisor, watchdog_timer);
    if (supervisor->alive || supervisor->phase != SUPERVISOR_RUNNING) {
        cv_notify("WATCHDOG=1");
    }
    supervisor->alive = false;
    cv_loop_timer_set(supervisor->loop, timer, cv_clock_monotonic_us() + cv_notify_watchdog_us());
}

static enum cv_err start_loop(struct supervisor *supervisor) {
    enum cv_err err = cv_loop_new(&supervisor->loop);
    supervisor->kill_timer.call = on_kill_timer;
    supervisor->watchdog_timer.call = on_watchdog;
    if (!err) {
        err = cv_loop_on_signal(supervisor->loop, SIGCHLD, on_child, supervisor);
    }
    if (!err) {
        err = cv_loop_on_signal(supervisor->loop, SIGTERM, on_stop, supervisor);
    }
    if (!err) {
        err = cv_loop_on_signal(supervisor->loop, SIGINT, on_stop, supervisor);
    }
    if (!err) {
        err = cv_loop_on_signal(supervisor->loop, SIGHUP, on_reload, supervisor);
    }
    if (!err && cv_notify_watchdog_us()) {
        err = cv_loop_timer_set(supervisor->loop, &supervisor->watchdog_timer,
                                cv_clock_monotonic_us() + cv_notify_watchdog_us());
    }
    return err;
}

static int run(struct supervisor *supervisor) {
    supervisor->control = (struct cv_child){
        .loop = supervisor->loop,
        .program_fd = supervisor->program_fd,
        .name = "control",
        .argument = "--control",
        .on_started = on_control_started,
        .on_message = on_message,
    };
    cv_child_init(&supervisor->control);
    supervisor_workers_start(supervisor);
    if (cv_child_start(&supervisor->control) || cv_loop_run(supervisor->loop)) {
        supervisor->exit_status = 1;
    }
    cv_child_release(&supervisor->control);
    return supervisor->exit_status;
}

int cv_supervisor_run(const struct cv_options *options) {
    struct supervisor supervisor = {.options = options, .base_fd = -1, .program_fd = -1};
    cv_resources_init(&supervisor.resources);
    int status = supervisor_prepare(&supervisor);
    if (!status && start_loop(&supervisor)) {
        status = supervisor_say(strerror(errno));
    }
    if (!status) {
        status = run(&supervisor);
    }
    supervisor_workers_close(&supervisor);
    cv_loop_free(supervisor.loop);
    cv_sockets_close(&supervisor.sockets);
    cv_resources_close(&supervisor.resources);
    cv_config_release(&supervisor.config);
    if (supervisor.base_fd >= 0) {
        close(supervisor.base_fd);
    }
    if (supervisor.program_fd >= 0) {
        close(supervisor.program_fd);
    }
    return status;
}
