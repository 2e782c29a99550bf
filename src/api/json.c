/* SPDX-License-Identifier: Apache-2.0 */
/* Things as JSON, as api/openapi.yaml has them. */
#include "api/call.h"

json_t *cv_api_json_time(int64_t at_us) {
    char text[CV_TIME_TEXT_BYTES];
    cv_time_format(at_us, text);
    return json_string(text);
}

json_t *cv_api_json_text(struct cv_slice text) {
    return json_stringn(text.size ? (const char *)text.data : "", text.size);
}

/* Adds a member; false (and the object is no longer good) without memory. */
static bool set(json_t *object, const char *name, json_t *value) {
    return object && json_object_set_new(object, name, value) == 0;
}

static bool set_time(json_t *object, const char *name, int64_t at_us) {
    return at_us == 0 || at_us == CV_TIME_NEVER || set(object, name, cv_api_json_time(at_us));
}

static bool set_text(json_t *object, const char *name, struct cv_slice text) {
    return text.size == 0 || set(object, name, cv_api_json_text(text));
}

static json_t *good_or_null(json_t *object, bool good) {
    if (!good) {
        json_decref(object);
        return NULL;
    }
    return object;
}

json_t *cv_api_json_user(const struct cv_store_user *user) {
    json_t *json = json_pack("{s:s}", "id", user->id.text);
    return good_or_null(
        json, set(json, "name", cv_api_json_text(user->name)) &&
                  set(json, "email", cv_api_json_text(user->email)) &&
                  set(json, "role",
                      json_string(user->role == CV_STORE_ACCOUNT_ADMIN ? "admin" : "user")) &&
                  set_time(json, "created_at", user->created_at_us));
}

enum cv_meeting_state cv_api_meeting_state(const struct cv_api *api,
                                           const struct cv_store_meeting *meeting, int64_t now_us) {
    const struct cv_api_meetings *meetings = &api->deps.meetings;
    bool occupied = meetings->present(meetings->context, &meeting->record.id) > 0;
    return cv_policy_meeting_state(&api->deps.settings->windows, &meeting->record.schedule,
                                   occupied, now_us);
}

json_t *cv_api_json_meeting(const struct cv_api *api, const struct cv_store_meeting *meeting,
                            int64_t now_us) {
    const struct cv_meeting_record *record = &meeting->record;
    const struct cv_policy_schedule *schedule = &record->schedule;
    const struct cv_api_meetings *meetings = &api->deps.meetings;
    enum cv_meeting_state state = cv_api_meeting_state(api, meeting, now_us);
    json_t *json =
        json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:s,s:I}", "id", record->id.text, "kind",
                  cv_meeting_kind_name(schedule->kind), "title", record->title, "state",
                  cv_meeting_state_name(state), "lobby", (int)record->lobby, "locked",
                  (int)record->locked, "topology", cv_topology_name(record->topology), "present",
                  (json_int_t)meetings->present(meetings->context, &record->id));
    bool good = set_time(json, "created_at", schedule->created_at_us) &&
                set_time(json, "ended_at", schedule->ended_at_us) &&
                set_text(json, "time_zone", meeting->time_zone);
    if (good && schedule->kind == CV_KIND_SCHEDULED) {
        good = set_time(json, "starts_at", schedule->starts_at_us) &&
               set(json, "duration_minutes", json_integer(schedule->duration_us / CV_US_PER_MIN));
    }
    if (good && schedule->kind != CV_KIND_ROOM) {
        const struct cv_policy_windows *windows = &api->deps.settings->windows;
        good = set_time(json, "opens_at", cv_policy_opens_at(windows, schedule)) &&
               set_time(json, "closes_at", cv_policy_closes_at(windows, schedule));
    }
    return good_or_null(json, good);
}

json_t *cv_api_json_link(const struct cv_store_link *link) {
    json_t *json = json_pack("{s:s,s:s,s:b}", "id", link->id.text, "role", cv_role_name(link->role),
                             "shared", (int)link->shared);
    return good_or_null(json, set_text(json, "label", link->label) &&
                                  set_time(json, "created_at", link->created_at_us) &&
                                  set_time(json, "revoked_at", link->revoked_at_us) &&
                                  set_time(json, "last_used_at", link->used_at_us));
}

json_t *cv_api_json_link_url(const struct cv_call *call, const char *path,
                             const struct cv_token *token) {
    struct cv_buf url = {0};
    json_t *json = NULL;
    if (!cv_api_link_origin(call->api->deps.settings, cv_call_request(call), &url) &&
        !cv_buf_printf(&url, "%s#%s", path, token->text)) {
        json = cv_api_json_text(cv_buf_slice(&url));
    }
    cv_wipe(url.data, url.size);
    cv_buf_release(&url);
    return json;
}
