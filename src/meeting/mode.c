/* SPDX-License-Identifier: Apache-2.0 */
/* Whether media goes directly from one to the other or through the server, and what needs that. */
#include "meeting/meeting_private.h"

bool cv_mode_can_relay(const struct cv_meeting *meeting) {
    return meeting->rules.places > 0 && meeting->record.topology == CV_TOPOLOGY_AUTO;
}

static bool needs_relay(const struct cv_meeting *meeting) {
    return cv_meeting_occupied(meeting) > 2 || meeting->record.relay_asked ||
           cv_roster_only_relayed(meeting);
}

static void set_mode(const struct cv_turn *turn, enum cv_call_mode mode) {
    struct cv_meeting_record *record = &turn->meeting->record;
    record->mode = mode;
    turn->meeting->calm_since_us = 0;
    cv_meeting_changed(turn);
    cv_effects_add(turn, CV_EFFECT_SAVE_MODE)->mode =
        (struct cv_mode_record){.session = record->session, .mode = mode, .at_us = turn->now_us};
}

void cv_mode_settle(const struct cv_turn *turn) {
    struct cv_meeting *meeting = turn->meeting;
    bool relayed = meeting->record.mode == CV_CALL_RELAYED;
    if (!cv_session_runs(meeting))
        return;
    if (!cv_mode_can_relay(meeting)) {
        meeting->record.relay_asked = false;
        if (relayed)
            set_mode(turn, CV_CALL_DIRECT);
    } else if (needs_relay(meeting)) {
        meeting->calm_since_us = 0;
        if (!relayed)
            set_mode(turn, CV_CALL_RELAYED);
    } else if (relayed && !meeting->calm_since_us) {
        meeting->calm_since_us = turn->now_us;
    } else if (relayed && turn->now_us - meeting->calm_since_us >= CV_MEETING_CALM_US) {
        set_mode(turn, CV_CALL_DIRECT);
    }
}

void cv_mode_restore(struct cv_meeting *meeting, int64_t now_us) {
    if (meeting->record.mode == CV_CALL_RELAYED && !needs_relay(meeting))
        meeting->calm_since_us = now_us;
}

int64_t cv_mode_deadline(const struct cv_meeting *meeting) {
    return meeting->calm_since_us ? meeting->calm_since_us + CV_MEETING_CALM_US : CV_TIME_NEVER;
}

void cv_mode_end_session(struct cv_meeting *meeting) {
    meeting->record.mode = CV_CALL_DIRECT;
    meeting->record.relay_asked = false;
    meeting->calm_since_us = 0;
}

enum cv_err cv_do_mode(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    struct cv_meeting_record *record = &turn->meeting->record;
    if (command->relayed && !cv_mode_can_relay(turn->meeting))
        return CV_ERR_STATE;
    bool changed = record->relay_asked != command->relayed;
    record->relay_asked = command->relayed;
    if (changed)
        cv_meeting_changed(turn);
    return CV_OK;
}

static enum cv_err check_relayed(const struct cv_turn *turn) {
    return turn->meeting->record.mode == CV_CALL_RELAYED ? CV_OK : CV_ERR_STATE;
}

enum cv_err cv_do_relay(const struct cv_turn *turn, struct cv_participant *actor,
                        const struct cv_command *command) {
    return check_relayed(turn);
}

/* Back in a direct call the relay still shows what it did until the direct one is up. */
enum cv_err cv_do_want(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    return CV_OK;
}

enum cv_err cv_do_pass(const struct cv_turn *turn, struct cv_participant *actor,
                       const struct cv_command *command) {
    enum cv_err err = check_relayed(turn);
    if (err)
        return err;
    struct cv_event event = {
        .type = CV_EVENT_PASSED, .subject = actor->record.id, .payload = command->pass.payload};
    if (cv_id_empty(&command->pass.to)) {
        cv_tell(turn, CV_AUDIENCE_OTHERS, NULL, &event);
        return CV_OK;
    }
    const struct cv_participant *to = cv_roster_find(turn->meeting, &command->pass.to);
    if (!to || !cv_is_in(to) || to == actor)
        return CV_ERR_NOT_FOUND;
    if (!cv_policy_may_target(CV_ACTION_TELL, to->record.role))
        return CV_ERR_DENIED;
    if (!to->connected)
        return CV_ERR_STATE;
    cv_tell(turn, CV_AUDIENCE_ONE, &to->record.id, &event);
    return CV_OK;
}
