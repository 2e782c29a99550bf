/* SPDX-License-Identifier: Apache-2.0 */
/* The lobby: on or off, and who of those waiting gets in. */
#include "meeting/meeting_private.h"

static enum cv_err find_waiting(const struct cv_turn *turn, const struct cv_id *target,
                                struct cv_participant **ret_person) {
    struct cv_participant *person = cv_roster_find(turn->meeting, target);
    if (!person || cv_is_in(person))
        return CV_ERR_NOT_FOUND;
    *ret_person = person;
    return CV_OK;
}

enum cv_err cv_do_admit(const struct cv_turn *turn, struct cv_participant *actor,
                        const struct cv_command *command) {
    struct cv_participant *person;
    enum cv_err err = find_waiting(turn, &command->target, &person);
    if (err)
        return err;
    if (!cv_policy_may_target(CV_ACTION_ADMIT, person->record.role))
        return CV_ERR_DENIED;
    if (!cv_roster_has_room(turn->meeting))
        return CV_ERR_FULL;
    cv_admit(turn, person);
    return CV_OK;
}

enum cv_err cv_do_admit_all(const struct cv_turn *turn, struct cv_participant *actor,
                            const struct cv_command *command) {
    const struct cv_meeting *meeting = turn->meeting;
    if (cv_meeting_waiting(meeting) && !cv_roster_has_room(meeting))
        return CV_ERR_FULL;
    for (size_t i = 0; i < meeting->people_count && cv_roster_has_room(meeting); i++)
        if (!cv_is_in(meeting->people[i]))
            cv_admit(turn, meeting->people[i]);
    return CV_OK;
}

enum cv_err cv_do_deny(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    struct cv_participant *person;
    enum cv_err err = find_waiting(turn, &command->target, &person);
    if (err)
        return err;
    if (!cv_policy_may_target(CV_ACTION_DENY, person->record.role))
        return CV_ERR_DENIED;
    cv_depart(turn, person, CV_GONE_DENIED);
    return CV_OK;
}

enum cv_err cv_do_lobby(const struct cv_turn *turn, struct cv_participant *actor,
                        const struct cv_command *command) {
    struct cv_meeting_record *record = &turn->meeting->record;
    bool changed = record->lobby != command->lobby;
    record->lobby = command->lobby;
    if (changed)
        cv_meeting_changed(turn);
    return CV_OK;
}
