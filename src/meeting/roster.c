/* SPDX-License-Identifier: Apache-2.0 */
#include "meeting/meeting_private.h"

#include "base/grow.h"

#include <assert.h>
#include <stdlib.h>

enum { CAPACITY_DIRECT = 2, CAPACITY_MESH = 4 };

struct cv_participant *cv_roster_find(const struct cv_meeting *meeting, const struct cv_id *id) {
    for (size_t i = 0; i < meeting->people_count; i++)
        if (cv_id_eq(&meeting->people[i]->record.id, id))
            return meeting->people[i];
    return NULL;
}

struct cv_participant *cv_roster_holder(const struct cv_meeting *meeting,
                                        const struct cv_command_join *join) {
    if (join->shared)
        return NULL;
    for (size_t i = 0; i < meeting->people_count; i++) {
        const struct cv_participant_record *record = &meeting->people[i]->record;
        if (cv_id_eq(&record->link, &join->link) && cv_id_eq(&record->account, &join->account))
            return meeting->people[i];
    }
    return NULL;
}

enum cv_err cv_roster_reserve(struct cv_meeting *meeting) {
    if (!meeting->spare && !(meeting->spare = calloc(1, sizeof *meeting->spare)))
        return CV_ERR_MEMORY;
    struct cv_participant **people = cv_grow(meeting->people, meeting->people_count,
                                             &meeting->people_capacity, sizeof(*people), 4);
    if (!people)
        return CV_ERR_MEMORY;
    meeting->people = people;
    return CV_OK;
}

struct cv_participant *cv_roster_add(struct cv_meeting *meeting) {
    assert(meeting->spare && meeting->people_count < meeting->people_capacity);
    struct cv_participant *person = meeting->spare;
    meeting->spare = NULL;
    meeting->people[meeting->people_count++] = person;
    return person;
}

void cv_roster_remove(struct cv_meeting *meeting, struct cv_participant *person) {
    size_t at = 0;
    while (meeting->people[at] != person)
        at++;
    if (cv_is_in(person))
        meeting->departed[meeting->departed_count++ % CV_MEETING_DEPARTED] = person->record.id;
    meeting->people_count--;
    memmove(&meeting->people[at], &meeting->people[at + 1],
            (meeting->people_count - at) * sizeof(*meeting->people));
    free(person);
}

bool cv_roster_knows(const struct cv_meeting *meeting, const struct cv_id *id) {
    const struct cv_participant *person = cv_roster_find(meeting, id);
    if (person)
        return cv_is_in(person);
    for (size_t i = 0; i < meeting->departed_count && i < CV_MEETING_DEPARTED; i++)
        if (cv_id_eq(&meeting->departed[i], id))
            return true;
    return false;
}

bool cv_roster_only_relayed(const struct cv_meeting *meeting) {
    for (size_t i = 0; i < meeting->people_count; i++)
        if (cv_is_in(meeting->people[i]) && meeting->people[i]->record.via != CV_VIA_CLIENT)
            return true;
    return false;
}

bool cv_roster_has_room(const struct cv_meeting *meeting) {
    return cv_meeting_occupied(meeting) < cv_meeting_capacity(meeting);
}

size_t cv_meeting_capacity(const struct cv_meeting *meeting) {
    if (meeting->record.topology == CV_TOPOLOGY_MESH)
        return CAPACITY_MESH;
    return cv_mode_can_relay(meeting) ? meeting->rules.places : CAPACITY_DIRECT;
}

size_t cv_meeting_occupied(const struct cv_meeting *meeting) {
    size_t count = 0;
    for (size_t i = 0; i < meeting->people_count; i++)
        count += cv_is_in(meeting->people[i]);
    return count;
}

size_t cv_meeting_waiting(const struct cv_meeting *meeting) {
    return meeting->people_count - cv_meeting_occupied(meeting);
}

const struct cv_participant *cv_meeting_find(const struct cv_meeting *meeting,
                                             const struct cv_id *id) {
    return cv_roster_find(meeting, id);
}

const struct cv_participant *cv_meeting_next(const struct cv_meeting *meeting, size_t *cursor) {
    return *cursor < meeting->people_count ? meeting->people[(*cursor)++] : NULL;
}

bool cv_meeting_shows_waiting(const struct cv_participant *person) {
    return cv_is_in(person) &&
           cv_policy_may(person->record.role, CV_ACTION_SEE_WAITING, CV_STATE_LIVE);
}

static bool is_told(const struct cv_participant *person, const struct cv_effects *effects,
                    const struct cv_effect *tell) {
    if (tell->tell.audience == CV_AUDIENCE_ONE)
        return cv_id_eq(&person->record.id, &tell->tell.recipient);
    if (!cv_is_in(person) || person->entry >= effects->first_entry)
        return false;
    if (tell->tell.audience == CV_AUDIENCE_OTHERS)
        return person->connected && !cv_id_eq(&person->record.id, &tell->tell.event.subject);
    return tell->tell.audience == CV_AUDIENCE_EVERYONE ||
           (cv_meeting_shows_waiting(person) && !person->new_moderator);
}

const struct cv_participant *cv_meeting_audience_next(const struct cv_meeting *meeting,
                                                      const struct cv_effects *effects,
                                                      const struct cv_effect *tell,
                                                      size_t *cursor) {
    while (*cursor < meeting->people_count) {
        const struct cv_participant *person = meeting->people[(*cursor)++];
        if (is_told(person, effects, tell))
            return person;
    }
    return NULL;
}
