/* SPDX-License-Identifier: Apache-2.0 */
#include "meeting/meeting_private.h"

#include <stdlib.h>

/* At most so many effects come of a turn, for each person and besides: see set_aside. */
enum { EFFECTS_PER_PERSON = 12, EFFECTS_BESIDES = 16 };

static const struct {
    cv_command_fn *from_outside; /* without an actor */
    cv_actor_fn *by_actor;
    enum cv_action action;
} handlers[CV_COMMAND_COUNT] = {
    [CV_COMMAND_JOIN] = {.from_outside = cv_do_join},
    [CV_COMMAND_RESUME] = {.from_outside = cv_do_resume},
    [CV_COMMAND_LOST] = {.from_outside = cv_do_lost},
    [CV_COMMAND_SIGNED_OUT] = {.from_outside = cv_do_signed_out},
    [CV_COMMAND_LEAVE] = {NULL, cv_do_leave, CV_ACTION_LEAVE},
    [CV_COMMAND_MEDIA] = {NULL, cv_do_media, CV_ACTION_MEDIA},
    [CV_COMMAND_SIGNAL] = {NULL, cv_do_signal, CV_ACTION_SIGNAL},
    [CV_COMMAND_CONNECTION] = {NULL, cv_do_connection, CV_ACTION_CONNECTION},
    [CV_COMMAND_STATS] = {NULL, cv_do_stats, CV_ACTION_STATS},
    [CV_COMMAND_HAND] = {NULL, cv_do_hand, CV_ACTION_HAND},
    [CV_COMMAND_RELAY] = {NULL, cv_do_relay, CV_ACTION_RELAY},
    [CV_COMMAND_WANT] = {NULL, cv_do_want, CV_ACTION_WANT},
    [CV_COMMAND_PASS] = {NULL, cv_do_pass, CV_ACTION_TELL},
    [CV_COMMAND_RENAME] = {NULL, cv_do_rename, CV_ACTION_RENAME},
    [CV_COMMAND_ADMIT] = {NULL, cv_do_admit, CV_ACTION_ADMIT},
    [CV_COMMAND_ADMIT_ALL] = {NULL, cv_do_admit_all, CV_ACTION_ADMIT},
    [CV_COMMAND_DENY] = {NULL, cv_do_deny, CV_ACTION_DENY},
    [CV_COMMAND_LOCK] = {NULL, cv_do_lock, CV_ACTION_LOCK},
    [CV_COMMAND_LOBBY] = {NULL, cv_do_lobby, CV_ACTION_LOBBY},
    [CV_COMMAND_MUTE] = {NULL, cv_do_mute, CV_ACTION_MUTE},
    [CV_COMMAND_REMOVE] = {NULL, cv_do_remove, CV_ACTION_REMOVE},
    [CV_COMMAND_ROLE] = {NULL, cv_do_role, CV_ACTION_ROLE},
    [CV_COMMAND_MODE] = {NULL, cv_do_mode, CV_ACTION_MODE},
    [CV_COMMAND_END] = {cv_do_end_by_owner, cv_do_end, CV_ACTION_END},
    [CV_COMMAND_UPDATE] = {.from_outside = cv_do_update},
    [CV_COMMAND_LINK_REVOKED] = {.from_outside = cv_do_link_revoked},
};

struct cv_meeting *cv_meeting_new(const struct cv_meeting_record *record,
                                  const struct cv_meeting_rules *rules) {
    struct cv_meeting *meeting = calloc(1, sizeof *meeting);
    if (!meeting)
        return NULL;
    meeting->record = *record;
    meeting->rules = *rules;
    return meeting;
}

struct cv_meeting *cv_meeting_free(struct cv_meeting *meeting) {
    if (!meeting)
        return NULL;
    for (size_t i = 0; i < meeting->people_count; i++)
        free(meeting->people[i]);
    free(meeting->people);
    free(meeting->spare);
    free(meeting->blocks);
    free(meeting);
    return NULL;
}

static enum cv_err find_actor(const struct cv_turn *turn, const struct cv_id *by,
                              enum cv_action action, struct cv_participant **ret_actor) {
    struct cv_participant *actor = cv_roster_find(turn->meeting, by);
    if (!actor)
        return CV_ERR_NOT_FOUND;
    bool leaves = action == CV_ACTION_LEAVE; /* at any time: WHIP can, while nobody knows of it */
    if (!actor->connected && !leaves)
        return CV_ERR_STATE;
    if (!cv_is_in(actor) && !leaves)
        return CV_ERR_DENIED;
    enum cv_meeting_state state = cv_meeting_state(turn->meeting, turn->now_us);
    if (!cv_policy_may(actor->record.role, action, state))
        return CV_ERR_DENIED;
    *ret_actor = actor;
    return CV_OK;
}

static enum cv_err carry_out(const struct cv_turn *turn, const struct cv_command *command) {
    cv_command_fn *from_outside = handlers[command->type].from_outside;
    cv_actor_fn *by_actor = handlers[command->type].by_actor;
    if (!by_actor || (from_outside && cv_id_empty(&command->by)))
        return from_outside ? from_outside(turn, command) : CV_OK;
    struct cv_participant *actor;
    enum cv_err err = find_actor(turn, &command->by, handlers[command->type].action, &actor);
    return err ? err : by_actor(turn, actor, command);
}

/*
 * A person may come (4 effects), get a role twice (2 each) and go (4) in one turn, and for each who
 * waits two new moderators may be told; besides, the meeting and its mode are saved a few times.
 */
static enum cv_err set_aside(struct cv_meeting *meeting, const struct cv_command *command,
                             struct cv_effects *effects) {
    size_t people = meeting->people_count + 1;
    enum cv_err err = cv_effects_reserve(effects, people * EFFECTS_PER_PERSON + EFFECTS_BESIDES);
    if (!err && command->type == CV_COMMAND_JOIN)
        err = cv_roster_reserve(meeting);
    if (!err && command->type == CV_COMMAND_REMOVE)
        err = cv_blocks_reserve(meeting);
    return err;
}

enum cv_err cv_meeting_apply(struct cv_meeting *meeting, int64_t now_us,
                             const struct cv_command *command, struct cv_effects *effects) {
    effects->count = 0;
    effects->refusal = CV_REFUSAL_NONE;
    effects->first_entry = meeting->entries + 1;
    enum cv_err err = set_aside(meeting, command, effects);
    if (err)
        return err;
    for (size_t i = 0; i < meeting->people_count; i++)
        meeting->people[i]->new_moderator = false;
    const struct cv_turn turn = {meeting, effects, now_us};
    cv_sweep(&turn);
    cv_settle(&turn);
    err = carry_out(&turn, command);
    cv_settle(&turn);
    cv_tell_new_moderators(&turn);
    return err;
}

int64_t cv_meeting_deadline(const struct cv_meeting *meeting) {
    int64_t deadline_us = meeting->over ? CV_TIME_NEVER : cv_meeting_closes_at(meeting);
    for (size_t i = 0; i < meeting->people_count; i++) {
        const struct cv_participant *person = meeting->people[i];
        int64_t lost_us = person->lost_at_us + CV_MEETING_GRACE_US;
        if (!person->connected && lost_us < deadline_us)
            deadline_us = lost_us;
        if (person->record.until_us && person->record.until_us < deadline_us)
            deadline_us = person->record.until_us;
    }
    int64_t mode_us = cv_mode_deadline(meeting);
    return mode_us < deadline_us ? mode_us : deadline_us;
}

const struct cv_meeting_record *cv_meeting_record(const struct cv_meeting *meeting) {
    return &meeting->record;
}

enum cv_meeting_state cv_meeting_state(const struct cv_meeting *meeting, int64_t now_us) {
    return cv_policy_meeting_state(&meeting->rules.windows, &meeting->record.schedule,
                                   cv_meeting_occupied(meeting) > 0, now_us);
}

int64_t cv_meeting_opens_at(const struct cv_meeting *meeting) {
    return cv_policy_opens_at(&meeting->rules.windows, &meeting->record.schedule);
}

int64_t cv_meeting_closes_at(const struct cv_meeting *meeting) {
    return cv_policy_closes_at(&meeting->rules.windows, &meeting->record.schedule);
}
