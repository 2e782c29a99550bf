/* SPDX-License-Identifier: Apache-2.0 */
/* Coming and going: join, resume, connection lost, leave. */
#include "base/utf8.h"
#include "meeting/meeting_private.h"

static enum cv_err refuse(const struct cv_turn *turn, enum cv_refusal refusal, enum cv_err err) {
    turn->effects->refusal = refusal;
    return err;
}

/* Refuses when the state of the meeting lets nobody of this role in. */
static enum cv_err check_state(const struct cv_turn *turn, enum cv_role role) {
    enum cv_meeting_state state = cv_meeting_state(turn->meeting, turn->now_us);
    if (cv_policy_may(role, CV_ACTION_ENTER, state))
        return CV_OK;
    switch (state) {
    case CV_STATE_SCHEDULED:
        return refuse(turn, CV_REFUSAL_TOO_EARLY, CV_ERR_STATE);
    case CV_STATE_ENDED:
        return refuse(turn, CV_REFUSAL_ENDED, CV_ERR_STATE);
    default:
        return refuse(turn, CV_REFUSAL_EXPIRED, CV_ERR_STATE);
    }
}

/*
 * Lets in, lets wait or refuses, by lock, lobby and room. Whoever holds a place has it already:
 * one that is in passes all, and one in the lobby may at least wait on.
 */
static enum cv_err check_door(const struct cv_turn *turn, const struct cv_command_join *join,
                              const struct cv_participant *holder, bool *ret_wait) {
    const struct cv_meeting *meeting = turn->meeting;
    const struct cv_meeting_record *record = &meeting->record;
    *ret_wait = false;
    if (holder && cv_is_in(holder))
        return CV_OK;
    bool pass = cv_policy_may(join->role, CV_ACTION_PASS, CV_STATE_LIVE);
    if (record->locked && !pass && !holder)
        return refuse(turn, CV_REFUSAL_LOCKED, CV_ERR_STATE);
    bool room = cv_roster_has_room(meeting);
    bool knock = record->lobby && join->via == CV_VIA_CLIENT;
    *ret_wait = !pass && (knock || (holder && (record->locked || !room)));
    bool full =
        *ret_wait ? !holder && cv_meeting_waiting(meeting) >= CV_MEETING_MAX_WAITING : !room;
    return full ? refuse(turn, CV_REFUSAL_FULL, CV_ERR_FULL) : CV_OK;
}

static enum cv_err check_join(const struct cv_turn *turn, const struct cv_command_join *join) {
    if (cv_id_empty(&join->participant) || cv_id_empty(&join->link) == cv_id_empty(&join->account))
        return CV_ERR_RANGE;
    if (join->name.size == 0 || cv_utf8_check_label(join->name, CV_NAME_CHARS))
        return CV_ERR_RANGE;
    if (cv_roster_find(turn->meeting, &join->participant))
        return CV_ERR_EXISTS;
    enum cv_err err = check_state(turn, join->role);
    if (err)
        return err;
    if (join->via != CV_VIA_CLIENT && !cv_mode_can_relay(turn->meeting))
        return refuse(turn, CV_REFUSAL_NO_RELAY, CV_ERR_STATE);
    if (cv_blocks_link(turn->meeting, &join->link))
        return refuse(turn, CV_REFUSAL_BLOCKED, CV_ERR_DENIED);
    return CV_OK;
}

enum cv_err cv_do_join(const struct cv_turn *turn, const struct cv_command *command) {
    const struct cv_command_join *join = &command->join;
    enum cv_err err = check_join(turn, join);
    if (err)
        return err;
    bool wait;
    struct cv_participant *holder = cv_roster_holder(turn->meeting, join);
    err = check_door(turn, join, holder, &wait);
    if (err)
        return err;
    struct cv_participant *person = cv_roster_add(turn->meeting);
    person->record = (struct cv_participant_record){
        .id = join->participant,
        .link = join->link,
        .account = join->account,
        .shared = join->shared,
        .hide_address = join->hide_address,
        .via = join->via,
        .own_role = join->role,
        .role = holder ? holder->record.role : join->role,
        .came_at_us = turn->now_us,
        .until_us = join->until_us,
    };
    memcpy(person->record.name, join->name.data, join->name.size);
    person->connected = true;
    if (holder)
        cv_depart(turn, holder, CV_GONE_REPLACED);
    if (wait)
        cv_knock(turn, person);
    else
        cv_enter(turn, person);
    return CV_OK;
}

static void set_connected(const struct cv_turn *turn, struct cv_participant *person,
                          bool connected) {
    person->connected = connected;
    person->lost_at_us = connected ? 0 : turn->now_us;
    if (cv_is_in(person)) {
        person->presence = connected ? CV_PRESENCE_PRESENT : CV_PRESENCE_AWAY;
        cv_tell_updated(turn, person);
    }
}

enum cv_err cv_do_resume(const struct cv_turn *turn, const struct cv_command *command) {
    struct cv_participant *person = cv_roster_find(turn->meeting, &command->by);
    if (!person && cv_blocks_participant(turn->meeting, &command->by))
        return refuse(turn, CV_REFUSAL_BLOCKED, CV_ERR_DENIED);
    if (!person)
        return refuse(turn, CV_REFUSAL_RESUME_FAILED, CV_ERR_NOT_FOUND);
    if (person->connected)
        cv_disconnect(turn, &person->record.id, CV_GONE_REPLACED);
    else
        set_connected(turn, person, true);
    return CV_OK;
}

enum cv_err cv_do_lost(const struct cv_turn *turn, const struct cv_command *command) {
    struct cv_participant *person = cv_roster_find(turn->meeting, &command->by);
    if (!person)
        return CV_ERR_NOT_FOUND;
    if (!person->connected)
        return CV_ERR_STATE;
    set_connected(turn, person, false);
    return CV_OK;
}

enum cv_err cv_do_signed_out(const struct cv_turn *turn, const struct cv_command *command) {
    struct cv_participant *person = cv_roster_find(turn->meeting, &command->by);
    if (!person)
        return CV_ERR_NOT_FOUND;
    cv_depart(turn, person, CV_GONE_SIGNED_OUT);
    return CV_OK;
}

enum cv_err cv_do_leave(const struct cv_turn *turn, struct cv_participant *actor,
                        const struct cv_command *command) {
    cv_depart(turn, actor, CV_GONE_LEFT);
    return CV_OK;
}
