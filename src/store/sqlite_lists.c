/* SPDX-License-Identifier: Apache-2.0 */
/* Operations whose result is a list: pages with cursors, and meetings with all that is in them. */
#include "store/cursor.h"
#include "store/sqlite_ops.h"

/* Parameters of a page: where the last one ended, and one more entry than asked for. */
struct page {
    int64_t at_us;
    struct cv_slice id;
    uint32_t number;
    int32_t most;
};

static const struct cv_field page_fields[] = {
    {.name = "at_us", .type = CV_FIELD_INT64, .offset = offsetof(struct page, at_us)},
    {.name = "id", .type = CV_FIELD_TEXT, .offset = offsetof(struct page, id)},
    {.name = "number", .type = CV_FIELD_UINT32, .offset = offsetof(struct page, number)},
    {.name = "most", .type = CV_FIELD_INT32, .offset = offsetof(struct page, most)},
};
const struct cv_shape cv_shape_page = {page_fields, 4, sizeof(struct page)};

static const struct cv_field live_fields[] = {
    {.name = "meeting",
     .type = CV_FIELD_STRUCT,
     .offset = offsetof(struct cv_store_live, meeting),
     .shape = &cv_shape_meeting},
};
const struct cv_shape cv_shape_live = {live_fields, 1, sizeof(struct cv_store_live)};

static struct page page_after(struct cv_slice cursor, bool rising, int32_t limit) {
    static const struct cv_cursor rise = {.at_us = -1}, fall = {.at_us = INT64_MAX};
    const struct cv_cursor *last = rising ? &rise : &fall;
    if (cursor.size)
        last = (const struct cv_cursor *)(const void *)cursor.data;
    return (struct page){last->at_us, cv_slice_str(last->id), last->number, limit + 1};
}

/* Drops the entry that was only read to see whether there is a next page. */
static bool has_more(struct cv_rows *rows, int32_t limit) {
    if (rows->count <= (size_t)limit)
        return false;
    rows->count = (size_t)limit;
    return true;
}

enum cv_err cv_run_user_list(struct cv_ops_run *run) {
    int32_t limit = run->op->user_list.limit;
    struct page page = page_after(run->op->user_list.cursor, true, limit);
    struct cv_rows rows;
    enum cv_err err = cv_ops_rows(run, 0, &page, &rows);
    if (err)
        return err;
    bool more = has_more(&rows, limit);
    run->result->users.items = (const struct cv_store_user *)(void *)rows.items;
    run->result->users.count = rows.count;
    if (!more)
        return CV_OK;
    struct cv_cursor next = {0};
    cv_fold_email(run->result->users.items[limit - 1].email, next.id);
    return cv_cursor_encode(&next, run->arena, &run->result->users.next);
}

enum cv_err cv_run_meeting_list(struct cv_ops_run *run) {
    int32_t limit = run->op->meeting_list.limit;
    enum cv_store_when when = run->op->meeting_list.when;
    struct page page =
        page_after(run->op->meeting_list.cursor, when == CV_STORE_WHEN_UPCOMING, limit);
    struct cv_rows rows;
    enum cv_err err = cv_ops_rows(run, (size_t)when, &page, &rows);
    if (err)
        return err;
    bool more = has_more(&rows, limit);
    run->result->meetings.items = (const struct cv_store_meeting *)(void *)rows.items;
    run->result->meetings.count = rows.count;
    if (!more)
        return CV_OK;
    struct cv_cursor next = cv_cursor_of_meeting(&run->result->meetings.items[limit - 1].record);
    return cv_cursor_encode(&next, run->arena, &run->result->meetings.next);
}

enum cv_err cv_run_link_list(struct cv_ops_run *run) {
    struct cv_rows rows;
    enum cv_err err = cv_ops_rows(run, 0, NULL, &rows);
    if (err)
        return err;
    run->result->links.items = (const struct cv_store_link *)(void *)rows.items;
    run->result->links.count = rows.count;
    return CV_OK;
}

enum cv_err cv_run_block_list(struct cv_ops_run *run) {
    struct cv_rows rows;
    enum cv_err err = cv_ops_rows(run, 0, NULL, &rows);
    if (err)
        return err;
    run->result->blocks.items = (const struct cv_block_record *)(void *)rows.items;
    run->result->blocks.count = rows.count;
    return CV_OK;
}

/* Takes stays apart into the two arrays of a result. */
static enum cv_err split_stays(const struct cv_rows *rows, struct cv_arena *arena,
                               const struct cv_participant_record **ret_participants,
                               const struct cv_store_attachment **ret_attachments) {
    if (rows->count == 0)
        return CV_OK;
    const struct cv_stay *stays = (const struct cv_stay *)(void *)rows->items;
    struct cv_participant_record *participants =
        cv_arena_alloc(arena, rows->count * sizeof *participants);
    struct cv_store_attachment *attachments =
        cv_arena_alloc(arena, rows->count * sizeof *attachments);
    if (!participants || !attachments)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < rows->count; i++) {
        participants[i] = stays[i].participant;
        attachments[i] = stays[i].attachment;
    }
    *ret_participants = participants;
    *ret_attachments = attachments;
    return CV_OK;
}

static enum cv_err load_one(struct cv_ops_run *run, struct cv_store_live *live) {
    struct cv_rows stays, blocks;
    enum cv_err err = cv_ops_rows(run, 1, live, &stays);
    if (!err)
        err = split_stays(&stays, run->arena, &live->participants, &live->attachments);
    if (!err)
        err = cv_ops_rows(run, 2, live, &blocks);
    if (err)
        return err;
    live->participant_count = stays.count;
    live->blocks = (const struct cv_block_record *)(void *)blocks.items;
    live->block_count = blocks.count;
    return CV_OK;
}

enum cv_err cv_run_meeting_load(struct cv_ops_run *run) {
    struct cv_rows rows;
    enum cv_err err = cv_ops_rows(run, 0, NULL, &rows);
    if (err || rows.count == 0)
        return err;
    const struct cv_store_meeting *meetings = (const struct cv_store_meeting *)(void *)rows.items;
    struct cv_store_live *live = cv_arena_alloc(run->arena, rows.count * sizeof *live);
    if (!live)
        return CV_ERR_MEMORY;
    for (size_t i = 0; !err && i < rows.count; i++) {
        live[i].meeting = meetings[i];
        err = load_one(run, &live[i]);
    }
    run->result->live.items = live;
    run->result->live.count = rows.count;
    return err;
}

static enum cv_err load_record(struct cv_ops_run *run, struct cv_store_record *record) {
    struct cv_rows stays, connections, stats, modes;
    enum cv_err err = cv_ops_rows(run, 2, record, &stays);
    if (!err)
        err = split_stays(&stays, run->arena, &record->participants, &record->attachments);
    if (!err)
        err = cv_ops_rows(run, 3, record, &connections);
    if (!err)
        err = cv_ops_rows(run, 4, record, &stats);
    if (!err)
        err = cv_ops_rows(run, 5, record, &modes);
    if (err)
        return err;
    record->participant_count = stays.count;
    record->connections = (const struct cv_connection_record *)(void *)connections.items;
    record->connection_count = connections.count;
    record->stats = (const struct cv_stats_record *)(void *)stats.items;
    record->stats_count = stats.count;
    record->modes = (const struct cv_mode_record *)(void *)modes.items;
    record->mode_count = modes.count;
    return CV_OK;
}

enum cv_err cv_run_record_list(struct cv_ops_run *run) {
    int32_t limit = run->op->record_list.limit;
    struct page page = page_after(run->op->record_list.cursor, false, limit);
    struct cv_rows rows;
    enum cv_err err = cv_ops_rows(run, cv_id_empty(&run->op->record_list.meeting), &page, &rows);
    if (err)
        return err;
    bool more = has_more(&rows, limit);
    struct cv_store_record *records = (struct cv_store_record *)(void *)rows.items;
    for (size_t i = 0; !err && i < rows.count; i++)
        err = load_record(run, &records[i]);
    if (err)
        return err;
    run->result->records.items = records;
    run->result->records.count = rows.count;
    if (!more)
        return CV_OK;
    struct cv_cursor next = cv_cursor_of_record(&records[limit - 1]);
    return cv_cursor_encode(&next, run->arena, &run->result->records.next);
}
