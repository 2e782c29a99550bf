/* SPDX-License-Identifier: Apache-2.0 */
/* What holds between any two commands, whatever they were. */
#include "meeting/meeting_private.h"

static const char *check_person(const struct cv_meeting *meeting, int64_t now_us,
                                const struct cv_participant *person) {
    const struct cv_participant_record *record = &person->record;
    bool in = cv_is_in(person);
    if (record->left_at_us || record->gone)
        return "somebody who is gone has a place";
    if (in != (record->joined_at_us != 0) || in != (person->entry != 0))
        return "an entry and a place don't go together";
    if (in && (!cv_session_runs(meeting) || record->session != meeting->record.session))
        return "somebody is in without a session";
    if (!in && (record->session || person->media.audio || person->media.video ||
                person->media.screen || record->hand || record->silenced))
        return "somebody who waits takes part";
    if (in && (person->presence == CV_PRESENCE_PRESENT) != person->connected)
        return "presence isn't having a connection";
    if (!in && record->via != CV_VIA_CLIENT)
        return "somebody waits who can't";
    if ((person->media.audio && record->silenced & 1U << CV_PART_AUDIO) ||
        (person->media.video && record->silenced & 1U << CV_PART_VIDEO) ||
        (person->media.screen && record->silenced & 1U << CV_PART_SCREEN))
        return "somebody muted is heard";
    if (!person->connected && now_us - person->lost_at_us >= CV_MEETING_GRACE_US)
        return "a place is kept too long";
    if (cv_blocks_link(meeting, &record->link) || cv_blocks_participant(meeting, &record->id))
        return "somebody blocked is there";
    if (cv_stands_in(person) &&
        (meeting->record.owned || meeting->record.schedule.kind != CV_KIND_INSTANT || !in))
        return "somebody stands in for an owner";
    return NULL;
}

static const char *check_pair(const struct cv_participant *a, const struct cv_participant *b) {
    if (cv_id_eq(&a->record.id, &b->record.id))
        return "two people have one id";
    if (cv_is_in(a) && a->entry == b->entry)
        return "two people have one entry";
    if (!a->record.shared && cv_id_eq(&a->record.link, &b->record.link) &&
        cv_id_eq(&a->record.account, &b->record.account))
        return "an account or personal link holds two places";
    return NULL;
}

static const char *check_hosts(const struct cv_meeting *meeting) {
    if (meeting->record.owned || meeting->record.schedule.kind != CV_KIND_INSTANT)
        return NULL;
    size_t hosts = 0, stand_ins = 0, present = 0;
    for (size_t i = 0; i < meeting->people_count; i++) {
        const struct cv_participant *person = meeting->people[i];
        hosts += cv_is_in(person) && person->record.own_role == CV_ROLE_HOST;
        stand_ins += cv_stands_in(person);
        present += person->presence == CV_PRESENCE_PRESENT && person->record.via == CV_VIA_CLIENT;
    }
    if (stand_ins > 1 || (stand_ins && hosts))
        return "more stand in for the host than needed";
    if (present && !stand_ins && !hosts)
        return "nobody is host";
    return NULL;
}

static const char *check_mode(const struct cv_meeting *meeting, int64_t now_us) {
    const struct cv_meeting_record *record = &meeting->record;
    bool relayed = record->mode == CV_CALL_RELAYED;
    size_t occupied = cv_meeting_occupied(meeting);
    bool needed = occupied > 2 || record->relay_asked || cv_roster_only_relayed(meeting);
    if ((relayed || record->relay_asked) && (!occupied || !cv_mode_can_relay(meeting)))
        return "relayed, and it can't be";
    if (needed && !relayed && cv_mode_can_relay(meeting))
        return "direct, and it can't be";
    if (relayed && !needed && now_us - meeting->calm_since_us >= CV_MEETING_CALM_US)
        return "relayed for nothing";
    return NULL;
}

static const char *check_whole(const struct cv_meeting *meeting, int64_t now_us) {
    const struct cv_meeting_record *record = &meeting->record;
    enum cv_meeting_state state = cv_meeting_state(meeting, now_us);
    size_t occupied = cv_meeting_occupied(meeting);
    if (occupied > cv_meeting_capacity(meeting))
        return "more are in than there is room for";
    if (cv_meeting_waiting(meeting) > CV_MEETING_MAX_WAITING)
        return "more wait than may";
    if ((occupied > 0) != cv_session_runs(meeting))
        return "a session without anybody, or the reverse";
    if (record->locked && !occupied)
        return "locked, and nobody in";
    if (meeting->people_count && state != CV_STATE_OPEN && state != CV_STATE_LIVE)
        return "somebody is there though it isn't open";
    if (record->lobby || record->locked || occupied >= cv_meeting_capacity(meeting))
        return NULL;
    for (size_t i = 0; i < meeting->people_count; i++)
        if (!cv_is_in(meeting->people[i]) && meeting->people[i]->connected)
            return "somebody waits for nothing";
    return NULL;
}

const char *cv_meeting_violation(const struct cv_meeting *meeting, int64_t now_us) {
    const char *violation = check_whole(meeting, now_us);
    if (!violation)
        violation = check_mode(meeting, now_us);
    if (!violation)
        violation = check_hosts(meeting);
    for (size_t i = 0; !violation && i < meeting->people_count; i++) {
        violation = check_person(meeting, now_us, meeting->people[i]);
        for (size_t j = 0; !violation && j < i; j++)
            violation = check_pair(meeting->people[i], meeting->people[j]);
    }
    return violation;
}
