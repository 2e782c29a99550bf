/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon knows of itself, for `conclave status` and `conclave doctor` (api/admin.yaml). */
#include "app/control_private.h"

#include "api/json.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static json_t *servers_json(const struct cv_ice_servers *ice) {
    json_t *servers = json_array();
    for (size_t i = 0; i < ice->ice.server_count; i++) {
        const struct cv_signal_ice_server *server = &ice->servers[i];
        json_t *urls = json_array();
        for (size_t j = 0; server->urls[j]; j++) {
            json_array_append_new(urls, json_string(server->urls[j]));
        }
        json_array_append_new(servers,
                              json_pack("{s:o,s:s*,s:s*}", "urls", urls, "username",
                                        server->username, "credential", server->credential));
    }
    return servers;
}

static json_t *ice_json(struct control *control) {
    static const struct cv_id doctor = {.text = "doctor"};
    struct cv_ice_servers ice;
    char host[256] = "";
    const char *origin = control->api_settings.origin + strlen("https://");
    size_t size = *origin == '[' ? strcspn(origin, "]") + 1 : strcspn(origin, ":");
    if (size < sizeof host) {
        memcpy(host, origin, size);
    }
    if (cv_ice_make(&control->ice_settings, host, &doctor, false, cv_loop_wall_us(control->loop),
                    &ice)) {
        return NULL;
    }
    return json_pack("{s:o,s:s}", "servers", servers_json(&ice), "policy",
                     ice.ice.relay_only ? "relay" : "all");
}

static bool serves_https(const struct control *control) {
    for (size_t i = 0; i < control->handover.listener_count; i++) {
        if (control->handover.listeners[i].listener.kind == CV_HANDOVER_HTTPS) {
            return true;
        }
    }
    return false;
}

/* The certificate's file as people know it: ours has a place in the data folder. */
static json_t *certificate_json(const struct control *control) {
    const char *configured = control->settings.config.tls.certificate;
    char path[sizeof control->data_folder + sizeof control->certificate];
    snprintf(path, sizeof path, "%s/%s", control->data_folder, control->certificate);
    return json_string(*configured ? configured : path);
}

json_t *control_status(void *context) {
    static const char *const faults[] = {"none", "busy", "disk-full", "io", "corrupt", "other"};
    struct control *control = context;
    const struct cv_config *config = &control->settings.config;
    struct cv_store_stats store;
    struct cv_hub_counters hub;
    bool https = serves_https(control);
    cv_store_stats(control->store, &store);
    cv_hub_counters(control->hub, &hub);
    json_t *json = json_pack(
        "{s:s,s:s,s:i,s:s,s:o,s:o,s:{s:i},s:o,s:{s:s},s:{s:I,s:I},s:I,s:I,s:o}", "version",
        CV_VERSION, "url", control->api_settings.origin, "port",
        https ? (int)control->handover.start.https_port : 0, "data", control->data_folder, "time",
        cv_api_json_time(cv_loop_wall_us(control->loop)), "started_at",
        cv_api_json_time(control->started_at_us), "stun", "port",
        (int)control->handover.start.stun_port, "ice", ice_json(control), "store", "fault",
        faults[store.fault], "records", "keep_days", (json_int_t)config->records.keep_days,
        "disk_floor_mib", (json_int_t)config->records.disk_floor_mib, "meetings_live",
        (json_int_t)hub.meetings, "participants", (json_int_t)hub.participants, "relay",
        control_relay_json(control));
    if (json && https &&
        json_object_set_new(json, "tls",
                            json_pack("{s:o}", "certificate", certificate_json(control)))) {
        json_decref(json);
        return NULL;
    }
    return json;
}
