/* SPDX-License-Identifier: Apache-2.0 */
/* The relay as far as control is concerned: its addresses and its channels. */
#include "app/control_private.h"

#include "io/socket.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static void add(struct cv_workers_settings *settings, struct cv_addr addr) {
    addr.port = 0;
    for (size_t i = 0; i < settings->address_count; i++) {
        if (cv_addr_same_host(&settings->addresses[i], &addr)) {
            return;
        }
    }
    if (settings->address_count < CV_IPC_RELAY_MAX_ADDRESSES) {
        settings->addresses[settings->address_count++] = addr;
    }
}

/* This machine's own of that scope and family. */
static void add_own(struct cv_workers_settings *settings, const struct ifaddrs *all,
                    enum cv_addr_family family, enum cv_addr_scope scope) {
    for (const struct ifaddrs *it = all; it; it = it->ifa_next) {
        sa_family_t kind = it->ifa_addr ? it->ifa_addr->sa_family : AF_UNSPEC;
        struct sockaddr_storage storage = {0};
        if (!(it->ifa_flags & IFF_UP) || (kind != AF_INET && kind != AF_INET6)) {
            continue;
        }
        memcpy(&storage, it->ifa_addr,
               kind == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        struct cv_addr addr = cv_socket_addr(&storage);
        if (addr.family == family && cv_addr_scope(&addr) == scope) {
            add(settings, addr);
        }
    }
}

/* Best first; loopback last, for whoever tries the server at home. */
static void add_all_own(struct cv_workers_settings *settings, enum cv_addr_family family) {
    static const enum cv_addr_scope scopes[] = {CV_ADDR_GLOBAL, CV_ADDR_PRIVATE, CV_ADDR_SHARED,
                                                CV_ADDR_RESERVED, CV_ADDR_LOOPBACK};
    struct ifaddrs *all = NULL;
    if (getifaddrs(&all)) {
        return;
    }
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++) {
        add_own(settings, all, family, scopes[i]);
    }
    freeifaddrs(all);
}

static void add_listed(struct cv_workers_settings *settings, const struct cv_config_list *list) {
    for (unsigned i = 0; i < list->count; i++) {
        struct cv_addr addr;
        if (cv_addr_parse(cv_slice_str(list->items[i]), &addr)) {
            continue; /* the configuration was checked */
        }
        if (cv_addr_scope(&addr) == CV_ADDR_UNSPECIFIED) {
            add_all_own(settings, addr.family);
        } else {
            add(settings, addr);
        }
    }
}

void control_relay_apply(struct control *control) {
    const struct cv_config *config = &control->settings.config;
    struct cv_workers_settings settings = {
        .limits = {.peers = (size_t)config->relay.peers,
                   .peers_per_room = (size_t)config->relay.peers,
                   .room_bytes = (size_t)config->relay.room_bytes,
                   .peer_max_bps = config->relay.peer_max_bps},
    };
    add_listed(&settings, &config->relay.addresses);
    if (!settings.address_count) {
        add_listed(&settings, &config->listen.addresses);
    }
    if (!settings.address_count) {
        add_all_own(&settings, CV_ADDR_V4);
        add_all_own(&settings, CV_ADDR_V6);
    }
    control->workers_settings = settings;
}

enum cv_err control_relay_start(struct control *control) {
    enum cv_err err = cv_workers_new(control->loop, &control->workers_settings, &control->workers);
    for (size_t i = 0; i < control->handover.worker_count && !err; i++) {
        control_relay_take(control, &control->handover.workers[i].worker,
                           control->handover.workers[i].fd);
    }
    return err;
}

void control_relay_take(struct control *control, const struct cv_handover_worker *worker, int fd) {
    cv_workers_attach(control->workers, worker, fd);
}

/* --- what there is to tell of it --- */

bool control_relay_is_ready(const struct control *control) {
    unsigned count = cv_workers_count(control->workers);
    for (unsigned i = 0; i < count; i++) {
        struct cv_workers_status status;
        cv_workers_status(control->workers, i, &status);
        if (status.ready) {
            return true;
        }
    }
    return count == 0;
}

static json_t *worker_json(const struct cv_workers *workers, unsigned worker) {
    struct cv_workers_status status;
    cv_workers_status(workers, worker, &status);
    return json_pack("{s:i,s:i,s:b,s:b,s:i,s:I,s:I,s:I}", "worker", (int)worker, "port",
                     (int)status.port, "tcp", status.tcp, "ready", status.ready, "load_permille",
                     (int)status.permille, "meetings", (json_int_t)status.counters.rooms, "peers",
                     (json_int_t)status.counters.peers, "starts", (json_int_t)status.starts);
}

json_t *control_relay_json(const struct control *control) {
    const struct cv_workers_settings *settings = &control->workers_settings;
    json_t *addresses = json_array();
    json_t *workers = json_array();
    for (size_t i = 0; i < settings->address_count; i++) {
        char text[CV_ADDR_TEXT_BYTES];
        cv_addr_format_host(&settings->addresses[i], text);
        json_array_append_new(addresses, json_string(text));
    }
    for (unsigned i = 0; i < cv_workers_count(control->workers); i++) {
        json_array_append_new(workers, worker_json(control->workers, i));
    }
    return json_pack("{s:o,s:o}", "addresses", addresses, "workers", workers);
}
