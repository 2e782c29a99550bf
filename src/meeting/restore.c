/* SPDX-License-Identifier: Apache-2.0 */
#include "meeting/meeting_private.h"

#include <stdlib.h>

static int by_coming(const void *left, const void *right) {
    const struct cv_participant *const *a = left, *const *b = right;
    return ((*a)->record.came_at_us > (*b)->record.came_at_us) -
           ((*a)->record.came_at_us < (*b)->record.came_at_us);
}

static bool is_there(const struct cv_meeting *meeting, const struct cv_participant_record *record) {
    if (record->left_at_us)
        return false;
    return !record->joined_at_us ||
           (cv_session_runs(meeting) && record->session == meeting->record.session);
}

static enum cv_err restore_person(struct cv_meeting *meeting, int64_t now_us,
                                  const struct cv_participant_record *record) {
    if (cv_roster_find(meeting, &record->id))
        return CV_ERR_EXISTS;
    enum cv_err err = cv_roster_reserve(meeting);
    if (err)
        return err;
    struct cv_participant *person = cv_roster_add(meeting);
    person->record = *record;
    person->presence = record->joined_at_us ? CV_PRESENCE_AWAY : CV_PRESENCE_LOBBY;
    person->lost_at_us = now_us;
    return CV_OK;
}

/* Who is in gets the numbers 1, 2, 3 … by the time of entry. */
static void number_entries(struct cv_meeting *meeting) {
    for (;;) {
        struct cv_participant *first = NULL;
        for (size_t i = 0; i < meeting->people_count; i++) {
            struct cv_participant *person = meeting->people[i];
            if (cv_is_in(person) && !person->entry &&
                (!first || person->record.joined_at_us < first->record.joined_at_us))
                first = person;
        }
        if (!first)
            return;
        first->entry = ++meeting->entries;
    }
}

static enum cv_err restore_block(struct cv_meeting *meeting, const struct cv_block_record *block) {
    if (cv_id_empty(&block->link) &&
        !(cv_session_runs(meeting) && block->session == meeting->record.session))
        return CV_OK;
    enum cv_err err = cv_blocks_reserve(meeting);
    if (!err)
        cv_blocks_restore(meeting, block);
    return err;
}

enum cv_err cv_meeting_restore(const struct cv_meeting_record *record,
                               const struct cv_meeting_rules *rules, int64_t now_us,
                               const struct cv_participant_record *participants,
                               size_t participant_count, const struct cv_block_record *blocks,
                               size_t block_count, struct cv_meeting **ret_meeting) {
    struct cv_meeting *meeting = cv_meeting_new(record, rules);
    enum cv_err err = meeting ? CV_OK : CV_ERR_MEMORY;
    for (size_t i = 0; !err && i < participant_count; i++)
        if (is_there(meeting, &participants[i]))
            err = restore_person(meeting, now_us, &participants[i]);
    for (size_t i = 0; !err && i < block_count; i++)
        err = restore_block(meeting, &blocks[i]);
    if (err) {
        cv_meeting_free(meeting);
        return err;
    }
    if (meeting->people_count)
        qsort(meeting->people, meeting->people_count, sizeof(*meeting->people), by_coming);
    number_entries(meeting);
    cv_mode_restore(meeting, now_us);
    *ret_meeting = meeting;
    return CV_OK;
}
