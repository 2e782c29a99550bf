/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner does with the meeting, in it or over REST; and ending it, as moderators may. */
#include "base/utf8.h"
#include "meeting/meeting_private.h"

static void end(const struct cv_turn *turn) {
    struct cv_policy_schedule *schedule = &turn->meeting->record.schedule;
    if (schedule->kind != CV_KIND_ROOM) {
        schedule->ended_at_us = turn->now_us;
        cv_save_meeting(turn);
    }
    cv_depart_all(turn, CV_GONE_ENDED);
}

enum cv_err cv_do_end(const struct cv_turn *turn, struct cv_participant *actor,
                      const struct cv_command *command) {
    end(turn);
    return CV_OK;
}

/* Whether the owner, who need not be in, may do this now. */
static enum cv_err check_owner(const struct cv_turn *turn, enum cv_action action) {
    enum cv_meeting_state state = cv_meeting_state(turn->meeting, turn->now_us);
    return cv_policy_may(CV_ROLE_HOST, action, state) ? CV_OK : CV_ERR_STATE;
}

enum cv_err cv_do_end_by_owner(const struct cv_turn *turn, const struct cv_command *command) {
    enum cv_err err = check_owner(turn, CV_ACTION_END);
    if (err)
        return err;
    end(turn);
    return CV_OK;
}

/* Whether it would be open if nobody were in. */
static bool is_open_when_empty(const struct cv_turn *turn) {
    const struct cv_meeting *meeting = turn->meeting;
    return cv_policy_meeting_state(&meeting->rules.windows, &meeting->record.schedule, false,
                                   turn->now_us) == CV_STATE_OPEN;
}

enum cv_err cv_do_update(const struct cv_turn *turn, const struct cv_command *command) {
    enum cv_err err = check_owner(turn, CV_ACTION_EDIT);
    if (err)
        return err;
    struct cv_slice title = command->update.title;
    if (title.size == 0 || cv_utf8_check_label(title, CV_TITLE_CHARS))
        return CV_ERR_RANGE;
    if (command->update.starts_at_us < 0 || command->update.duration_us < 0)
        return CV_ERR_RANGE;

    struct cv_meeting *meeting = turn->meeting;
    struct cv_meeting_record old = meeting->record;
    struct cv_meeting_record *record = &meeting->record;
    record->schedule.starts_at_us = command->update.starts_at_us;
    record->schedule.duration_us = command->update.duration_us;
    record->lobby = command->update.lobby;
    record->topology = command->update.topology;
    memset(record->title, 0, sizeof record->title);
    memcpy(record->title, title.data, title.size);

    bool strands = !cv_mode_can_relay(meeting) && cv_roster_only_relayed(meeting);
    bool shuts_out = meeting->people_count && !is_open_when_empty(turn);
    if (strands || shuts_out)
        err = CV_ERR_STATE;
    else if (cv_meeting_occupied(meeting) > cv_meeting_capacity(meeting))
        err = CV_ERR_FULL;
    if (err) {
        *record = old;
        return err;
    }
    cv_meeting_changed(turn);
    return CV_OK;
}

enum cv_err cv_do_link_revoked(const struct cv_turn *turn, const struct cv_command *command) {
    struct cv_meeting *meeting = turn->meeting;
    for (size_t i = meeting->people_count; i > 0; i--)
        if (cv_id_eq(&meeting->people[i - 1]->record.link, &command->link))
            cv_depart(turn, meeting->people[i - 1], CV_GONE_REVOKED);
    return CV_OK;
}
