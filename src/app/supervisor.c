/* SPDX-License-Identifier: Apache-2.0 */
#include "app/supervisor.h"

#include "app/control_process.h"
#include "app/datadir.h"
#include "app/logging.h"
#include "app/notify.h"
#include "base/time.h"
#include "io/clock.h"
#include "io/loop.h"
#include "ipc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKOFF_FIRST_US (100 * CV_US_PER_MS)
#define BACKOFF_LONGEST_US (5 * CV_US_PER_S)
#define PROVEN_US (60 * CV_US_PER_S)    /* ran this long: its death is news */
#define KILL_AFTER_US (5 * CV_US_PER_S) /* past the drain time that is configured */

enum phase { STARTING, RUNNING, STOPPING };

struct supervisor {
    const struct cv_options *options;
    struct cv_loop *loop;
    struct cv_config config;
    struct cv_sockets sockets;
    struct cv_resources resources;
    int base_fd;    /* the folder in which we were started: paths are relative to it */
    int program_fd; /* this program */
    enum phase phase;
    bool ever_ready;
    int exit_status;

    pid_t control; /* 0: none */
    int channel;   /* to it; -1: none */
    struct cv_buf space;
    struct cv_watch watch;
    int64_t started_us;
    int64_t backoff_us;
    bool restarted;
    bool alive; /* heard from control since the last watchdog tick */

    struct cv_timer start_timer;
    struct cv_timer kill_timer;
    struct cv_timer watchdog_timer;
};

static int say(const char *message) {
    fprintf(stderr, "conclaved: %s\n", message);
    return 1;
}

static enum cv_err replace_text(char **text, const char *by) {
    char *copy = strdup(by);
    if (!copy) {
        return CV_ERR_MEMORY;
    }
    free(*text);
    *text = copy;
    return CV_OK;
}

/* Reads the configuration and what the command line changes of it. */
static enum cv_err load_config(const struct cv_options *options, int base_fd, struct cv_buf *text,
                               struct cv_config *ret_config,
                               char error[static CV_CONFIG_ERROR_BYTES]) {
    enum cv_err err = CV_OK;
    if (options->config) {
        err = cv_config_read(base_fd, options->config, text, error);
    }
    if (!err) {
        err = cv_config_load(cv_buf_slice(text), options->config ? options->config : "(default)",
                             ret_config, error);
    }
    if (!err && options->port >= 0) {
        ret_config->listen.port = options->port;
    }
    if (!err && options->data) {
        err = replace_text(&ret_config->data, options->data);
    }
    if (!err && options->web) {
        err = replace_text(&ret_config->web.root, options->web);
    }
    return err;
}

static void stop_loop(struct supervisor *supervisor, int exit_status) {
    supervisor->exit_status = exit_status;
    cv_loop_stop(supervisor->loop);
}

static void close_channel(struct supervisor *supervisor) {
    cv_loop_unwatch(supervisor->loop, &supervisor->watch);
    if (supervisor->channel >= 0) {
        close(supervisor->channel);
    }
    supervisor->channel = -1;
}

static void on_ready(struct supervisor *supervisor) {
    supervisor->ever_ready = true;
    if (supervisor->phase == STARTING) {
        supervisor->phase = RUNNING;
        cv_notify("READY=1\nSTATUS=Serving");
    }
    CV_LOG(CV_LOG_INFO, "ready", CV_LOG_NUMBER("https_port", supervisor->sockets.https_port),
           CV_LOG_NUMBER("stun_port", supervisor->sockets.stun_port));
}

static void on_channel(struct cv_watch *watch, uint32_t events) {
    struct supervisor *supervisor = CV_CONTAINER_OF(watch, struct supervisor, watch);
    struct cv_ipc_message message;
    enum cv_err err = cv_ipc_receive(supervisor->channel, &supervisor->space, &message);
    (void)events;
    if (err == CV_ERR_AGAIN) {
        return;
    }
    if (err) { /* its end is closed: SIGCHLD says the rest */
        close_channel(supervisor);
        return;
    }
    cv_ipc_close_fds(&message); /* control has nothing to hand back */
    supervisor->alive = true;
    if (message.type == CV_HANDOVER_READY) {
        on_ready(supervisor);
    } else if (message.type == CV_HANDOVER_RELOADED) {
        cv_notify("READY=1");
    }
}

static void start_control(struct supervisor *supervisor) {
    const struct cv_handover_start start = {
        .announce = supervisor->options->announce && !supervisor->restarted,
        .restarted = supervisor->restarted,
        .https_port = supervisor->sockets.https_port,
        .stun_port = supervisor->sockets.stun_port,
        .alive_every_us = cv_notify_watchdog_us() / 2,
    };
    supervisor->started_us = cv_clock_monotonic_us();
    enum cv_err err = cv_control_process_start(supervisor->program_fd, &supervisor->control,
                                               &supervisor->channel);
    if (!err) {
        err = cv_loop_watch(supervisor->loop, &supervisor->watch, supervisor->channel, EPOLLIN,
                            on_channel);
    }
    if (!err) {
        err = cv_control_process_hand_over(supervisor->channel, &supervisor->sockets,
                                           &supervisor->resources, &start);
    }
    if (err) {
        CV_LOG(CV_LOG_ERROR, "can't start control", CV_LOG_TEXT("reason", cv_err_name(err)));
        if (!supervisor->control) {
            stop_loop(supervisor, 1);
        }
    }
    supervisor->restarted = true;
}

static void on_start_timer(struct cv_timer *timer) {
    start_control(CV_CONTAINER_OF(timer, struct supervisor, start_timer));
}

/* Control is gone: over, or to be started again. */
static void on_control_gone(struct supervisor *supervisor, int status) {
    int64_t ran_us = cv_clock_monotonic_us() - supervisor->started_us;
    close_channel(supervisor);
    supervisor->control = 0;
    if (supervisor->phase == STOPPING) {
        stop_loop(supervisor, 0);
        return;
    }
    if (!supervisor->ever_ready) {
        stop_loop(supervisor, WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1);
        return;
    }
    int64_t wait_us = ran_us > PROVEN_US ? 0 : supervisor->backoff_us;
    supervisor->backoff_us = ran_us > PROVEN_US ? BACKOFF_FIRST_US : 2 * supervisor->backoff_us;
    if (supervisor->backoff_us > BACKOFF_LONGEST_US) {
        supervisor->backoff_us = BACKOFF_LONGEST_US;
    }
    CV_LOG(CV_LOG_ERROR, "control died and is started again",
           CV_LOG_NUMBER("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
           CV_LOG_NUMBER("exit_status", WIFEXITED(status) ? WEXITSTATUS(status) : 0),
           CV_LOG_NUMBER("wait_ms", wait_us / CV_US_PER_MS));
    cv_loop_timer_set(supervisor->loop, &supervisor->start_timer,
                      cv_clock_monotonic_us() + wait_us);
}

static void on_child(void *context, int signal_number) {
    struct supervisor *supervisor = context;
    int status;
    pid_t pid;
    (void)signal_number;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == supervisor->control) {
            on_control_gone(supervisor, status);
        }
    }
}

static void on_kill_timer(struct cv_timer *timer) {
    struct supervisor *supervisor = CV_CONTAINER_OF(timer, struct supervisor, kill_timer);
    CV_LOG(CV_LOG_WARNING, "control did not finish in time and is killed");
    if (supervisor->control) {
        kill(supervisor->control, SIGKILL);
    }
}

static void on_stop(void *context, int signal_number) {
    struct supervisor *supervisor = context;
    if (supervisor->phase == STOPPING) {
        return;
    }
    supervisor->phase = STOPPING;
    cv_notify("STOPPING=1\nSTATUS=Finishing");
    CV_LOG(CV_LOG_INFO, "stopping", CV_LOG_NUMBER("signal", signal_number));
    cv_loop_timer_cancel(supervisor->loop, &supervisor->start_timer);
    if (!supervisor->control) {
        stop_loop(supervisor, 0);
        return;
    }
    cv_control_process_tell(supervisor->channel, CV_HANDOVER_DRAIN);
    cv_loop_timer_set(supervisor->loop, &supervisor->kill_timer,
                      cv_clock_monotonic_us() + KILL_AFTER_US +
                          supervisor->config.limits.drain_seconds * CV_US_PER_S);
}

/* What is bound or entered once stays; the log names what was changed in vain. */
static void warn_of_restart(const struct cv_config *old, const struct cv_config *new) {
    bool same = !strcmp(old->data, new->data) && !strcmp(old->user, new->user) &&
                old->listen.port == new->listen.port && old->listen.stun == new->listen.stun &&
                old->listen.stun_port == new->listen.stun_port &&
                !strcmp(old->listen.http, new->listen.http) &&
                old->listen.addresses.count == new->listen.addresses.count &&
                old->limits.connections == new->limits.connections &&
                old->limits.connections_per_address == new->limits.connections_per_address;
    for (unsigned i = 0; same && i < old->listen.addresses.count; i++) {
        same = !strcmp(old->listen.addresses.items[i], new->listen.addresses.items[i]);
    }
    if (!same) {
        CV_LOG(CV_LOG_WARNING, "data, user, listen and limits change with a restart only");
    }
}

static void on_reload(void *context, int signal_number) {
    struct supervisor *supervisor = context;
    struct cv_config config = {0};
    struct cv_buf text = {0};
    char error[CV_CONFIG_ERROR_BYTES];
    (void)signal_number;
    cv_notify_reloading(cv_clock_monotonic_us());
    enum cv_err err = load_config(supervisor->options, supervisor->base_fd, &text, &config, error);
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
        if (supervisor->control) {
            cv_control_process_hand_over(supervisor->channel, NULL, &supervisor->resources, NULL);
            cv_control_process_tell(supervisor->channel, CV_HANDOVER_RELOAD);
        }
    }
    cv_buf_release(&text);
}

/* The watchdog is fed for as long as control's loop turns. */
static void on_watchdog(struct cv_timer *timer) {
    struct supervisor *supervisor = CV_CONTAINER_OF(timer, struct supervisor, watchdog_timer);
    if (supervisor->alive || supervisor->phase != RUNNING) {
        cv_notify("WATCHDOG=1");
    }
    supervisor->alive = false;
    cv_loop_timer_set(supervisor->loop, timer, cv_clock_monotonic_us() + cv_notify_watchdog_us());
}

static enum cv_err start_loop(struct supervisor *supervisor) {
    enum cv_err err = cv_loop_new(&supervisor->loop);
    supervisor->start_timer.call = on_start_timer;
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

/* All that needs privileges or can go wrong before anything runs; 0 or the exit status. */
static int prepare(struct supervisor *supervisor) {
    char error[CV_CONFIG_ERROR_BYTES] = "";
    struct cv_buf text = {0};
    struct cv_account account;
    bool root = geteuid() == 0;
    int lock_fd = -1;
    supervisor->base_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    supervisor->program_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (supervisor->base_fd < 0 || supervisor->program_fd < 0) {
        return say(strerror(errno));
    }
    enum cv_err err =
        load_config(supervisor->options, supervisor->base_fd, &text, &supervisor->config, error);
    int status = err ? 78 : 1; /* EX_CONFIG: systemd is told not to try again */
    if (!err && root && cv_account_find(supervisor->config.user, &account)) {
        err = CV_ERR_NOT_FOUND;
        snprintf(error, sizeof error,
                 "started as root, and there is no account '%s' nor 'nobody' to become",
                 supervisor->config.user);
    }
    if (!err) {
        cv_logging_start("supervisor", &supervisor->config);
        err = cv_datadir_enter(supervisor->config.data, root ? &account : NULL, &lock_fd, error);
    }
    if (!err) {
        supervisor->resources.fds[CV_RESOURCE_LOCK] = lock_fd;
        err = cv_resources_open(&supervisor->resources, &supervisor->config, cv_buf_slice(&text),
                                supervisor->base_fd, error);
        status = err ? 78 : 1;
    }
    if (!err) {
        err = cv_sockets_open(&supervisor->config, root ? &account : NULL, &supervisor->sockets,
                              error);
    }
    cv_buf_release(&text);
    if (!err && ((root && cv_privileges_drop(&account)) || cv_privileges_renounce())) {
        err = CV_ERR_SYSTEM;
        snprintf(error, sizeof error, "can't drop privileges: %s", strerror(errno));
    }
    if (err) {
        say(error);
        return status;
    }
    return 0;
}

int cv_supervisor_run(const struct cv_options *options) {
    struct supervisor supervisor = {.options = options,
                                    .base_fd = -1,
                                    .program_fd = -1,
                                    .channel = -1,
                                    .backoff_us = BACKOFF_FIRST_US};
    cv_resources_init(&supervisor.resources);
    int status = prepare(&supervisor);
    if (!status && start_loop(&supervisor)) {
        status = say(strerror(errno));
    }
    if (!status) {
        start_control(&supervisor);
        status = cv_loop_run(supervisor.loop) ? 1 : supervisor.exit_status;
    }
    if (supervisor.channel >= 0) {
        close_channel(&supervisor);
    }
    cv_buf_release(&supervisor.space);
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
