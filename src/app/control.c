/* SPDX-License-Identifier: Apache-2.0 */
#include "app/control.h"

#include "app/control_private.h"
#include "app/logging.h"
#include "io/clock.h"
#include "io/random.h"
#include "ipc/channel.h"
#include "store/store.h"

#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { EXIT_CONFIG = 78 };

/* --- starting --- */

static int fail(const char *error) {
    fprintf(stderr, "conclaved: %s\n", error);
    return 1;
}

static enum cv_err open_store(struct control *control, char *error) {
    cv_mailbox_init(&control->mailbox, control->loop);
    const struct cv_store_sqlite_config config = {
        .folder = ".",
        .poster = cv_mailbox_poster(&control->mailbox),
        .now_us = cv_clock_wall_us(),
    };
    char message[CV_STORE_MESSAGE_BYTES];
    struct cv_store *store = NULL;
    enum cv_err err = cv_store_sqlite_open(&config, &store, message);
    if (err) {
        snprintf(error, CONTROL_ERROR_BYTES, "the store: %s", message);
        return err;
    }
    cv_store_gate_init(&control->gate, store);
    control->store = &control->gate.store;
    return CV_OK;
}

static void on_session_ended(void *context) {
    struct control *control = context;
    cv_retention_record_done(&control->retention);
}

static enum cv_err make_parts(struct control *control, char *error) {
    const struct cv_random random = cv_random_system();
    enum cv_err err = cv_hasher_new(control->loop, &control->hasher);
    if (!err) {
        err = control_relay_start(control);
    }
    const struct cv_hub_deps hub_deps = {
        .loop = control->loop,
        .store = control->store,
        .secrets = &control->secrets,
        .settings = &control->api_settings,
        .ice = &control->ice_settings,
        .geo = &control->geo,
        .workers = control->workers,
        .random = random,
        .session_ended = on_session_ended,
        .context = control,
    };
    if (!err) {
        err = cv_hub_new(&hub_deps, &control->hub);
    }
    if (!err) {
        const struct cv_whip_deps whip_deps = {.loop = control->loop,
                                               .store = control->store,
                                               .hub = control->hub,
                                               .secrets = &control->secrets,
                                               .settings = &control->api_settings,
                                               .ice = &control->ice_settings};
        control->whip = cv_whip_new(&whip_deps);
        err = control->whip ? CV_OK : CV_ERR_MEMORY;
    }
    if (!err) {
        const struct cv_api_deps api_deps = {
            .store = control->store,
            .meetings = cv_hub_meetings(control->hub),
            .passwords = cv_hasher_passwords(control->hasher),
            .secrets = &control->secrets,
            .settings = &control->api_settings,
            .random = random,
            .wall_us = cv_clock_wall_us,
            .monotonic_us = cv_clock_monotonic_us,
        };
        control->api = cv_api_new(&api_deps);
        err = control->api ? CV_OK : CV_ERR_MEMORY;
    }
    if (!err) {
        control->admin_facts = (struct cv_admin_facts){control, control_status};
        cv_api_set_admin_facts(control->api, &control->admin_facts);
    } else {
        snprintf(error, CONTROL_ERROR_BYTES, "can't start: %s", cv_err_name(err));
    }
    cv_stun_port_init(&control->stun, control->loop, random);
    return err;
}

/* One listener each; the descriptors belong to the servers from here on. */
static enum cv_err listen_on(struct control *control, const struct cv_socket *socket) {
    struct cv_listener listener = {.kind = CV_LISTEN_FD, .fd = socket->fd};
    switch (socket->listener.kind) {
    case CV_HANDOVER_HTTPS:
        listener.tls = control->tls;
        return cv_server_listen(control->server, &listener, NULL);
    case CV_HANDOVER_HTTP:
        listener.trusted_proxies = control->settings.trusted_proxies;
        listener.trusted_proxy_count = control->settings.trusted_proxy_count;
        listener.trust_unix_peer = socket->listener.is_unix;
        return cv_server_listen(control->server, &listener, NULL);
    case CV_HANDOVER_CONTROL:
        return cv_server_listen(control->local, &listener, NULL);
    case CV_HANDOVER_STUN:
        return cv_stun_port_add(&control->stun, socket->fd);
    default:
        return CV_ERR_RANGE;
    }
}

static enum cv_err start_servers(struct control *control, char *error) {
    struct cv_server_limits limits;
    const struct cv_server_handler handler = {
        .context = control, .on_request = control_on_request, .body_limit = control_body_limit};
    const struct cv_server_handler local_handler = {.context = control,
                                                    .on_request = control_on_local_request,
                                                    .body_limit = control_body_limit};
    cv_server_limits_default(&limits);
    limits.connections = (size_t)control->settings.config.limits.connections;
    limits.connections_per_source = (size_t)control->settings.config.limits.connections_per_address;
    enum cv_err err = cv_server_new(control->loop, &handler, &limits, &control->server);
    if (!err) {
        cv_server_limits_default(&limits);
        err = cv_server_new(control->loop, &local_handler, &limits, &control->local);
    }
    for (size_t i = 0; i < control->handover.listener_count && !err; i++) {
        err = listen_on(control, &control->handover.listeners[i]);
    }
    if (err) {
        snprintf(error, CONTROL_ERROR_BYTES, "can't serve: %s", cv_err_name(err));
    }
    return err;
}

/* Everything but the store's contents, in the order in which the parts need one another. */
static enum cv_err start(struct control *control, char error[static CONTROL_ERROR_BYTES]) {
    enum cv_err err = control_handover_receive(&control->handover);
    snprintf(error, CONTROL_ERROR_BYTES, "started by something else than its supervisor");
    if (!err) {
        err = control_settings_load(&control->handover, &control->settings, error);
    }
    if (!err) {
        cv_logging_start("control", &control->settings.config);
        control_settings_apply(control);
        err = cv_keys_load(cv_random_system(), &control->secrets, error);
    }
    if (!err) {
        err = control_tls_start(control, error);
    }
    if (!err) {
        err = control_files_open(control, error);
    }
    if (!err) {
        err = open_store(control, error);
    }
    if (!err) {
        err = make_parts(control, error);
    }
    return err;
}

/* --- running --- */

static void tell_supervisor(enum cv_handover_type type) {
    (void)cv_handover_tell(CV_HANDOVER_FD, type);
}

static void on_started(void *context, enum cv_err err) {
    struct control *control = context;
    char error[CONTROL_ERROR_BYTES];
    if (err) {
        fail("the store can't be read");
        cv_loop_stop(control->loop);
        return;
    }
    if (start_servers(control, error)) {
        fail(error);
        cv_loop_stop(control->loop);
        return;
    }
    cv_workers_start(control->workers); /* whom they know is loaded */
    cv_retention_start(&control->retention, control->loop, control->store,
                       &control->retention_settings);
    control->ready = true;
    tell_supervisor(CV_HANDOVER_READY);
    if (control->handover.start.announce) {
        control_announce(control);
    }
}

static void on_alive(struct cv_timer *timer) {
    struct control *control = CV_CONTAINER_OF(timer, struct control, alive);
    tell_supervisor(CV_HANDOVER_ALIVE);
    cv_loop_timer_set(control->loop, timer,
                      cv_loop_now_us(control->loop) + control->handover.start.alive_every_us);
}

static void reload(struct control *control) {
    struct control_settings settings;
    char error[CONTROL_ERROR_BYTES];
    control_tls_reload(control);
    control_files_reload(control);
    if (control_settings_load(&control->handover, &settings, error)) {
        CV_LOG(CV_LOG_ERROR, "the configuration stays as it was", CV_LOG_TEXT("reason", error));
    } else {
        struct control_settings before = control->settings;
        control->settings = settings;
        control_settings_apply(control);
        control_settings_release(&before);
        cv_logging_start("control", &control->settings.config);
        CV_LOG(CV_LOG_INFO, "configuration read again");
    }
    tell_supervisor(CV_HANDOVER_RELOADED);
}

static void on_drained(void *context) {
    struct control *control = context;
    if (--control->draining_servers == 0) {
        cv_loop_stop(control->loop);
    }
}

static void drain(struct control *control) {
    int64_t deadline_us =
        cv_loop_now_us(control->loop) + control->settings.config.limits.drain_seconds * CV_US_PER_S;
    if (control->draining) {
        return;
    }
    control->draining = true;
    if (!control->ready) {
        cv_loop_stop(control->loop);
        return;
    }
    cv_hub_drain(control->hub);
    control->draining_servers = 2;
    cv_server_drain(control->server, deadline_us, on_drained, control);
    cv_server_drain(control->local, deadline_us, on_drained, control);
}

static void take_resource(struct control *control, struct cv_ipc_message *message) {
    struct cv_handover_resource resource;
    if (message->fd_count != 1 || message->payload.size != sizeof resource) {
        return;
    }
    memcpy(&resource, message->payload.data, sizeof resource);
    if (resource.resource < CV_RESOURCE_COUNT) {
        control_handover_take(&control->handover, (enum cv_resource)resource.resource,
                              message->fds[0]);
        message->fd_count = 0;
    }
}

static void take_worker(struct control *control, struct cv_ipc_message *message) {
    struct cv_handover_worker worker;
    if (message->fd_count != 1 || message->payload.size != sizeof worker) {
        return;
    }
    memcpy(&worker, message->payload.data, sizeof worker);
    control_relay_take(control, &worker, message->fds[0]);
    message->fd_count = 0;
}

static void on_channel(struct cv_watch *watch, uint32_t events) {
    struct control *control = CV_CONTAINER_OF(watch, struct control, channel);
    struct cv_ipc_message message;
    enum cv_err err = cv_ipc_receive(watch->fd, &control->handover.space, &message);
    (void)events;
    if (err == CV_ERR_AGAIN) {
        return;
    }
    if (err) { /* the supervisor is gone, and we are about to be */
        cv_loop_stop(control->loop);
        return;
    }
    if (message.type == CV_HANDOVER_WORKER) {
        take_worker(control, &message);
    } else if (message.type == CV_HANDOVER_RESOURCE) {
        take_resource(control, &message);
    } else if (message.type == CV_HANDOVER_RELOAD) {
        reload(control);
    } else if (message.type == CV_HANDOVER_DRAIN) {
        drain(control);
    }
    cv_ipc_close_fds(&message);
}

static enum cv_err run(struct control *control) {
    enum cv_err err =
        cv_loop_watch(control->loop, &control->channel, CV_HANDOVER_FD, EPOLLIN, on_channel);
    if (!err && control->handover.start.alive_every_us) {
        control->alive.call = on_alive;
        err = cv_loop_timer_set(control->loop, &control->alive, cv_loop_now_us(control->loop));
    }
    if (!err) {
        cv_hub_start(control->hub, on_started, control);
        err = cv_loop_run(control->loop);
    }
    return err;
}

/* The store is closed first: what it had accepted is durable, and its answers find their askers. */
static void finish(struct control *control) {
    cv_retention_stop(&control->retention);
    cv_store_gate_close(&control->gate);
    cv_mailbox_deliver(&control->mailbox);
    control->server = cv_server_free(control->server);
    control->local = cv_server_free(control->local);
    control->hub = cv_hub_free(control->hub);
    control->whip = cv_whip_free(control->whip);
    control->workers = cv_workers_free(control->workers);
    control->hasher = cv_hasher_free(control->hasher);
    control->api = cv_api_free(control->api);
    cv_stun_port_close(&control->stun);
    control->web = cv_static_free(control->web);
    control->tls = cv_tls_free(control->tls);
    cv_geo_close(&control->geo);
    cv_secrets_wipe(&control->secrets);
    control_settings_release(&control->settings);
    cv_buf_release(&control->handover.space);
    control->loop = cv_loop_free(control->loop);
}

int cv_control_run(void) {
    static struct control control;
    char error[CONTROL_ERROR_BYTES] = "";
    /* A terminal's Ctrl-C goes to all processes: the supervisor tells us what to do about it. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    fcntl(CV_HANDOVER_FD, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_NAME, "conclave-ctl");
    control_handover_init(&control.handover);
    if (!getcwd(control.data_folder, sizeof control.data_folder)) {
        snprintf(control.data_folder, sizeof control.data_folder, ".");
    }
    control.started_at_us = cv_clock_wall_us();
    if (sodium_init() < 0 || cv_loop_new(&control.loop)) {
        return fail("out of memory");
    }
    enum cv_err err = start(&control, error);
    int status = err == CV_ERR_CONFIG ? EXIT_CONFIG : err ? 1 : 0;
    if (err) {
        fail(error);
    } else {
        status = run(&control) || !control.draining ? 1 : 0;
    }
    finish(&control);
    return status;
}
