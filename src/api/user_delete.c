/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deleting an account. Its sessions end first, so that it comes in nowhere any more; then those of
 * its meetings that go on end one by one, with all that they hold in memory; then the store
 * deletes.
 */
#include "api/call.h"

static void end_next(struct cv_call *call);

static void fail_unknown(struct cv_call *call) {
    cv_call_fail(call, 404, "not-found", "There is no account with this e-mail address.");
}

static void fail_last(struct cv_call *call) {
    cv_call_fail(call, 409, "last-administrator",
                 "This is the only administrator. Add another one first: conclave user add EMAIL "
                 "--name NAME --role admin");
}

static void on_deleted(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err == CV_ERR_STATE) {
        fail_last(call);
    } else if (answer->err == CV_ERR_NOT_FOUND) {
        fail_unknown(call);
    } else if (!cv_call_failed(call, answer->err)) {
        cv_call_signed_out(call, NULL, NULL); /* whoever signed in meanwhile */
        cv_call_empty(call, 204);
    }
}

static void on_ended(void *context, enum cv_err err) {
    struct cv_call *call = context;
    if (err && err != CV_ERR_STATE && err != CV_ERR_NOT_FOUND) { /* over or deleted meanwhile */
        cv_call_error(call, err);
    } else {
        end_next(call);
    }
}

static void end_next(struct cv_call *call) {
    const struct cv_id *meetings = (const void *)call->to_end.data;
    if (call->ended == call->to_end.size / sizeof *meetings) {
        const struct cv_store_op op = {.kind = CV_STORE_USER_DELETE,
                                       .user_delete = {.id = call->user.id}};
        cv_call_store(call, &op, 1, on_deleted);
        return;
    }
    const struct cv_api_meetings *port = &call->api->deps.meetings;
    call->command = (struct cv_command){.type = CV_COMMAND_END};
    port->command(port->context, &meetings[call->ended++], &call->command, NULL, 0, on_ended, call);
}

static void on_signed_out(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    const struct cv_store_result *result = &answer->results[1];
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < result->live.count && !err; i++) {
        const struct cv_store_meeting *meeting = &result->live.items[i].meeting;
        if (cv_id_eq(&meeting->owner, &call->user.id)) {
            err = cv_buf_append(&call->to_end, &meeting->record.id, sizeof meeting->record.id);
        }
    }
    if (!cv_call_failed(call, err)) {
        cv_call_signed_out(call, NULL, NULL);
        end_next(call);
    }
}

static void on_found(void *context, const struct cv_store_answer *answer) {
    struct cv_call *call = context;
    if (answer->err == CV_ERR_NOT_FOUND) {
        fail_unknown(call);
        return;
    }
    if (cv_call_failed(call, answer->err)) {
        return;
    }
    const struct cv_store_user *user = &answer->results[0].user;
    if (user->role == CV_STORE_ACCOUNT_ADMIN && answer->results[1].user_count.admins == 1) {
        fail_last(call); /* the store would refuse too, but with all signed out by then */
        return;
    }
    call->user = (struct cv_store_user){.id = user->id};
    const struct cv_store_op ops[] = {
        {.kind = CV_STORE_SESSION_DELETE_ALL, .session_delete_all = {.user = call->user.id}},
        {.kind = CV_STORE_MEETING_LOAD},
    };
    cv_call_store(call, ops, 2, on_signed_out);
}

void cv_api_delete_user(struct cv_call *call) {
    struct cv_slice email = cv_input_email(&call->input);
    if (!cv_input_finish(&call->input)) {
        cv_call_invalid(call);
        return;
    }
    const struct cv_store_op ops[] = {
        {.kind = CV_STORE_USER_BY_EMAIL, .user_by_email = {.email = email}},
        {.kind = CV_STORE_USER_COUNT},
    };
    cv_call_store(call, ops, 2, on_found);
}
