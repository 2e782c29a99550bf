/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows by itself: from time alone, before a command (cv_sweep); from what either has
 * changed, after each (cv_settle); and last, what new moderators have to know.
 */
#include "meeting/meeting_private.h"

static bool is_over(const struct cv_turn *turn) {
    enum cv_meeting_state state = cv_meeting_state(turn->meeting, turn->now_us);
    return state == CV_STATE_ENDED || state == CV_STATE_EXPIRED;
}

void cv_sweep(const struct cv_turn *turn) {
    struct cv_meeting *meeting = turn->meeting;
    for (size_t i = meeting->people_count; i > 0; i--) {
        struct cv_participant *person = meeting->people[i - 1];
        int64_t until_us = person->record.until_us;
        if (until_us && until_us <= turn->now_us)
            cv_depart(turn, person, CV_GONE_EXPIRED);
        else if (!person->connected && turn->now_us - person->lost_at_us >= CV_MEETING_GRACE_US)
            cv_depart(turn, person, CV_GONE_LOST);
    }
    if (cv_meeting_state(meeting, turn->now_us) == CV_STATE_EXPIRED)
        cv_depart_all(turn, CV_GONE_EXPIRED);
}

static void end_session(const struct cv_turn *turn) {
    struct cv_meeting_record *record = &turn->meeting->record;
    record->session_ended_at_us = turn->now_us;
    record->locked = false;
    cv_mode_end_session(turn->meeting);
    cv_blocks_end_session(turn->meeting);
    cv_save_meeting(turn);
}

/* A host by right is in: nobody stands in any more. */
static void stand_down(const struct cv_turn *turn) {
    for (size_t i = 0; i < turn->meeting->people_count; i++)
        if (cv_stands_in(turn->meeting->people[i]))
            cv_set_role(turn, turn->meeting->people[i], turn->meeting->people[i]->record.own_role);
}

/* In an instant meeting of nobody's: whoever is present and in longest stands in for the host. */
static void find_host(const struct cv_turn *turn) {
    const struct cv_meeting *meeting = turn->meeting;
    struct cv_participant *longest = NULL;
    bool stand_in = false;
    for (size_t i = 0; i < meeting->people_count; i++) {
        struct cv_participant *person = meeting->people[i];
        if (!cv_is_in(person))
            continue;
        if (person->record.own_role == CV_ROLE_HOST) {
            stand_down(turn);
            return;
        }
        stand_in |= cv_stands_in(person);
        bool may_stand_in = person->connected && person->record.via == CV_VIA_CLIENT;
        if (may_stand_in && (!longest || person->entry < longest->entry))
            longest = person;
    }
    if (!stand_in && longest)
        cv_set_role(turn, longest, CV_ROLE_HOST);
}

static void fill_places(const struct cv_turn *turn) {
    const struct cv_meeting *meeting = turn->meeting;
    if (meeting->record.lobby || meeting->record.locked)
        return;
    for (size_t i = 0; i < meeting->people_count && cv_roster_has_room(meeting); i++)
        if (!cv_is_in(meeting->people[i]) && meeting->people[i]->connected)
            cv_admit(turn, meeting->people[i]);
}

static void tell_who_waits(const struct cv_turn *turn, const struct cv_participant *moderator) {
    for (size_t i = 0; i < turn->meeting->people_count; i++) {
        const struct cv_participant *person = turn->meeting->people[i];
        if (cv_is_in(person))
            continue;
        struct cv_event event = cv_event_of(CV_EVENT_KNOCK, person);
        cv_tell(turn, CV_AUDIENCE_ONE, &moderator->record.id, &event);
    }
}

void cv_tell_new_moderators(const struct cv_turn *turn) {
    for (size_t i = 0; i < turn->meeting->people_count; i++) {
        const struct cv_participant *person = turn->meeting->people[i];
        bool has_snapshot = person->entry >= turn->effects->first_entry;
        if (person->new_moderator && cv_meeting_shows_waiting(person) && !has_snapshot)
            tell_who_waits(turn, person);
    }
}

void cv_settle(const struct cv_turn *turn) {
    struct cv_meeting *meeting = turn->meeting;
    if (cv_session_runs(meeting) && cv_meeting_occupied(meeting) == 0)
        end_session(turn);
    if (is_over(turn)) {
        if (!meeting->over)
            cv_effects_add(turn, CV_EFFECT_CLOSE);
        meeting->over = true;
        return;
    }
    fill_places(turn);
    if (meeting->record.schedule.kind == CV_KIND_INSTANT && !meeting->record.owned)
        find_host(turn);
    cv_mode_settle(turn);
}
