/* SPDX-License-Identifier: Apache-2.0 */
#include "meeting/meeting_private.h"

#include "base/grow.h"

#include <assert.h>

enum cv_err cv_blocks_reserve(struct cv_meeting *meeting) {
    struct cv_block_record *blocks =
        cv_grow(meeting->blocks, meeting->block_count, &meeting->block_capacity, sizeof *blocks, 4);
    if (!blocks)
        return CV_ERR_MEMORY;
    meeting->blocks = blocks;
    return CV_OK;
}

void cv_blocks_restore(struct cv_meeting *meeting, const struct cv_block_record *block) {
    assert(meeting->block_count < meeting->block_capacity);
    meeting->blocks[meeting->block_count++] = *block;
}

bool cv_blocks_link(const struct cv_meeting *meeting, const struct cv_id *link) {
    for (size_t i = 0; i < meeting->block_count; i++)
        if (!cv_id_empty(link) && cv_id_eq(&meeting->blocks[i].link, link))
            return true;
    return false;
}

bool cv_blocks_participant(const struct cv_meeting *meeting, const struct cv_id *participant) {
    for (size_t i = 0; i < meeting->block_count; i++)
        if (!cv_id_empty(participant) && cv_id_eq(&meeting->blocks[i].participant, participant))
            return true;
    return false;
}

void cv_blocks_add(const struct cv_turn *turn, const struct cv_participant *person) {
    struct cv_block_record block = {.at_us = turn->now_us};
    if (person->record.shared) {
        block.participant = person->record.id;
        block.session = turn->meeting->record.session;
    } else {
        block.link = person->record.link;
    }
    cv_blocks_restore(turn->meeting, &block);
    cv_effects_add(turn, CV_EFFECT_SAVE_BLOCK)->block = block;
}

void cv_blocks_end_session(struct cv_meeting *meeting) {
    size_t kept = 0;
    for (size_t i = 0; i < meeting->block_count; i++)
        if (!cv_id_empty(&meeting->blocks[i].link))
            meeting->blocks[kept++] = meeting->blocks[i];
    meeting->block_count = kept;
}
