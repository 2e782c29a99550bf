/* SPDX-License-Identifier: Apache-2.0 */
/* An account's meetings: list, look, change, end, delete. Making them is in meeting_create.c. */
#include "api/call.h"

enum { LIST_DEFAULT = 25 };

/* --- listing --- */

static void on_list(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    const struct cv_store_result *result = &answer->results[0];
    json_t *items = json_array();
    for (size_t i = 0; i < result->meetings.count; i++) {
        json_array_append_new(
            items, cv_api_json_meeting(call->api, &result->meetings.items[i], call->now_us));
    }
    cv_call_page(call, items, result->meetings.count, result->meetings.next);
}

static bool parse_when(struct cv_buf *text, enum cv_store_when *ret_when) {
    static const char *const names[] = {"upcoming", "past", "rooms"};
    *ret_when = CV_STORE_WHEN_UPCOMING;
    for (int i = 0; i < CV_STORE_WHEN_COUNT; i++) {
        if (cv_slice_eq_str(cv_buf_slice(text), names[i])) {
            *ret_when = (enum cv_store_when)i;
            return true;
        }
    }
    return text->size == 0;
}

void cv_api_list_meetings(struct cv_call *call) {
    struct cv_buf when = {.limit_bytes = 32};
    struct cv_store_op op = {.kind = CV_STORE_MEETING_LIST,
                             .meeting_list = {.owner = call->user.id, .now_us = call->now_us}};
    if (!cv_query_text(call, "when", &when) || !parse_when(&when, &op.meeting_list.when)) {
        cv_input_error(&call->input, "when", "must be upcoming, past or rooms");
    }
    cv_buf_release(&when);
    cv_query_page(call, LIST_DEFAULT, &op.meeting_list.limit, &op.meeting_list.cursor);
    cv_query_submit(call, &op, on_list);
}

/* --- one meeting --- */

static void show(struct cv_call *call) {
    cv_call_json(call, 200, cv_api_json_meeting(call->api, &call->meeting, call->now_us));
}

void cv_api_get_meeting(struct cv_call *call) {
    cv_call_with_meeting(call, show);
}

static void on_updated(void *context, enum cv_err err) {
    struct cv_call *call = context;
    if (err == CV_ERR_RANGE) {
        cv_call_fail(call, 422, "invalid", "The meeting can't be held at that time.");
    } else if (!cv_call_failed(call, err)) {
        cv_call_with_meeting(call, show);
    }
}

/* Refuses null for what a meeting can't be without. */
static void refuse_null(struct cv_call *call) {
    static const char *const names[] = {"title", "starts_at", "duration_minutes", "lobby",
                                        "topology"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (json_is_null(json_object_get(call->input.root, names[i]))) {
            json_object_del(call->input.root, names[i]);
            cv_input_error(&call->input, names[i], "can't be removed");
        }
    }
}

static void update(struct cv_call *call) {
    const struct cv_meeting_record *record = &call->meeting.record;
    bool scheduled = record->schedule.kind == CV_KIND_SCHEDULED;
    struct cv_input *input = &call->input;
    refuse_null(call);
    bool new_title = cv_input_has(input, "title");
    bool new_start = cv_input_has(input, "starts_at");
    bool no_zone = json_is_null(json_object_get(input->root, "time_zone"));
    bool new_zone = cv_input_has(input, "time_zone") || no_zone;
    bool new_topology = cv_input_has(input, "topology");
    if (no_zone) {
        json_object_del(input->root, "time_zone");
    }
    struct cv_slice title = cv_input_text(input, "title", CV_INPUT_OPTIONAL, 1, CV_TITLE_CHARS);
    int64_t starts_at_us = cv_input_time(input, "starts_at", CV_INPUT_OPTIONAL);
    int64_t minutes = cv_input_int(input, "duration_minutes",
                                   record->schedule.duration_us / CV_US_PER_MIN, 5, 1440);
    struct cv_slice zone =
        cv_input_text(input, "time_zone", CV_INPUT_OPTIONAL, 1, CV_STORE_TIME_ZONE_MAX_BYTES);
    bool lobby = cv_input_bool(input, "lobby", record->lobby);
    struct cv_slice topology_name = cv_input_text(input, "topology", CV_INPUT_OPTIONAL, 1, 16);
    enum cv_topology topology = record->topology;
    if (new_topology && cv_topology_parse(topology_name, &topology)) {
        cv_input_error(input, "topology", "must be auto or mesh");
    }
    if (!scheduled && (new_start || cv_input_has(input, "duration_minutes"))) {
        cv_input_error(input, "starts_at", "only scheduled meetings have times");
    }
    if (zone.size > CV_STORE_TIME_ZONE_MAX_BYTES) {
        cv_input_error(input, "time_zone", "is too long");
    }
    if (!cv_input_finish(input)) {
        cv_call_invalid(call);
        return;
    }
    call->command = (struct cv_command){
        .type = CV_COMMAND_UPDATE,
        .update = {
            .title = new_title ? title : cv_slice_str(record->title),
            .starts_at_us = new_start ? starts_at_us : record->schedule.starts_at_us,
            .duration_us = scheduled ? minutes * CV_US_PER_MIN : record->schedule.duration_us,
            .lobby = lobby,
            .topology = topology,
        }};
    call->op = (struct cv_store_op){.kind = CV_STORE_MEETING_SET_TIME_ZONE,
                                    .meeting_set_time_zone = {.id = call->id, .time_zone = zone}};
    call->api->deps.meetings.command(call->api->deps.meetings.context, &call->id, &call->command,
                                     &call->op, new_zone, on_updated, call);
}

void cv_api_update_meeting(struct cv_call *call) {
    cv_call_with_meeting(call, update);
}

/* --- ending and deleting --- */

static void end_with(struct cv_call *call, cv_api_done_fn *done) {
    call->command = (struct cv_command){.type = CV_COMMAND_END};
    call->api->deps.meetings.command(call->api->deps.meetings.context, &call->id, &call->command,
                                     NULL, 0, done, call);
}

static void end_now(struct cv_call *call) {
    end_with(call, cv_call_done);
}

void cv_api_end_meeting(struct cv_call *call) {
    cv_call_with_meeting(call, end_now);
}

static void on_deleted(void *context, const struct cv_store_answer *answer) {
    cv_call_done(context, answer->err);
}

static void on_ended_to_delete(void *context, enum cv_err err) {
    struct cv_call *call = context;
    if (err && err != CV_ERR_STATE) { /* it may have ended long ago */
        cv_call_error(call, err);
        return;
    }
    const struct cv_store_op op = {.kind = CV_STORE_MEETING_DELETE,
                                   .meeting_delete = {.id = call->id}};
    cv_call_store(call, &op, 1, on_deleted);
}

static void delete_now(struct cv_call *call) {
    end_with(call, on_ended_to_delete);
}

void cv_api_delete_meeting(struct cv_call *call) {
    cv_call_with_meeting(call, delete_now);
}
