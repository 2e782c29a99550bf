/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping order: lock, mute, remove, role. */
#include "meeting/meeting_private.h"

enum cv_err cv_do_lock(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    struct cv_meeting_record *record = &turn->meeting->record;
    bool changed = record->locked != command->locked;
    record->locked = command->locked;
    if (changed)
        cv_meeting_changed(turn);
    return CV_OK;
}

/* From here on it counts as not sending that, whatever it does, until it says so again. */
static void silence(const struct cv_turn *turn, struct cv_participant *target,
                    enum cv_media_part part) {
    bool *sends[CV_PART_COUNT] = {&target->media.audio, &target->media.video,
                                  &target->media.screen};
    uint32_t bit = UINT32_C(1) << part;
    if (!(target->record.silenced & bit)) {
        target->record.silenced |= bit;
        cv_save_participant(turn, target);
    }
    if (*sends[part]) {
        *sends[part] = false;
        cv_tell_updated(turn, target);
    }
}

enum cv_err cv_do_mute(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    struct cv_participant *target = cv_roster_find(turn->meeting, &command->mute.target);
    if (!target || !cv_is_in(target))
        return CV_ERR_NOT_FOUND;
    if (!cv_policy_may_target(CV_ACTION_MUTE, target->record.role))
        return CV_ERR_DENIED;
    silence(turn, target, command->mute.kind);
    struct cv_event event = {
        .type = CV_EVENT_MUTED, .subject = actor->record.id, .kind = command->mute.kind};
    cv_tell(turn, CV_AUDIENCE_ONE, &target->record.id, &event);
    return CV_OK;
}

enum cv_err cv_do_remove(const struct cv_turn *turn, struct cv_participant *actor,
                         const struct cv_command *command) {
    struct cv_participant *target = cv_roster_find(turn->meeting, &command->remove.target);
    if (!target)
        return CV_ERR_NOT_FOUND;
    if (target == actor || !cv_policy_may_target(CV_ACTION_REMOVE, target->record.role))
        return CV_ERR_DENIED;
    if (!command->remove.block) {
        cv_depart(turn, target, CV_GONE_REMOVED);
        return CV_OK;
    }
    if (turn->meeting->block_count >= CV_MEETING_MAX_BLOCKS)
        return CV_ERR_FULL;
    cv_blocks_add(turn, target);
    cv_depart(turn, target, CV_GONE_BLOCKED);
    return CV_OK;
}

enum cv_err cv_do_role(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    enum cv_role role = command->role.role;
    if (role != CV_ROLE_MODERATOR && role != CV_ROLE_PARTICIPANT)
        return CV_ERR_RANGE;
    struct cv_participant *target = cv_roster_find(turn->meeting, &command->role.target);
    if (!target || !cv_is_in(target))
        return CV_ERR_NOT_FOUND;
    if (!cv_policy_may_target(CV_ACTION_ROLE, target->record.role))
        return CV_ERR_DENIED;
    if (target->record.role != role)
        cv_set_role(turn, target, role);
    return CV_OK;
}
