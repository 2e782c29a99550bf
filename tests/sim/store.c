/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include "check.h"

#include <stdlib.h>

void sim_store_init(struct sim_store *store, const struct cv_meeting_record *meeting) {
    *store = (struct sim_store){.committed.meeting = *meeting};
}

void sim_store_release(struct sim_store *store) {
    free(store->committed.participants);
    free(store->committed.blocks);
    free(store->written);
}

bool sim_store_write(struct sim_store *store, const struct cv_effect *effect) {
    switch (effect->type) {
    case CV_EFFECT_SAVE_MEETING:
    case CV_EFFECT_SAVE_PARTICIPANT:
    case CV_EFFECT_SAVE_BLOCK:
    case CV_EFFECT_SAVE_MODE:
    case CV_EFFECT_SAVE_CONNECTION:
    case CV_EFFECT_SAVE_STATS:
        break;
    default:
        return false;
    }
    store->written = realloc(store->written, (store->written_count + 1) * sizeof(*store->written));
    SIM_CHECK(store->written);
    store->written[store->written_count++] = *effect;
    return true;
}

static struct cv_participant_record *find(struct sim_rows *rows, const struct cv_id *id) {
    for (size_t i = 0; i < rows->participant_count; i++)
        if (cv_id_eq(&rows->participants[i].id, id))
            return &rows->participants[i];
    return NULL;
}

static void save_meeting(struct sim_rows *rows, const struct cv_meeting_record *meeting) {
    SIM_CHECK(meeting->session >= rows->meeting.session);
    SIM_CHECK(meeting->session <= rows->meeting.session + 1);
    rows->meeting = *meeting;
    if (!meeting->session_ended_at_us)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < rows->block_count; i++)
        if (cv_id_empty(&rows->blocks[i].participant))
            rows->blocks[kept++] = rows->blocks[i];
    rows->block_count = kept;
}

/* As a foreign key would: the session is there before those who are in it. */
static void save_participant(struct sim_rows *rows, const struct cv_participant_record *record) {
    SIM_CHECK(record->session <= rows->meeting.session);
    struct cv_participant_record *row = find(rows, &record->id);
    if (!row) {
        rows->participants = realloc(rows->participants,
                                     (rows->participant_count + 1) * sizeof(*rows->participants));
        SIM_CHECK(rows->participants);
        row = &rows->participants[rows->participant_count++];
    }
    *row = *record;
    if (record->left_at_us && !record->joined_at_us)
        *row = rows->participants[--rows->participant_count];
}

static void save_block(struct sim_rows *rows, const struct cv_block_record *block) {
    SIM_CHECK(cv_id_empty(&block->link) != cv_id_empty(&block->participant));
    rows->blocks = realloc(rows->blocks, (rows->block_count + 1) * sizeof(*rows->blocks));
    SIM_CHECK(rows->blocks);
    rows->blocks[rows->block_count++] = *block;
}

static void save(struct sim_rows *rows, const struct cv_effect *effect) {
    switch (effect->type) {
    case CV_EFFECT_SAVE_MEETING:
        save_meeting(rows, &effect->meeting);
        break;
    case CV_EFFECT_SAVE_PARTICIPANT:
        save_participant(rows, &effect->participant);
        break;
    case CV_EFFECT_SAVE_BLOCK:
        save_block(rows, &effect->block);
        break;
    case CV_EFFECT_SAVE_MODE:
        SIM_CHECK(effect->mode.session == rows->meeting.session);
        SIM_CHECK(effect->mode.mode == rows->meeting.mode);
        break;
    case CV_EFFECT_SAVE_CONNECTION:
        SIM_CHECK(find(rows, &effect->connection.participant));
        SIM_CHECK(find(rows, &effect->connection.peer));
        break;
    default:
        SIM_CHECK(find(rows, &effect->stats.participant));
        SIM_CHECK(find(rows, &effect->stats.peer));
        break;
    }
}

void sim_store_commit(struct sim_store *store) {
    for (size_t i = 0; i < store->written_count; i++)
        save(&store->committed, &store->written[i]);
    store->written_count = 0;
}

void sim_store_crash(struct sim_store *store) {
    store->written_count = 0;
}

const struct cv_participant_record *sim_store_find(const struct sim_store *store,
                                                   const struct cv_id *participant) {
    for (size_t i = 0; i < store->committed.participant_count; i++)
        if (cv_id_eq(&store->committed.participants[i].id, participant))
            return &store->committed.participants[i];
    return NULL;
}

struct cv_meeting *sim_store_restore(const struct sim_store *store,
                                     const struct cv_meeting_rules *rules, int64_t now_us) {
    const struct sim_rows *rows = &store->committed;
    struct cv_meeting *meeting = NULL;
    SIM_CHECK(!cv_meeting_restore(&rows->meeting, rules, now_us, rows->participants,
                                  rows->participant_count, rows->blocks, rows->block_count,
                                  &meeting));
    return meeting;
}
