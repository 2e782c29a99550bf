/* SPDX-License-Identifier: Apache-2.0 */
#include "signal/encode_private.h"

json_t *cv_json_time(int64_t at_us) {
    if (at_us == CV_TIME_NEVER)
        return json_null();
    char text[CV_TIME_TEXT_BYTES];
    cv_time_format(at_us, text);
    return json_string(text);
}

json_t *cv_json_participant(const struct cv_participant *person) {
    const struct cv_participant_record *record = &person->record;
    bool in = person->presence != CV_PRESENCE_LOBBY;
    const char *via = record->via == CV_VIA_CLIENT ? NULL : cv_via_name(record->via);
    return json_pack("{s:s,s:s,s:s,s:s,s:{s:b,s:b,s:b},s:b,s:s*,s:o}", "id", record->id.text,
                     "name", record->name, "role", cv_role_name(record->role), "presence",
                     cv_presence_name(person->presence), "media", "audio", person->media.audio,
                     "video", person->media.video, "screen", person->media.screen, "hand",
                     record->hand, "via", via, "joined_at",
                     cv_json_time(in ? record->joined_at_us : record->came_at_us));
}

json_t *cv_json_you(const struct cv_participant *person) {
    return json_pack("{s:s,s:s,s:s,s:s}", "id", person->record.id.text, "role",
                     cv_role_name(person->record.role), "name", person->record.name, "presence",
                     cv_presence_name(person->presence));
}

json_t *cv_json_facts(const struct cv_meeting *meeting, int64_t now_us) {
    const struct cv_meeting_record *record = cv_meeting_record(meeting);
    return json_pack("{s:s,s:b,s:s,s:s,s:s,s:i,s:b,s:b,s:o}", "mode",
                     cv_call_mode_name(record->mode), "relay_asked", record->relay_asked, "title",
                     record->title, "state",
                     cv_meeting_state_name(cv_meeting_state(meeting, now_us)), "topology",
                     cv_topology_name(record->topology), "capacity",
                     (int)cv_meeting_capacity(meeting), "locked", record->locked, "lobby",
                     record->lobby, "closes_at", cv_json_time(cv_meeting_closes_at(meeting)));
}

/* Those who are in, or those who wait. */
static json_t *list_people(const struct cv_meeting *meeting, bool in) {
    json_t *list = json_array();
    const struct cv_participant *person;
    size_t cursor = 0;
    while (list && (person = cv_meeting_next(meeting, &cursor))) {
        if ((person->presence != CV_PRESENCE_LOBBY) != in)
            continue;
        if (json_array_append_new(list, cv_json_participant(person))) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* What the snapshot has besides the facts. */
static json_t *json_inside(const struct cv_meeting *meeting, const struct cv_participant *viewer) {
    const struct cv_meeting_record *record = cv_meeting_record(meeting);
    json_t *inside = json_pack("{s:s,s:s,s:o,s:o}", "id", record->id.text, "kind",
                               cv_meeting_kind_name(record->schedule.kind), "started_at",
                               cv_json_time(record->session_started_at_us), "participants",
                               list_people(meeting, true));
    if (inside && cv_meeting_shows_waiting(viewer) &&
        json_object_set_new(inside, "waiting", list_people(meeting, false))) {
        json_decref(inside);
        inside = NULL;
    }
    return inside;
}

json_t *cv_json_snapshot(const struct cv_meeting *meeting, int64_t now_us,
                         const struct cv_participant *viewer) {
    if (viewer->presence == CV_PRESENCE_LOBBY)
        return json_pack("{s:s}", "title", cv_meeting_record(meeting)->title);
    json_t *snapshot = json_inside(meeting, viewer);
    json_t *facts = cv_json_facts(meeting, now_us);
    if (!snapshot || !facts || json_object_update(snapshot, facts)) {
        json_decref(snapshot);
        snapshot = NULL;
    }
    json_decref(facts);
    return snapshot;
}

static json_t *json_server(const struct cv_signal_ice_server *server) {
    json_t *urls = json_array();
    for (size_t i = 0; urls && server->urls[i]; i++) {
        if (json_array_append_new(urls, json_string(server->urls[i]))) {
            json_decref(urls);
            urls = NULL;
        }
    }
    return json_pack("{s:o,s:s*,s:s*}", "urls", urls, "username", server->username, "credential",
                     server->credential);
}

json_t *cv_json_ice(const struct cv_signal_ice *ice) {
    json_t *servers = json_array();
    for (size_t i = 0; servers && i < ice->server_count; i++) {
        if (json_array_append_new(servers, json_server(&ice->servers[i]))) {
            json_decref(servers);
            servers = NULL;
        }
    }
    return json_pack("{s:o,s:s,s:o}", "servers", servers, "policy",
                     ice->relay_only ? "relay" : "all", "expires_at",
                     cv_json_time(ice->expires_at_us));
}
