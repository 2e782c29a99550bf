/* SPDX-License-Identifier: Apache-2.0 */
/* Call data records: shown and deleted. */
#include "store/cursor.h"
#include "store/memory_ops.h"

#include <stdlib.h>

static int compare_places(const struct cv_cursor *a, const struct cv_cursor *b) {
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    int order = strcmp(a->id, b->id);
    return order ? order : (a->number > b->number) - (a->number < b->number);
}

static int newest_first(const void *left, const void *right) {
    struct cv_cursor a = cv_cursor_of_record(left), b = cv_cursor_of_record(right);
    return compare_places(&b, &a);
}

static bool is_listed(const struct cv_memory_db *db, const struct cv_store_record *call,
                      const struct cv_store_op *op) {
    const struct cv_store_meeting *meeting =
        cv_memory_row(db, CV_TABLE_MEETINGS,
                      cv_memory_find(db, CV_TABLE_MEETINGS, cv_match_meeting, &call->meeting));
    const struct cv_cursor *cursor = (const void *)op->record_list.cursor.data;
    struct cv_cursor place = cv_cursor_of_record(call);
    const struct cv_id *wanted = &op->record_list.meeting, *owner = &op->record_list.owner;
    int64_t until_us = op->record_list.until_us;
    return (cv_id_empty(wanted) || cv_id_eq(wanted, &call->meeting)) &&
           (cv_id_empty(owner) || cv_id_eq(owner, &meeting->owner)) &&
           call->started_at_us >= op->record_list.from_us &&
           (until_us == 0 || call->started_at_us < until_us) &&
           (!cursor || compare_places(&place, cursor) < 0);
}

static enum cv_err show_connections(struct cv_memory_run *run, struct cv_store_record *record) {
    size_t total = run->db->tables[CV_TABLE_CONNECTIONS].count;
    struct cv_connection_record *connections =
        cv_arena_alloc(run->arena, (total + 1) * sizeof *connections);
    const struct cv_connection_record *stored;
    if (!connections)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_CONNECTIONS, i)); i++)
        for (size_t j = 0; j < record->participant_count; j++)
            if (cv_id_eq(&stored->participant, &record->participants[j].id))
                connections[record->connection_count++] = *stored;
    record->connections = connections;
    return CV_OK;
}

static int by_pair(const void *left, const void *right) {
    const struct cv_stats_record *a = left, *b = right;
    int order = strcmp(a->participant.text, b->participant.text);
    return order ? order : strcmp(a->peer.text, b->peer.text);
}

static enum cv_err show_stats(struct cv_memory_run *run, struct cv_store_record *record) {
    size_t total = run->db->tables[CV_TABLE_STATS].count;
    struct cv_stats_record *stats = cv_arena_alloc(run->arena, (total + 1) * sizeof *stats);
    const struct cv_stats_record *stored;
    if (!stats)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_STATS, i)); i++)
        for (size_t j = 0; j < record->participant_count; j++)
            if (cv_id_eq(&stored->participant, &record->participants[j].id))
                stats[record->stats_count++] = *stored;
    qsort(stats, record->stats_count, sizeof *stats, by_pair);
    record->stats = stats;
    return CV_OK;
}

static enum cv_err show_modes(struct cv_memory_run *run, struct cv_store_record *record) {
    size_t total = run->db->tables[CV_TABLE_MODES].count;
    struct cv_mode_record *modes = cv_arena_alloc(run->arena, (total + 1) * sizeof *modes);
    const struct cv_memory_mode *stored;
    const struct cv_memory_mode wanted = {record->meeting, {.session = record->session}};
    if (!modes)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_MODES, i)); i++)
        if (cv_match_mode(stored, &wanted))
            modes[record->mode_count++] = stored->record;
    record->modes = modes;
    return CV_OK;
}

static enum cv_err show_record(struct cv_memory_run *run, struct cv_store_record *record) {
    struct cv_memory_stays stays;
    const struct cv_store_meeting *meeting = cv_memory_row(
        run->db, CV_TABLE_MEETINGS,
        cv_memory_find(run->db, CV_TABLE_MEETINGS, cv_match_meeting, &record->meeting));
    enum cv_err err =
        cv_arena_copy(run->arena, cv_slice_str(meeting->record.title), &record->title);
    if (!err)
        err = cv_memory_show_stays(run, &record->meeting, record->session, &stays);
    if (err)
        return err;
    record->participants = stays.participants;
    record->attachments = stays.attachments;
    record->participant_count = stays.count;
    err = show_connections(run, record);
    if (!err)
        err = show_stats(run, record);
    return err ? err : show_modes(run, record);
}

enum cv_err cv_memory_record_list(struct cv_memory_run *run) {
    size_t limit = (size_t)run->op->record_list.limit, count = 0;
    size_t total = run->db->tables[CV_TABLE_CALLS].count;
    struct cv_store_record *records = cv_arena_alloc(run->arena, (total + 1) * sizeof *records);
    const struct cv_store_record *stored;
    if (!records)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_CALLS, i)); i++)
        if (is_listed(run->db, stored, run->op))
            records[count++] = *stored;
    qsort(records, count, sizeof *records, newest_first);
    run->result->records.items = records;
    run->result->records.count = count < limit ? count : limit;
    for (size_t i = 0; i < run->result->records.count; i++) {
        enum cv_err err = show_record(run, &records[i]);
        if (err)
            return err;
    }
    if (count <= limit)
        return CV_OK;
    struct cv_cursor next = cv_cursor_of_record(&records[limit - 1]);
    return cv_cursor_encode(&next, run->arena, &run->result->records.next);
}

static enum cv_err drop_call(struct cv_memory_db *db, size_t index) {
    const struct cv_store_record call =
        *(const struct cv_store_record *)cv_memory_row(db, CV_TABLE_CALLS, index);
    const struct cv_memory_mode modes = {call.meeting, {.session = call.session}};
    enum cv_err err = cv_memory_delete(db, CV_TABLE_CALLS, index);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_MODES, cv_match_mode, &modes, NULL);
    for (size_t i = db->tables[CV_TABLE_PARTICIPANTS].count; !err && i > 0; i--) {
        const struct cv_stay *stay = cv_memory_row(db, CV_TABLE_PARTICIPANTS, i - 1);
        if (cv_memory_is_among(stay, &call.meeting, call.session))
            err = cv_memory_drop_participant(db, i - 1);
    }
    return err;
}

enum cv_err cv_memory_record_purge(struct cv_memory_run *run) {
    int64_t before_us = run->op->record_purge.before_us;
    enum cv_err err = CV_OK;
    for (size_t i = run->db->tables[CV_TABLE_CALLS].count; !err && i > 0; i--) {
        const struct cv_store_record *call = cv_memory_row(run->db, CV_TABLE_CALLS, i - 1);
        if (!call->ended_at_us || call->ended_at_us >= before_us)
            continue;
        run->result->count++;
        err = drop_call(run->db, i - 1);
    }
    for (size_t i = run->db->tables[CV_TABLE_PARTICIPANTS].count; !err && i > 0; i--) {
        const struct cv_stay *stay = cv_memory_row(run->db, CV_TABLE_PARTICIPANTS, i - 1);
        if (!stay->participant.left_at_us || stay->participant.left_at_us >= before_us)
            continue;
        run->result->count++;
        err = cv_memory_drop_participant(run->db, i - 1);
    }
    return err;
}

/* The ended call that ended first, or SIZE_MAX. */
static size_t oldest_call(const struct cv_memory_db *db) {
    const struct cv_store_record *call, *oldest = NULL;
    size_t index = SIZE_MAX;
    for (size_t i = 0; (call = cv_memory_row(db, CV_TABLE_CALLS, i)); i++) {
        struct cv_cursor place = cv_cursor_of_record(call), first = {0};
        place.at_us = call->ended_at_us;
        if (oldest) {
            first = cv_cursor_of_record(oldest);
            first.at_us = oldest->ended_at_us;
        }
        if (!call->ended_at_us || (oldest && compare_places(&place, &first) >= 0))
            continue;
        oldest = call;
        index = i;
    }
    return index;
}

enum cv_err cv_memory_record_trim(struct cv_memory_run *run) {
    enum cv_err err = CV_OK;
    for (int32_t left = run->op->record_trim.count; !err && left > 0; left--) {
        size_t index = oldest_call(run->db);
        if (index == SIZE_MAX)
            break;
        run->result->count++;
        err = drop_call(run->db, index);
    }
    return err;
}
