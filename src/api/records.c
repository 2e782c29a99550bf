/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of call data records: of one meeting for its owner, of all for the administrator. */
#include "api/call.h"

static void on_records(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    const struct cv_store_result *result = &answer->results[0];
    json_t *items = json_array();
    for (size_t i = 0; i < result->records.count; i++) {
        json_array_append_new(items, cv_api_json_record(&result->records.items[i],
                                                        call->api->deps.settings->record_keep_us));
    }
    cv_call_page(call, items, result->records.count, result->records.next);
}

static void list(struct cv_call *call, struct cv_store_op *op) {
    op->kind = CV_STORE_RECORD_LIST;
    cv_query_page(call, CV_STORE_PAGE_MAX, &op->record_list.limit, &op->record_list.cursor);
    cv_query_submit(call, op, on_records);
}

static void list_of_meeting(struct cv_call *call) {
    struct cv_store_op op = {.record_list = {.meeting = call->id}};
    list(call, &op);
}

void cv_api_list_records(struct cv_call *call) {
    cv_call_with_meeting(call, list_of_meeting);
}

void cv_api_list_all_records(struct cv_call *call) {
    struct cv_buf meeting = {.limit_bytes = CV_ID_BYTES};
    struct cv_store_op op = {.record_list = {.from_us = cv_query_time(call, "from"),
                                             .until_us = cv_query_time(call, "until")}};
    if (cv_query_text(call, "meeting", &meeting) && meeting.size &&
        cv_id_parse(cv_buf_slice(&meeting), &op.record_list.meeting)) {
        cv_input_error(&call->input, "meeting", "is not the id of a meeting");
    }
    cv_buf_release(&meeting);
    list(call, &op);
}
