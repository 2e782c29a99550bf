/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in or waits, who may not come back, and what their connections do. */
#include "store/memory_ops.h"

#include <stdlib.h>

const struct cv_store_record *cv_memory_call(const struct cv_memory_db *db,
                                             const struct cv_id *meeting, uint32_t session) {
    const struct cv_store_record *call;
    for (size_t i = 0; (call = cv_memory_row(db, CV_TABLE_CALLS, i)); i++)
        if (cv_id_eq(&call->meeting, meeting) && call->session == session)
            return call;
    return NULL;
}

bool cv_match_participant(const void *row, const void *wanted) {
    return cv_id_eq(&((const struct cv_stay *)row)->participant.id, wanted);
}

static size_t find_stay(const struct cv_memory_db *db, const struct cv_id *id) {
    return cv_memory_find(db, CV_TABLE_PARTICIPANTS, cv_match_participant, id);
}

bool cv_memory_is_there(const struct cv_memory_db *db, const struct cv_id *meeting) {
    const struct cv_stay *stay;
    for (size_t i = 0; (stay = cv_memory_row(db, CV_TABLE_PARTICIPANTS, i)); i++)
        if (cv_id_eq(&stay->meeting, meeting) && !stay->participant.left_at_us)
            return true;
    return false;
}

static bool match_connection(const void *row, const void *wanted) {
    const struct cv_connection_record *connection = row;
    return cv_id_eq(&connection->participant, wanted) || cv_id_eq(&connection->peer, wanted);
}

static bool match_stats(const void *row, const void *wanted) {
    const struct cv_stats_record *stats = row;
    return cv_id_eq(&stats->participant, wanted) || cv_id_eq(&stats->peer, wanted);
}

enum cv_err cv_memory_drop_participant(struct cv_memory_db *db, size_t index) {
    const struct cv_stay *stay = cv_memory_row(db, CV_TABLE_PARTICIPANTS, index);
    const struct cv_id id = stay->participant.id;
    enum cv_err err = cv_memory_delete(db, CV_TABLE_PARTICIPANTS, index);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_CONNECTIONS, match_connection, &id, NULL);
    if (!err)
        err = cv_memory_delete_all(db, CV_TABLE_STATS, match_stats, &id, NULL);
    return err;
}

static bool leads_nowhere(const struct cv_memory_db *db, const struct cv_stay *stay) {
    const struct cv_participant_record *record = &stay->participant;
    if (cv_memory_find(db, CV_TABLE_MEETINGS, cv_match_meeting, &stay->meeting) == SIZE_MAX)
        return true;
    if (record->session && !cv_memory_call(db, &stay->meeting, record->session))
        return true;
    return !cv_id_empty(&record->account) &&
           cv_memory_find(db, CV_TABLE_USERS, cv_match_user, &record->account) == SIZE_MAX;
}

enum cv_err cv_memory_participant_save(struct cv_memory_run *run) {
    const struct cv_participant_record *record = &run->op->participant_save.record;
    size_t index = find_stay(run->db, &record->id);
    const struct cv_stay *stored = cv_memory_row(run->db, CV_TABLE_PARTICIPANTS, index);
    if (record->left_at_us && !record->joined_at_us)
        return stored ? cv_memory_drop_participant(run->db, index) : CV_OK;
    struct cv_stay stay = {.meeting = run->op->participant_save.meeting};
    if (stored)
        stay = *stored;
    stay.participant = *record;
    if (leads_nowhere(run->db, &stay))
        return CV_ERR_NOT_FOUND;
    if (record->left_at_us)
        stay.attachment.resume_hash = stay.attachment.resume_old_hash = (struct cv_slice){0};
    return stored ? cv_memory_replace(run->db, CV_TABLE_PARTICIPANTS, index, &stay)
                  : cv_memory_insert(run->db, CV_TABLE_PARTICIPANTS, &stay);
}

enum cv_err cv_memory_participant_resume(struct cv_memory_run *run) {
    size_t index = find_stay(run->db, &run->op->participant_resume.id);
    const struct cv_stay *stored = cv_memory_row(run->db, CV_TABLE_PARTICIPANTS, index);
    if (!stored || stored->participant.left_at_us)
        return CV_ERR_NOT_FOUND;
    struct cv_stay stay = *stored;
    stay.attachment.resume_hash = run->op->participant_resume.resume_hash;
    stay.attachment.resume_old_hash = run->op->participant_resume.resume_old_hash;
    return cv_memory_replace(run->db, CV_TABLE_PARTICIPANTS, index, &stay);
}

enum cv_err cv_memory_participant_address(struct cv_memory_run *run) {
    size_t index = find_stay(run->db, &run->op->participant_address.id);
    const struct cv_stay *stored = cv_memory_row(run->db, CV_TABLE_PARTICIPANTS, index);
    if (!stored)
        return CV_ERR_NOT_FOUND;
    struct cv_stay stay = *stored;
    stay.attachment.address = run->op->participant_address.address;
    stay.attachment.country = run->op->participant_address.country;
    stay.attachment.network = run->op->participant_address.network;
    return cv_memory_replace(run->db, CV_TABLE_PARTICIPANTS, index, &stay);
}

static bool match_block(const void *row, const void *wanted) {
    const struct cv_memory_block *a = row, *b = wanted;
    return cv_id_eq(&a->meeting, &b->meeting) && cv_id_eq(&a->record.link, &b->record.link) &&
           cv_id_eq(&a->record.participant, &b->record.participant);
}

enum cv_err cv_memory_block_save(struct cv_memory_run *run) {
    const struct cv_memory_block block = {run->op->block_save.meeting, run->op->block_save.record};
    if (cv_memory_find(run->db, CV_TABLE_MEETINGS, cv_match_meeting, &block.meeting) == SIZE_MAX)
        return CV_ERR_NOT_FOUND;
    size_t index = cv_memory_find(run->db, CV_TABLE_BLOCKS, match_block, &block);
    return index == SIZE_MAX ? cv_memory_insert(run->db, CV_TABLE_BLOCKS, &block)
                             : cv_memory_replace(run->db, CV_TABLE_BLOCKS, index, &block);
}

static int by_time(const void *left, const void *right) {
    const struct cv_block_record *a = left, *b = right;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    int order = strcmp(a->link.text, b->link.text);
    return order ? order : strcmp(a->participant.text, b->participant.text);
}

static enum cv_err show_blocks(struct cv_memory_run *run, const struct cv_id *meeting,
                               const struct cv_block_record **ret_blocks, size_t *ret_count) {
    size_t count = 0, total = run->db->tables[CV_TABLE_BLOCKS].count;
    struct cv_block_record *blocks = cv_arena_alloc(run->arena, (total + 1) * sizeof *blocks);
    const struct cv_memory_block *stored;
    if (!blocks)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_BLOCKS, i)); i++)
        if (cv_id_eq(&stored->meeting, meeting))
            blocks[count++] = stored->record;
    qsort(blocks, count, sizeof *blocks, by_time);
    *ret_blocks = blocks;
    *ret_count = count;
    return CV_OK;
}

enum cv_err cv_memory_block_list(struct cv_memory_run *run) {
    return show_blocks(run, &run->op->block_list.meeting, &run->result->blocks.items,
                       &run->result->blocks.count);
}

bool cv_match_mode(const void *row, const void *wanted) {
    const struct cv_memory_mode *a = row, *b = wanted;
    return cv_id_eq(&a->meeting, &b->meeting) && a->record.session == b->record.session;
}

enum cv_err cv_memory_mode_add(struct cv_memory_run *run) {
    const struct cv_memory_mode mode = {run->op->mode_add.meeting, run->op->mode_add.record};
    if (!cv_memory_call(run->db, &mode.meeting, mode.record.session))
        return CV_ERR_NOT_FOUND;
    enum cv_err err = cv_memory_insert(run->db, CV_TABLE_MODES, &mode);
    const struct cv_memory_mode *stored;
    size_t count = 0;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_MODES, i)); i++)
        count += cv_match_mode(stored, &mode);
    if (err || count <= CV_STORE_MODES_MAX)
        return err;
    return cv_memory_delete(run->db, CV_TABLE_MODES,
                            cv_memory_find(run->db, CV_TABLE_MODES, cv_match_mode, &mode));
}

/* Whether it is there; nobody is the server. */
static bool is_peer(const struct cv_memory_db *db, const struct cv_id *peer) {
    return cv_id_empty(peer) || find_stay(db, peer) != SIZE_MAX;
}

enum cv_err cv_memory_connection_add(struct cv_memory_run *run) {
    const struct cv_connection_record *connection = &run->op->connection_add;
    if (find_stay(run->db, &connection->participant) == SIZE_MAX ||
        !is_peer(run->db, &connection->peer))
        return CV_ERR_NOT_FOUND;
    enum cv_err err = cv_memory_insert(run->db, CV_TABLE_CONNECTIONS, connection);
    const struct cv_connection_record *stored;
    size_t count = 0, oldest = SIZE_MAX;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_CONNECTIONS, i)); i++) {
        if (!cv_id_eq(&stored->participant, &connection->participant))
            continue;
        count++;
        if (oldest == SIZE_MAX)
            oldest = i;
    }
    bool over = !err && count > CV_STORE_CONNECTIONS_MAX;
    return over ? cv_memory_delete(run->db, CV_TABLE_CONNECTIONS, oldest) : err;
}

static bool match_pair(const void *row, const void *wanted) {
    const struct cv_stats_record *a = row, *b = wanted;
    return cv_id_eq(&a->participant, &b->participant) && cv_id_eq(&a->peer, &b->peer);
}

enum cv_err cv_memory_stats_save(struct cv_memory_run *run) {
    const struct cv_stats_record *stats = &run->op->stats_save;
    if (find_stay(run->db, &stats->participant) == SIZE_MAX || !is_peer(run->db, &stats->peer))
        return CV_ERR_NOT_FOUND;
    size_t index = cv_memory_find(run->db, CV_TABLE_STATS, match_pair, stats);
    return index == SIZE_MAX ? cv_memory_insert(run->db, CV_TABLE_STATS, stats)
                             : cv_memory_replace(run->db, CV_TABLE_STATS, index, stats);
}

static int by_arrival(const void *left, const void *right) {
    const struct cv_participant_record *a = &((const struct cv_stay *)left)->participant;
    const struct cv_participant_record *b = &((const struct cv_stay *)right)->participant;
    if (a->came_at_us != b->came_at_us)
        return a->came_at_us < b->came_at_us ? -1 : 1;
    return strcmp(a->id.text, b->id.text);
}

bool cv_memory_is_among(const struct cv_stay *stay, const struct cv_id *meeting, uint32_t session) {
    if (!cv_id_eq(&stay->meeting, meeting))
        return false;
    return session ? stay->participant.session == session : !stay->participant.left_at_us;
}

enum cv_err cv_memory_show_stays(struct cv_memory_run *run, const struct cv_id *meeting,
                                 uint32_t session, struct cv_memory_stays *ret_stays) {
    size_t count = 0, total = run->db->tables[CV_TABLE_PARTICIPANTS].count;
    struct cv_stay *stays = cv_arena_alloc(run->arena, (total + 1) * sizeof *stays);
    struct cv_participant_record *participants =
        cv_arena_alloc(run->arena, (total + 1) * sizeof *participants);
    struct cv_store_attachment *attachments =
        cv_arena_alloc(run->arena, (total + 1) * sizeof *attachments);
    const struct cv_stay *stored;
    if (!stays || !participants || !attachments)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (stored = cv_memory_row(run->db, CV_TABLE_PARTICIPANTS, i)); i++)
        if (cv_memory_is_among(stored, meeting, session))
            stays[count++] = *stored;
    qsort(stays, count, sizeof *stays, by_arrival);
    for (size_t i = 0; i < count; i++) {
        participants[i] = stays[i].participant;
        attachments[i] = stays[i].attachment;
        if (session)
            attachments[i].resume_hash = attachments[i].resume_old_hash = (struct cv_slice){0};
        enum cv_err err = cv_shape_own(&cv_shape_attachment, &attachments[i], run->arena);
        if (err)
            return err;
    }
    *ret_stays = (struct cv_memory_stays){participants, attachments, count};
    return CV_OK;
}

static bool is_live(const struct cv_memory_db *db, const struct cv_id *meeting) {
    const struct cv_store_record *call;
    for (size_t i = 0; (call = cv_memory_row(db, CV_TABLE_CALLS, i)); i++)
        if (cv_id_eq(&call->meeting, meeting) && !call->ended_at_us)
            return true;
    return cv_memory_is_there(db, meeting);
}

static enum cv_err show_live(struct cv_memory_run *run, const struct cv_store_meeting *meeting,
                             struct cv_store_live *live) {
    const struct cv_id *id = &meeting->record.id;
    struct cv_memory_stays stays;
    enum cv_err err = cv_memory_show_meeting(run->db, meeting, run->arena, &live->meeting);
    if (!err)
        err = cv_memory_show_stays(run, id, 0, &stays);
    if (err)
        return err;
    live->participants = stays.participants;
    live->attachments = stays.attachments;
    live->participant_count = stays.count;
    return show_blocks(run, id, &live->blocks, &live->block_count);
}

static int by_meeting(const void *left, const void *right) {
    return strcmp(((const struct cv_store_live *)left)->meeting.record.id.text,
                  ((const struct cv_store_live *)right)->meeting.record.id.text);
}

enum cv_err cv_memory_meeting_load(struct cv_memory_run *run) {
    size_t count = 0, total = run->db->tables[CV_TABLE_MEETINGS].count;
    struct cv_store_live *live = cv_arena_alloc(run->arena, (total + 1) * sizeof *live);
    const struct cv_store_meeting *meeting;
    if (!live)
        return CV_ERR_MEMORY;
    for (size_t i = 0; (meeting = cv_memory_row(run->db, CV_TABLE_MEETINGS, i)); i++) {
        if (!is_live(run->db, &meeting->record.id))
            continue;
        enum cv_err err = show_live(run, meeting, &live[count++]);
        if (err)
            return err;
    }
    qsort(live, count, sizeof *live, by_meeting);
    run->result->live.items = live;
    run->result->live.count = count;
    return CV_OK;
}
