/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include "store/shape.h"
#include "test.h"

#include <inttypes.h>

static void dump_struct(struct cv_buf *text, const struct cv_shape *shape, const void *base);

static void dump_slice(struct cv_buf *text, struct cv_slice slice) {
    cv_buf_printf(text, "%zu'%.*s'", slice.size, (int)slice.size, (const char *)slice.data);
}

static void dump_field(struct cv_buf *text, const struct cv_field *field, const void *at) {
    switch (field->type) {
    case CV_FIELD_TEXT:
    case CV_FIELD_BLOB:
    case CV_FIELD_HASH:
    case CV_FIELD_CURSOR:
        dump_slice(text, *(const struct cv_slice *)at);
        break;
    case CV_FIELD_ID:
    case CV_FIELD_CHARS:
        cv_buf_printf(text, "'%s'", (const char *)at);
        break;
    case CV_FIELD_TIME:
    case CV_FIELD_COARSE:
    case CV_FIELD_END:
    case CV_FIELD_INT64:
        cv_buf_printf(text, "%" PRId64, *(const int64_t *)at);
        break;
    case CV_FIELD_INT32:
    case CV_FIELD_UINT32:
        cv_buf_printf(text, "%" PRIu32, *(const uint32_t *)at);
        break;
    case CV_FIELD_DOUBLE:
        cv_buf_printf(text, "%.17g", *(const double *)at);
        break;
    case CV_FIELD_BOOL:
        cv_buf_printf(text, "%d", *(const bool *)at);
        break;
    case CV_FIELD_ENUM:
        cv_buf_append_str(text, field->enum_name(*(const unsigned *)at));
        break;
    case CV_FIELD_STRUCT:
        dump_struct(text, field->shape, at);
        break;
    }
}

static void dump_struct(struct cv_buf *text, const struct cv_shape *shape, const void *base) {
    cv_buf_append_str(text, "{");
    for (size_t i = 0; i < shape->count; i++) {
        cv_buf_printf(text, " %s=", shape->fields[i].name);
        dump_field(text, &shape->fields[i], (const uint8_t *)base + shape->fields[i].offset);
    }
    cv_buf_append_str(text, " }");
}

static void dump_list(struct cv_buf *text, const struct cv_shape *shape, const void *items,
                      size_t count) {
    cv_buf_printf(text, " %zu:", count);
    for (size_t i = 0; i < count; i++) {
        cv_buf_append_str(text, "\n  ");
        dump_struct(text, shape, (const uint8_t *)items + i * shape->size);
    }
}

static void dump_live(struct cv_buf *text, const struct cv_store_live *live) {
    dump_struct(text, &cv_shape_meeting, &live->meeting);
    dump_list(text, &cv_shape_participant, live->participants, live->participant_count);
    dump_list(text, &cv_shape_attachment, live->attachments, live->participant_count);
    dump_list(text, &cv_shape_block, live->blocks, live->block_count);
}

static void dump_record(struct cv_buf *text, const struct cv_store_record *record) {
    dump_struct(text, &cv_shape_record, record);
    dump_list(text, &cv_shape_participant, record->participants, record->participant_count);
    dump_list(text, &cv_shape_attachment, record->attachments, record->participant_count);
    dump_list(text, &cv_shape_mode, record->modes, record->mode_count);
    dump_list(text, &cv_shape_connection, record->connections, record->connection_count);
    dump_list(text, &cv_shape_stats, record->stats, record->stats_count);
}

static void dump_result(struct cv_buf *text, enum cv_store_op_kind kind,
                        const struct cv_store_result *result) {
    switch (kind) {
    case CV_STORE_USER_BY_EMAIL:
        dump_struct(text, &cv_shape_user, &result->user);
        break;
    case CV_STORE_USER_LIST:
        dump_list(text, &cv_shape_user, result->users.items, result->users.count);
        dump_slice(text, result->users.next);
        break;
    case CV_STORE_USER_COUNT:
        dump_struct(text, &cv_shape_user_count, result);
        break;
    case CV_STORE_SESSION_FIND:
        dump_struct(text, &cv_shape_found_session, result);
        break;
    case CV_STORE_MEETING_GET:
        dump_struct(text, &cv_shape_meeting, &result->meeting);
        break;
    case CV_STORE_MEETING_LIST:
        dump_list(text, &cv_shape_meeting, result->meetings.items, result->meetings.count);
        dump_slice(text, result->meetings.next);
        break;
    case CV_STORE_LINK_RESOLVE:
        dump_struct(text, &cv_shape_found_link, result);
        break;
    case CV_STORE_LINK_LIST:
        dump_list(text, &cv_shape_link, result->links.items, result->links.count);
        break;
    case CV_STORE_BLOCK_LIST:
        dump_list(text, &cv_shape_block, result->blocks.items, result->blocks.count);
        break;
    case CV_STORE_MEETING_LOAD:
        for (size_t i = 0; i < result->live.count; i++)
            dump_live(text, &result->live.items[i]);
        break;
    case CV_STORE_RECORD_LIST:
        for (size_t i = 0; i < result->records.count; i++)
            dump_record(text, &result->records.items[i]);
        dump_slice(text, result->records.next);
        break;
    case CV_STORE_IDEMPOTENCY_CLAIM:
        dump_struct(text, &cv_shape_idempotency, result);
        break;
    default:
        cv_buf_printf(text, "%" PRId64, result->count);
        break;
    }
    cv_buf_append_str(text, "\n");
}

void dump_answer(struct cv_buf *text, const struct cv_store_op *ops,
                 const struct cv_store_answer *answer) {
    cv_buf_printf(text, "%s at %zu\n", cv_err_name(answer->err), answer->failed);
    bool claimed =
        answer->err == CV_ERR_EXISTS && ops[answer->failed].kind == CV_STORE_IDEMPOTENCY_CLAIM;
    for (size_t i = 0; i < answer->count; i++)
        if (!answer->err || (claimed && i == answer->failed))
            dump_result(text, ops[i].kind, &answer->results[i]);
    assert_non_null(cv_buf_cstr(text));
}

void dump_op(struct cv_buf *text, const struct cv_store_op *op) {
    cv_buf_printf(text, "operation %d ", (int)op->kind);
    dump_struct(text, &cv_op_shape(op->kind)->input, op);
    cv_buf_append_str(text, "\n");
    assert_non_null(cv_buf_cstr(text));
}
