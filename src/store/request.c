/* SPDX-License-Identifier: Apache-2.0 */
#include "store/request.h"

#include <stdio.h>
#include <stdlib.h>

/* What the shape of an operation can't say. */
static enum cv_err check_rules(const struct cv_store_op *op) {
    const struct cv_policy_schedule *schedule = NULL;
    bool good = true;
    switch (op->kind) {
    case CV_STORE_SETUP_FINISH:
        good = op->setup_finish.user.role == CV_STORE_ACCOUNT_ADMIN;
        break;
    case CV_STORE_MEETING_CREATE:
        schedule = &op->meeting_create.record.schedule;
        break;
    case CV_STORE_MEETING_SAVE:
        schedule = &op->meeting_save.record.schedule;
        break;
    case CV_STORE_BLOCK_SAVE: {
        const struct cv_block_record *block = &op->block_save.record;
        bool of_participant = !cv_id_empty(&block->participant);
        good = cv_id_empty(&block->link) == of_participant;
        break;
    }
    case CV_STORE_PARTICIPANT_SAVE: {
        const struct cv_participant_record *record = &op->participant_save.record;
        good = (record->left_at_us != 0) == (record->gone != CV_GONE_NOT) &&
               (record->joined_at_us == 0 || record->session > 0);
        break;
    }
    default:
        break;
    }
    if (schedule && schedule->kind == CV_KIND_SCHEDULED && schedule->starts_at_us == 0)
        good = false;
    return good ? CV_OK : CV_ERR_RANGE;
}

static enum cv_err check(const struct cv_store_op *ops, size_t count) {
    if (count == 0 || count > CV_STORE_BATCH_MAX)
        return CV_ERR_LIMIT;
    for (size_t i = 0; i < count; i++) {
        const struct cv_op_shape *shape = cv_op_shape(ops[i].kind);
        enum cv_err err = shape ? cv_shape_check(&shape->input, &ops[i]) : CV_ERR_RANGE;
        if (!err)
            err = check_rules(&ops[i]);
        if (err)
            return err;
    }
    return CV_OK;
}

static void release(struct cv_store_answer *answer) {
    cv_request_free(CV_CONTAINER_OF(answer, struct cv_request, answer));
}

static enum cv_err copy_ops(struct cv_request *request, const struct cv_store_op *ops,
                            size_t count) {
    struct cv_store_op *copies = cv_arena_alloc(&request->input, count * sizeof *copies);
    request->results = cv_arena_alloc(&request->input, count * sizeof *request->results);
    if (!copies || !request->results)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct cv_op_shape *shape = cv_op_shape(ops[i].kind);
        copies[i] = ops[i];
        enum cv_err err = cv_shape_own(&shape->input, &copies[i], &request->input);
        if (err)
            return err;
        request->writes |= shape->writes;
        request->erases |= shape->erases;
    }
    request->ops = copies;
    return CV_OK;
}

enum cv_err cv_request_new(const struct cv_store_op *ops, size_t count, cv_store_done_fn *done,
                           void *context, struct cv_request **ret_request) {
    enum cv_err err = check(ops, count);
    if (err)
        return err;
    struct cv_request *request = calloc(1, sizeof *request);
    if (!request)
        return CV_ERR_MEMORY;
    cv_list_init(&request->queue_item);
    cv_list_init(&request->answer.queue_item);
    request->answer.count = count;
    request->answer.done = done;
    request->answer.context = context;
    request->answer.release = release;
    err = copy_ops(request, ops, count);
    if (err) {
        cv_request_free(request);
        return err;
    }
    request->answer.results = request->results;
    request->size_bytes = sizeof *request + request->input.total_bytes;
    *ret_request = request;
    return CV_OK;
}

struct cv_request *cv_request_free(struct cv_request *request) {
    if (request) {
        cv_arena_release(&request->input);
        cv_arena_release(&request->output);
        free(request);
    }
    return NULL;
}

void cv_request_reset(struct cv_request *request) {
    cv_arena_release(&request->output);
    memset(request->results, 0, request->answer.count * sizeof *request->results);
    request->message[0] = '\0';
    request->answer.err = CV_OK;
    request->answer.failed = 0;
    request->answer.fault = CV_STORE_FAULT_NONE;
    request->answer.message = NULL;
}

void cv_request_fail(struct cv_request *request, size_t index, enum cv_err err,
                     enum cv_store_fault fault, const char *message) {
    request->answer.err = err;
    request->answer.failed = index;
    request->answer.fault = err == CV_ERR_STORE ? fault : CV_STORE_FAULT_NONE;
    snprintf(request->message, sizeof request->message, "%s", message ? message : "");
    request->answer.message = request->message[0] ? request->message : NULL;
}
