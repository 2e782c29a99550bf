/* SPDX-License-Identifier: Apache-2.0 */
/* A call data record as JSON: the participants with their connections and statistics. */
#include "api/call.h"

#include <stdio.h>

static json_t *connection_json(const struct cv_store_record *record,
                               const struct cv_connection_record *connection) {
    bool to_server = cv_id_empty(&connection->peer);
    const char *peer = to_server ? "Server" : "";
    for (size_t i = 0; i < record->participant_count; i++) {
        if (cv_id_eq(&record->participants[i].id, &connection->peer)) {
            peer = record->participants[i].name;
        }
    }
    json_t *json = json_pack("{s:s,s:s,s:o?}", "peer", peer, "state",
                             cv_connection_state_name(connection->state), "at",
                             cv_api_json_time(connection->at_us));
    if (json && to_server && json_object_set_new(json, "server", json_true())) {
        json_decref(json);
        return NULL;
    }
    if (json && connection->path != CV_PATH_UNKNOWN &&
        json_object_set_new(json, "path", json_string(cv_connection_path_name(connection->path)))) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static int add_media(json_t *json, const char *kind, const struct cv_media_stats *stats) {
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"packets_sent", (double)stats->packets_sent},
        {"packets_received", (double)stats->packets_received},
        {"packets_lost", (double)stats->packets_lost},
        {"bytes_sent", (double)stats->bytes_sent},
        {"bytes_received", (double)stats->bytes_received},
        {"jitter_ms", stats->jitter_ms},
        {"rtt_ms", stats->rtt_ms},
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s_%s", kind, numbers[i].name);
        /* Several peers: totals are added up, of jitter and round-trip time the worst counts. */
        double before = json_number_value(json_object_get(json, name));
        bool worst = i >= 5;
        double value = worst ? (before > numbers[i].value ? before : numbers[i].value)
                             : before + numbers[i].value;
        failed |= json_object_set_new(json, name,
                                      worst ? json_real(value) : json_integer((json_int_t)value));
    }
    return failed;
}

static json_t *statistics_json(const struct cv_store_record *record, const struct cv_id *id) {
    json_t *json = json_object();
    for (size_t i = 0; i < record->stats_count; i++) {
        const struct cv_stats_record *stats = &record->stats[i];
        if (!cv_id_eq(&stats->participant, id)) {
            continue;
        }
        bool to_server = cv_id_empty(&stats->peer); /* one connection for both kinds */
        int failed = to_server ? add_media(json, "relay", &stats->video)
                               : add_media(json, "audio", &stats->audio) ||
                                     add_media(json, "video", &stats->video);
        if (failed) {
            json_decref(json);
            return NULL;
        }
    }
    return json;
}

static json_t *connections_json(const struct cv_store_record *record, const struct cv_id *id) {
    json_t *list = json_array();
    for (size_t i = 0; i < record->connection_count; i++) {
        if (cv_id_eq(&record->connections[i].participant, id) &&
            json_array_append_new(list, connection_json(record, &record->connections[i]))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Adds a member that is left out when it is empty. */
static int add_text(json_t *json, const char *name, struct cv_slice text) {
    return text.size ? json_object_set_new(json, name, cv_api_json_text(text)) : 0;
}

static json_t *participant_json(const struct cv_store_record *record, size_t index) {
    const struct cv_participant_record *participant = &record->participants[index];
    const struct cv_store_attachment *attachment = &record->attachments[index];
    json_t *json = json_pack("{s:s,s:s,s:o,s:o,s:o}", "name", participant->name, "role",
                             cv_role_name(participant->role), "joined_at",
                             cv_api_json_time(participant->joined_at_us ? participant->joined_at_us
                                                                        : participant->came_at_us),
                             "connections", connections_json(record, &participant->id),
                             "statistics", statistics_json(record, &participant->id));
    int failed = !json;
    if (json && participant->left_at_us) {
        failed |= json_object_set_new(json, "left_at", cv_api_json_time(participant->left_at_us));
        failed |=
            json_object_set_new(json, "left_reason", json_string(cv_gone_name(participant->gone)));
    }
    if (json && participant->via != CV_VIA_CLIENT) {
        failed |= json_object_set_new(json, "via", json_string(cv_via_name(participant->via)));
    }
    failed |= add_text(json, "address", attachment->address);
    failed |= add_text(json, "country", attachment->country);
    failed |= add_text(json, "network", attachment->network);
    if (failed) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static json_t *modes_json(const struct cv_store_record *record) {
    json_t *list = json_array();
    for (size_t i = 0; i < record->mode_count; i++) {
        const struct cv_mode_record *mode = &record->modes[i];
        if (json_array_append_new(list,
                                  json_pack("{s:s,s:o}", "mode", cv_call_mode_name(mode->mode),
                                            "at", cv_api_json_time(mode->at_us)))) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *cv_api_json_record(const struct cv_store_record *record, int64_t keep_us) {
    char id[CV_ID_BYTES + 16];
    snprintf(id, sizeof id, "%s.%u", record->meeting.text, record->session);
    json_t *participants = json_array();
    int failed = !participants;
    for (size_t i = 0; i < record->participant_count; i++) {
        failed |= json_array_append_new(participants, participant_json(record, i));
    }
    json_t *json = json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}", "id", id, "meeting", record->meeting.text,
                             "title", cv_api_json_text(record->title), "started_at",
                             cv_api_json_time(record->started_at_us), "modes", modes_json(record),
                             "participants", participants);
    if (json && record->ended_at_us) {
        failed |= json_object_set_new(json, "ended_at", cv_api_json_time(record->ended_at_us));
        failed |= json_object_set_new(json, "expires_at",
                                      cv_api_json_time(record->ended_at_us + keep_us));
    }
    if (failed || !json) {
        json_decref(json);
        return NULL;
    }
    return json;
}
