/* SPDX-License-Identifier: Apache-2.0 */
#include "meeting/meeting_private.h"

#include <assert.h>
#include <stdlib.h>

enum cv_err cv_effects_reserve(struct cv_effects *effects, size_t count) {
    if (count <= effects->capacity)
        return CV_OK;
    struct cv_effect *items = realloc(effects->items, count * sizeof *items);
    if (!items)
        return CV_ERR_MEMORY;
    effects->items = items;
    effects->capacity = count;
    return CV_OK;
}

void cv_effects_release(struct cv_effects *effects) {
    free(effects->items);
    *effects = (struct cv_effects){0};
}

struct cv_effect *cv_effects_add(const struct cv_turn *turn, enum cv_effect_type type) {
    struct cv_effects *effects = turn->effects;
    assert(effects->count < effects->capacity);
    struct cv_effect *effect = &effects->items[effects->count++];
    effect->type = type;
    return effect;
}

struct cv_event cv_event_of(enum cv_event_type type, const struct cv_participant *person) {
    return (struct cv_event){.type = type, .subject = person->record.id, .participant = *person};
}

void cv_tell(const struct cv_turn *turn, enum cv_audience audience, const struct cv_id *recipient,
             const struct cv_event *event) {
    struct cv_effect *effect = cv_effects_add(turn, CV_EFFECT_TELL);
    effect->tell.audience = audience;
    effect->tell.recipient = recipient ? *recipient : (struct cv_id){{0}};
    effect->tell.event = *event;
}

void cv_tell_updated(const struct cv_turn *turn, const struct cv_participant *person) {
    struct cv_event event = cv_event_of(CV_EVENT_UPDATED, person);
    cv_tell(turn, CV_AUDIENCE_EVERYONE, NULL, &event);
}

void cv_save_meeting(const struct cv_turn *turn) {
    cv_effects_add(turn, CV_EFFECT_SAVE_MEETING)->meeting = turn->meeting->record;
}

void cv_save_participant(const struct cv_turn *turn, const struct cv_participant *person) {
    cv_effects_add(turn, CV_EFFECT_SAVE_PARTICIPANT)->participant = person->record;
}

void cv_disconnect(const struct cv_turn *turn, const struct cv_id *participant, enum cv_gone gone) {
    struct cv_effect *effect = cv_effects_add(turn, CV_EFFECT_DISCONNECT);
    effect->disconnect.participant = *participant;
    effect->disconnect.gone = gone;
}

void cv_meeting_changed(const struct cv_turn *turn) {
    cv_save_meeting(turn);
    struct cv_event event = {.type = CV_EVENT_MEETING};
    cv_tell(turn, CV_AUDIENCE_EVERYONE, NULL, &event);
}
