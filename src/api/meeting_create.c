/* SPDX-License-Identifier: Apache-2.0 */
/* New meetings: planned ones and rooms of an account, and instant ones of anybody. */
#include "api/call.h"

#include <stdlib.h>

enum { DURATION_DEFAULT = 60, DURATION_MIN = 5, DURATION_MAX = 1440 };

static void set_closes_at(const struct cv_api *api, struct cv_store_meeting *meeting) {
    meeting->closes_at_us =
        cv_policy_closes_at(&api->deps.settings->windows, &meeting->record.schedule);
}

static void check_times(struct cv_call *call, const struct cv_policy_schedule *schedule) {
    bool given = cv_input_has(&call->input, "starts_at");
    if (schedule->kind == CV_KIND_SCHEDULED && !given) {
        cv_input_error(&call->input, "starts_at", "is missing");
    } else if (schedule->kind != CV_KIND_SCHEDULED && given) {
        cv_input_error(&call->input, "starts_at", "only scheduled meetings have times");
    } else if (schedule->kind == CV_KIND_SCHEDULED && schedule->starts_at_us &&
               cv_policy_closes_at(&call->api->deps.settings->windows, schedule) <= call->now_us) {
        cv_input_error(&call->input, "starts_at", "is over already");
    }
}

void cv_api_create_meeting(struct cv_call *call) {
    struct cv_input *input = &call->input;
    struct cv_store_meeting meeting = {.owner = call->user.id};
    struct cv_meeting_record *record = &meeting.record;
    struct cv_slice kind = cv_input_text(input, "kind", CV_INPUT_REQUIRED, 1, 16);
    struct cv_slice title = cv_input_text(input, "title", CV_INPUT_REQUIRED, 1, CV_TITLE_CHARS);
    if (kind.size && cv_meeting_kind_parse(kind, &record->schedule.kind)) {
        cv_input_error(input, "kind", "must be scheduled, room or instant");
    }
    record->schedule.starts_at_us = cv_input_time(input, "starts_at", CV_INPUT_OPTIONAL);
    int64_t minutes =
        cv_input_int(input, "duration_minutes", DURATION_DEFAULT, DURATION_MIN, DURATION_MAX);
    meeting.time_zone =
        cv_input_text(input, "time_zone", CV_INPUT_OPTIONAL, 1, CV_STORE_TIME_ZONE_MAX_BYTES);
    if (meeting.time_zone.size > CV_STORE_TIME_ZONE_MAX_BYTES) {
        cv_input_error(input, "time_zone", "is too long");
    }
    record->lobby = cv_input_bool(input, "lobby", false);
    struct cv_slice topology = cv_input_text(input, "topology", CV_INPUT_OPTIONAL, 1, 16);
    if (topology.size && cv_topology_parse(topology, &record->topology)) {
        cv_input_error(input, "topology", "must be auto or mesh");
    }
    record->schedule.created_at_us = call->now_us;
    if (record->schedule.kind == CV_KIND_SCHEDULED) {
        record->schedule.duration_us = minutes * CV_US_PER_MIN;
    }
    check_times(call, &record->schedule);
    if (!cv_input_finish(input)) {
        cv_call_invalid(call);
        return;
    }
    cv_id_make(call->api->deps.random, 'm', &record->id);
    record->owned = true;
    memcpy(record->title, title.data, title.size);
    set_closes_at(call->api, &meeting);
    const struct cv_store_op op = {.kind = CV_STORE_MEETING_CREATE, .meeting_create = meeting};
    cv_call_submit_once(call, &op, 1, &record->id, 201,
                        cv_api_json_meeting(call->api, &meeting, call->now_us));
}

/* --- instant meetings --- */

struct making {
    struct cv_api_instant_made made;
    cv_api_instant_fn *done;
    void *context;
};

static void on_instant_durable(void *context, const struct cv_store_answer *answer) {
    struct making *making = context;
    making->done(making->context, answer->err, &making->made);
    cv_wipe(making, sizeof *making);
    free(making);
}

static void make_link(struct cv_api *api, const struct cv_store_meeting *meeting, enum cv_role role,
                      bool shared, struct cv_token *token, struct cv_secret_hash *hash,
                      struct cv_store_op *op) {
    cv_token_make(api->deps.random, token);
    cv_secret_hash(api->deps.secrets, CV_SECRET_LINK, cv_slice_str(token->text), hash);
    *op = (struct cv_store_op){
        .kind = CV_STORE_LINK_CREATE,
        .link_create = {.meeting = meeting->record.id,
                        .secret_hash = cv_secret_hash_slice(hash),
                        .role = role,
                        .shared = shared,
                        .created_at_us = meeting->record.schedule.created_at_us}};
    cv_id_make(api->deps.random, 'l', &op->link_create.id);
}

enum cv_err cv_api_make_instant(struct cv_api *api, const struct cv_id *owner,
                                cv_api_instant_fn *done, void *context) {
    struct making *making = calloc(1, sizeof *making);
    struct cv_secret_hash hashes[2];
    struct cv_store_op ops[3];
    if (!making) {
        return CV_ERR_MEMORY;
    }
    making->done = done;
    making->context = context;
    struct cv_store_meeting *meeting = &making->made.meeting;
    static const char title[] = "Instant meeting";
    meeting->owner = *owner;
    meeting->record.owned = !cv_id_empty(owner);
    meeting->record.schedule.kind = CV_KIND_INSTANT;
    meeting->record.schedule.created_at_us = api->deps.wall_us();
    memcpy(meeting->record.title, title, sizeof title);
    cv_id_make(api->deps.random, 'm', &meeting->record.id);
    set_closes_at(api, meeting);
    ops[0] = (struct cv_store_op){.kind = CV_STORE_MEETING_CREATE, .meeting_create = *meeting};
    make_link(api, meeting, CV_ROLE_HOST, false, &making->made.host, &hashes[0], &ops[1]);
    make_link(api, meeting, CV_ROLE_GUEST, true, &making->made.guest, &hashes[1], &ops[2]);
    enum cv_err err = cv_store_submit(api->deps.store, ops, 3, on_instant_durable, making);
    if (err) {
        free(making);
    }
    return err;
}

static void on_instant(void *context, enum cv_err err, const struct cv_api_instant_made *made) {
    struct cv_call *call = context;
    if (cv_call_failed(call, err)) {
        return;
    }
    cv_call_json(call, 201,
                 json_pack("{s:o,s:o,s:o}", "meeting",
                           cv_api_json_meeting(call->api, &made->meeting, call->now_us), "host_url",
                           cv_api_json_link_url(call, "/j", &made->host), "guest_url",
                           cv_api_json_link_url(call, "/j", &made->guest)));
}

void cv_api_create_instant(struct cv_call *call) {
    enum cv_api_instant allowed = call->api->deps.settings->instant;
    if (allowed == CV_API_INSTANT_OFF || (allowed == CV_API_INSTANT_ACCOUNTS && !call->signed_in)) {
        cv_call_fail(call, 403, "denied",
                     allowed == CV_API_INSTANT_OFF ? "Instant meetings are switched off here."
                                                   : "Sign in to open an instant meeting.");
        return;
    }
    cv_api_make_instant_for_call(call);
}

void cv_api_make_instant_for_call(struct cv_call *call) {
    cv_call_given(call, cv_api_make_instant(call->api, &call->user.id, on_instant, call));
}
