/* SPDX-License-Identifier: Apache-2.0 */
/* Meetings and links. */
#include "store/cursor.h"
#include "store/memory_ops.h"

#include <stdlib.h>

bool cv_match_meeting(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_meeting *)row)->record.id, wanted);
}

static size_t find_meeting(const struct cv_memory_db *db, const struct cv_id *id) {
    return cv_memory_find(db, CV_TABLE_MEETINGS, cv_match_meeting, id);
}

enum cv_err cv_memory_meeting_create(struct cv_memory_run *run) {
    struct cv_store_meeting meeting = run->op->meeting_create;
    if (find_meeting(run->db, &meeting.record.id) != SIZE_MAX)
        return CV_ERR_EXISTS;
    if (!cv_id_empty(&meeting.owner) &&
        cv_memory_find(run->db, CV_TABLE_USERS, cv_match_user, &meeting.owner) == SIZE_MAX)
        return CV_ERR_NOT_FOUND;
    meeting.record.session = 0;
    return cv_memory_insert(run->db, CV_TABLE_MEETINGS, &meeting);
}

enum cv_err cv_memory_show_meeting(const struct cv_memory_db *db,
                                   const struct cv_store_meeting *stored, struct cv_arena *arena,
                                   struct cv_store_meeting *ret_meeting) {
    struct cv_meeting_record *record = &ret_meeting->record;
    *ret_meeting = *stored;
    record->owned = !cv_id_empty(&stored->owner);
    const struct cv_store_user *owner = cv_memory_row(
        db, CV_TABLE_USERS, cv_memory_find(db, CV_TABLE_USERS, cv_match_user, &stored->owner));
    ret_meeting->owner_name = owner ? owner->name : (struct cv_slice){0};
    const struct cv_store_record *call = cv_memory_call(db, &record->id, record->session);
    int64_t gone_us = record->session ? record->schedule.created_at_us : 0;
    record->session_started_at_us = call ? call->started_at_us : gone_us;
    record->session_ended_at_us = call ? call->ended_at_us : gone_us;
    return cv_shape_own(&cv_shape_meeting, ret_meeting, arena);
}

enum cv_err cv_memory_meeting_get(struct cv_memory_run *run) {
    size_t index = find_meeting(run->db, &run->op->meeting_get.id);
    const struct cv_store_meeting *stored = cv_memory_row(run->db, CV_TABLE_MEETINGS, index);
    return stored ? cv_memory_show_meeting(run->db, stored, run->arena, &run->result->meeting)
                  : CV_ERR_NOT_FOUND;
}

/* The session that the record says is going on, or has ended, becomes or ends a call. */
static enum cv_err save_call(struct cv_memory_db *db, const struct cv_meeting_record *record,
                             uint32_t before) {
    struct cv_store_record call = {.meeting = record->id,
                                   .session = record->session,
                                   .started_at_us = record->session_started_at_us,
                                   .ended_at_us = record->session_ended_at_us};
    if (record->session > before && record->session_started_at_us)
        return cv_memory_insert(db, CV_TABLE_CALLS, &call);
    const struct cv_store_record *stored;
    for (size_t i = 0; (stored = cv_memory_row(db, CV_TABLE_CALLS, i)); i++) {
        if (!cv_id_eq(&stored->meeting, &record->id) || stored->session != record->session ||
            stored->ended_at_us)
            continue;
        call.started_at_us = stored->started_at_us;
        return cv_memory_replace(db, CV_TABLE_CALLS, i, &call);
    }
    return CV_OK;
}

static bool match_lifted(const void *row, const void *wanted) {
    const struct cv_memory_block *block = row;
    const struct cv_meeting_record *record = wanted;
    bool over = block->record.session < record->session ||
                (block->record.session == record->session && record->session_ended_at_us);
    return cv_id_eq(&block->meeting, &record->id) && !cv_id_empty(&block->record.participant) &&
           over;
}

enum cv_err cv_memory_meeting_save(struct cv_memory_run *run) {
    const struct cv_meeting_record *record = &run->op->meeting_save.record;
    size_t index = find_meeting(run->db, &record->id);
    const struct cv_store_meeting *stored = cv_memory_row(run->db, CV_TABLE_MEETINGS, index);
    if (!stored)
        return CV_ERR_NOT_FOUND;
    struct cv_store_meeting meeting = *stored;
    uint32_t before = stored->record.session;
    meeting.record = *record;
    meeting.record.schedule.kind = stored->record.schedule.kind;
    meeting.record.schedule.created_at_us = stored->record.schedule.created_at_us;
    meeting.record.session = record->session > before ? record->session : before;
    meeting.closes_at_us = run->op->meeting_save.closes_at_us;
    enum cv_err err = cv_memory_replace(run->db, CV_TABLE_MEETINGS, index, &meeting);
    if (!err)
        err = save_call(run->db, record, before);
    if (!err)
        err = cv_memory_delete_all(run->db, CV_TABLE_BLOCKS, match_lifted, record, NULL);
    return err;
}

enum cv_err cv_memory_meeting_set_time_zone(struct cv_memory_run *run) {
    size_t index = find_meeting(run->db, &run->op->meeting_set_time_zone.id);
    const struct cv_store_meeting *stored = cv_memory_row(run->db, CV_TABLE_MEETINGS, index);
    if (!stored)
        return CV_ERR_NOT_FOUND;
    struct cv_store_meeting meeting = *stored;
    meeting.time_zone = run->op->meeting_set_time_zone.time_zone;
    return cv_memory_replace(run->db, CV_TABLE_MEETINGS, index, &meeting);
}

static bool is_over(const struct cv_store_meeting *meeting, int64_t now_us) {
    return meeting->record.schedule.ended_at_us || meeting->closes_at_us <= now_us;
}

static int by_place(const void *left, const void *right) {
    struct cv_cursor a = cv_cursor_of_meeting(&((const struct cv_store_meeting *)left)->record);
    struct cv_cursor b = cv_cursor_of_meeting(&((const struct cv_store_meeting *)right)->record);
    if (a.at_us != b.at_us)
        return a.at_us < b.at_us ? -1 : 1;
    return strcmp(a.id, b.id);
}

static int by_place_falling(const void *left, const void *right) {
    return by_place(right, left);
}

static bool is_listed(const struct cv_store_meeting *meeting, const struct cv_store_op *op) {
    bool room = meeting->record.schedule.kind == CV_KIND_ROOM;
    enum cv_store_when when = op->meeting_list.when;
    if (!cv_id_eq(&meeting->owner, &op->meeting_list.owner) ||
        room != (when == CV_STORE_WHEN_ROOMS))
        return false;
    if (!room && is_over(meeting, op->meeting_list.now_us) != (when == CV_STORE_WHEN_PAST))
        return false;
    const struct cv_cursor *cursor = (const void *)op->meeting_list.cursor.data;
    if (!cursor)
        return true;
    struct cv_cursor place = cv_cursor_of_meeting(&meeting->record);
    int64_t difference = place.at_us - cursor->at_us;
    if (difference == 0)
        difference = strcmp(place.id, cursor->id);
    return when == CV_STORE_WHEN_UPCOMING ? difference > 0 : difference < 0;
}

enum cv_err cv_memory_meeting_list(struct cv_memory_run *run) {
    size_t limit = (size_t)run->op->meeting_list.limit, count = 0;
    size_t total = run->db->tables[CV_TABLE_MEETINGS].count;
    struct cv_store_meeting *meetings = cv_arena_alloc(run->arena, (total + 1) * sizeof *meetings);
    if (!meetings)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < total; i++) {
        const struct cv_store_meeting *stored = cv_memory_row(run->db, CV_TABLE_MEETINGS, i);
        if (is_listed(stored, run->op))
            meetings[count++] = *stored;
    }
    bool rising = run->op->meeting_list.when == CV_STORE_WHEN_UPCOMING;
    qsort(meetings, count, sizeof *meetings, rising ? by_place : by_place_falling);
    run->result->meetings.items = meetings;
    run->result->meetings.count = count < limit ? count : limit;
    for (size_t i = 0; i < run->result->meetings.count; i++) {
        const struct cv_store_meeting stored = meetings[i];
        enum cv_err err = cv_memory_show_meeting(run->db, &stored, run->arena, &meetings[i]);
        if (err)
            return err;
    }
    if (count <= limit)
        return CV_OK;
    struct cv_cursor next = cv_cursor_of_meeting(&meetings[limit - 1].record);
    return cv_cursor_encode(&next, run->arena, &run->result->meetings.next);
}

static bool match_link_in(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_link *)row)->meeting, wanted);
}

static bool match_block_in(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_memory_block *)row)->meeting, wanted);
}

static bool match_call_in(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_record *)row)->meeting, wanted);
}

static bool match_mode_in(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_memory_mode *)row)->meeting, wanted);
}

static bool match_key_in(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_op *)row)->idempotency_claim.meeting, wanted);
}

enum cv_err cv_memory_drop_meeting(struct cv_memory_db *db, size_t index) {
    const struct cv_store_meeting *meeting = cv_memory_row(db, CV_TABLE_MEETINGS, index);
    const struct cv_id id = meeting->record.id;
    enum cv_err err = cv_memory_delete(db, CV_TABLE_MEETINGS, index);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_LINKS, match_link_in, &id, NULL);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_BLOCKS, match_block_in, &id, NULL);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_CALLS, match_call_in, &id, NULL);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_MODES, match_mode_in, &id, NULL);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_KEYS, match_key_in, &id, NULL);
    for (size_t i = db->tables[CV_TABLE_PARTICIPANTS].count; !err && i > 0; i--) {
        const struct cv_stay *stay = cv_memory_row(db, CV_TABLE_PARTICIPANTS, i - 1);
        if (cv_id_eq(&stay->meeting, &id))
            err = cv_memory_drop_participant(db, i - 1);
    }
    return err;
}

enum cv_err cv_memory_meeting_delete(struct cv_memory_run *run) {
    size_t index = find_meeting(run->db, &run->op->meeting_delete.id);
    return index == SIZE_MAX ? CV_ERR_NOT_FOUND : cv_memory_drop_meeting(run->db, index);
}

static bool is_purged(const struct cv_memory_db *db, const struct cv_store_meeting *meeting,
                      int64_t now_us) {
    return meeting->record.schedule.kind == CV_KIND_INSTANT && is_over(meeting, now_us) &&
           (meeting->record.session == 0 || cv_id_empty(&meeting->owner)) &&
           cv_memory_find(db, CV_TABLE_CALLS, match_call_in, &meeting->record.id) == SIZE_MAX &&
           !cv_memory_is_there(db, &meeting->record.id);
}

enum cv_err cv_memory_meeting_purge(struct cv_memory_run *run) {
    enum cv_err err = CV_OK;
    for (size_t i = run->db->tables[CV_TABLE_MEETINGS].count; !err && i > 0; i--) {
        const struct cv_store_meeting *stored = cv_memory_row(run->db, CV_TABLE_MEETINGS, i - 1);
        if (!is_purged(run->db, stored, run->op->meeting_purge.now_us))
            continue;
        run->result->count++;
        err = cv_memory_drop_meeting(run->db, i - 1);
    }
    return err;
}

static bool match_link(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_store_link *)row)->id, wanted);
}

static bool match_secret(const void *row, const void *wanted) {
    return cv_slice_eq(((const struct cv_store_link *)row)->secret_hash,
                       *(const struct cv_slice *)wanted);
}

static size_t count_links(const struct cv_memory_db *db, const struct cv_id *meeting) {
    size_t count = 0;
    const struct cv_store_link *link;
    for (size_t i = 0; (link = cv_memory_row(db, CV_TABLE_LINKS, i)); i++)
        count += cv_id_eq(&link->meeting, meeting);
    return count;
}

enum cv_err cv_memory_link_create(struct cv_memory_run *run) {
    const struct cv_store_link *link = &run->op->link_create;
    if (find_meeting(run->db, &link->meeting) == SIZE_MAX)
        return CV_ERR_NOT_FOUND;
    if (count_links(run->db, &link->meeting) >= CV_STORE_LINKS_MAX)
        return CV_ERR_FULL;
    if (cv_memory_find(run->db, CV_TABLE_LINKS, match_link, &link->id) != SIZE_MAX ||
        cv_memory_find(run->db, CV_TABLE_LINKS, match_secret, &link->secret_hash) != SIZE_MAX)
        return CV_ERR_EXISTS;
    return cv_memory_insert(run->db, CV_TABLE_LINKS, link);
}

static enum cv_err show_link(const struct cv_store_link *stored, struct cv_arena *arena,
                             struct cv_store_link *ret_link) {
    *ret_link = *stored;
    ret_link->secret_hash = (struct cv_slice){0};
    return cv_shape_own(&cv_shape_link, ret_link, arena);
}

enum cv_err cv_memory_link_resolve(struct cv_memory_run *run) {
    const struct cv_store_link *link = cv_memory_row(
        run->db, CV_TABLE_LINKS,
        cv_memory_find(run->db, CV_TABLE_LINKS, match_secret, &run->op->link_resolve.secret_hash));
    if (!link || link->revoked_at_us)
        return CV_ERR_NOT_FOUND;
    const struct cv_store_meeting *meeting =
        cv_memory_row(run->db, CV_TABLE_MEETINGS, find_meeting(run->db, &link->meeting));
    enum cv_err err = show_link(link, run->arena, &run->result->link.link);
    return err ? err
               : cv_memory_show_meeting(run->db, meeting, run->arena, &run->result->link.meeting);
}

static int by_creation(const void *left, const void *right) {
    const struct cv_store_link *a = left, *b = right;
    if (a->created_at_us != b->created_at_us)
        return a->created_at_us < b->created_at_us ? -1 : 1;
    return strcmp(a->id.text, b->id.text);
}

enum cv_err cv_memory_link_list(struct cv_memory_run *run) {
    size_t count = 0, total = count_links(run->db, &run->op->link_list.meeting);
    struct cv_store_link *links = cv_arena_alloc(run->arena, (total + 1) * sizeof *links);
    const struct cv_store_link *stored;
    if (!links)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_LINKS, i)); i++) {
        if (!cv_id_eq(&stored->meeting, &run->op->link_list.meeting))
            continue;
        enum cv_err err = show_link(stored, run->arena, &links[count++]);
        if (err)
            return err;
    }
    qsort(links, count, sizeof *links, by_creation);
    run->result->links.items = links;
    run->result->links.count = count;
    return CV_OK;
}

enum cv_err cv_memory_link_revoke(struct cv_memory_run *run) {
    size_t index = cv_memory_find(run->db, CV_TABLE_LINKS, match_link, &run->op->link_revoke.id);
    const struct cv_store_link *stored = cv_memory_row(run->db, CV_TABLE_LINKS, index);
    if (!stored || !cv_id_eq(&stored->meeting, &run->op->link_revoke.meeting))
        return CV_ERR_NOT_FOUND;
    if (stored->revoked_at_us)
        return CV_OK;
    struct cv_store_link link = *stored;
    link.revoked_at_us = run->op->link_revoke.revoked_at_us;
    return cv_memory_replace(run->db, CV_TABLE_LINKS, index, &link);
}

enum cv_err cv_memory_link_touch(struct cv_memory_run *run) {
    size_t index = cv_memory_find(run->db, CV_TABLE_LINKS, match_link, &run->op->link_touch.id);
    const struct cv_store_link *stored = cv_memory_row(run->db, CV_TABLE_LINKS, index);
    if (!stored)
        return CV_OK;
    struct cv_store_link link = *stored;
    link.used_at_us = run->op->link_touch.used_at_us;
    return cv_memory_replace(run->db, CV_TABLE_LINKS, index, &link);
}
