/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a person's place, whatever the reason: waiting, in, gone; and its role. */
#include "meeting/meeting_private.h"

void cv_knock(const struct cv_turn *turn, struct cv_participant *person) {
    cv_save_participant(turn, person);
    struct cv_event event = cv_event_of(CV_EVENT_KNOCK, person);
    cv_tell(turn, CV_AUDIENCE_MODERATORS, NULL, &event);
}

static void start_session(const struct cv_turn *turn) {
    struct cv_meeting_record *record = &turn->meeting->record;
    record->session++;
    record->session_started_at_us = turn->now_us;
    record->session_ended_at_us = 0;
    turn->meeting->departed_count = 0;
    cv_save_meeting(turn);
}

void cv_enter(const struct cv_turn *turn, struct cv_participant *person) {
    if (!cv_session_runs(turn->meeting))
        start_session(turn);
    person->presence = person->connected ? CV_PRESENCE_PRESENT : CV_PRESENCE_AWAY;
    person->entry = ++turn->meeting->entries;
    person->record.session = turn->meeting->record.session;
    person->record.joined_at_us = turn->now_us;
    cv_save_participant(turn, person);
    struct cv_event event = cv_event_of(CV_EVENT_JOINED, person);
    cv_tell(turn, CV_AUDIENCE_EVERYONE, NULL, &event);
}

static void tell_knock_gone(const struct cv_turn *turn, const struct cv_participant *person) {
    struct cv_event event = {.type = CV_EVENT_KNOCK_GONE, .subject = person->record.id};
    cv_tell(turn, CV_AUDIENCE_MODERATORS, NULL, &event);
}

void cv_admit(const struct cv_turn *turn, struct cv_participant *person) {
    tell_knock_gone(turn, person);
    cv_enter(turn, person);
    struct cv_event event = {.type = CV_EVENT_ADMITTED, .subject = person->record.id};
    cv_tell(turn, CV_AUDIENCE_ONE, &person->record.id, &event);
}

void cv_depart(const struct cv_turn *turn, struct cv_participant *person, enum cv_gone gone) {
    person->record.gone = gone;
    person->record.hand = false;
    person->record.silenced = 0;
    person->record.until_us = 0;
    person->record.left_at_us = gone == CV_GONE_LOST ? person->lost_at_us : turn->now_us;
    cv_save_participant(turn, person);
    if (cv_is_in(person)) {
        struct cv_event event = {.type = CV_EVENT_LEFT, .subject = person->record.id, .gone = gone};
        cv_tell(turn, CV_AUDIENCE_EVERYONE, NULL, &event);
    } else {
        tell_knock_gone(turn, person);
    }
    cv_disconnect(turn, &person->record.id, gone);
    cv_roster_remove(turn->meeting, person);
}

void cv_depart_all(const struct cv_turn *turn, enum cv_gone gone) {
    while (turn->meeting->people_count)
        cv_depart(turn, turn->meeting->people[turn->meeting->people_count - 1], gone);
}

void cv_set_role(const struct cv_turn *turn, struct cv_participant *person, enum cv_role role) {
    bool knew = cv_meeting_shows_waiting(person);
    person->record.role = role;
    cv_save_participant(turn, person);
    cv_tell_updated(turn, person);
    person->new_moderator |= !knew && cv_meeting_shows_waiting(person);
}
