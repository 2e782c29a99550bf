/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "test.h"

static const int64_t NOW = INT64_C(1800000000) * CV_US_PER_S;

struct cv_id scene_id(const char *text) {
    struct cv_id id = {{0}};
    if (*text)
        assert_int_equal(cv_id_parse(cv_slice_str(text), &id), CV_OK);
    return id;
}

struct cv_meeting_record scene_record(enum cv_meeting_kind kind) {
    return (struct cv_meeting_record){.id = scene_id("m1"),
                                      .schedule = {.kind = kind,
                                                   .created_at_us = NOW - CV_US_PER_MIN,
                                                   .starts_at_us = NOW + CV_US_PER_HOUR,
                                                   .duration_us = CV_US_PER_HOUR},
                                      .topology = CV_TOPOLOGY_MESH,
                                      .owned = true,
                                      .title = "Planning"};
}

void scene_open(struct scene *scene, const struct cv_meeting_record *record) {
    const struct cv_meeting_rules rules = CV_MEETING_RULES_DEFAULT;
    cv_meeting_free(scene->meeting);
    scene->meeting = cv_meeting_new(record, &rules);
    assert_non_null(scene->meeting);
    scene->now_us = NOW;
}

int scene_setup(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    struct cv_meeting_record record = scene_record(CV_KIND_SCHEDULED);
    scene_open(scene, &record);
    *state = scene;
    return 0;
}

int scene_teardown(void **state) {
    struct scene *scene = *state;
    cv_meeting_free(scene->meeting);
    cv_effects_release(&scene->effects);
    free(scene);
    return 0;
}

enum cv_err scene_apply(struct scene *scene, struct cv_command command) {
    enum cv_err err = cv_meeting_apply(scene->meeting, scene->now_us, &command, &scene->effects);
    const char *violation = cv_meeting_violation(scene->meeting, scene->now_us);
    if (violation)
        fail_msg("after %s by '%s': %s", cv_command_name(command.type), command.by.text, violation);
    return err;
}

enum cv_err scene_tick(struct scene *scene, int64_t later_us) {
    scene->now_us += later_us;
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_TICK});
}

static enum cv_err join(struct scene *scene, const char *who, const char *link, bool shared,
                        enum cv_role role, enum cv_via via) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_JOIN,
                                                  .join = {.participant = scene_id(who),
                                                           .link = scene_id(link),
                                                           .shared = shared,
                                                           .via = via,
                                                           .role = role,
                                                           .name = cv_slice_str(who)}});
}

enum cv_err scene_join(struct scene *scene, const char *who, enum cv_role role) {
    char link[CV_ID_BYTES];
    snprintf(link, sizeof link, "link-%s", who);
    return join(scene, who, link, false, role, CV_VIA_CLIENT);
}

enum cv_err scene_join_whip(struct scene *scene, const char *who) {
    char link[CV_ID_BYTES];
    snprintf(link, sizeof link, "link-%s", who);
    return join(scene, who, link, false, CV_ROLE_GUEST, CV_VIA_WHIP);
}

enum cv_err scene_join_shared(struct scene *scene, const char *who, const char *link,
                              enum cv_role role) {
    return join(scene, who, link, true, role, CV_VIA_CLIENT);
}

enum cv_err scene_do(struct scene *scene, const char *by, enum cv_command_type type) {
    return scene_apply(scene, (struct cv_command){.type = type, .by = scene_id(by)});
}

enum cv_err scene_admit(struct scene *scene, const char *by, const char *target) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_ADMIT,
                                                  .by = scene_id(by),
                                                  .target = scene_id(target)});
}

enum cv_err scene_deny(struct scene *scene, const char *by, const char *target) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_DENY,
                                                  .by = scene_id(by),
                                                  .target = scene_id(target)});
}

enum cv_err scene_mute(struct scene *scene, const char *by, const char *target) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_MUTE,
                                                  .by = scene_id(by),
                                                  .mute = {scene_id(target), CV_PART_AUDIO}});
}

enum cv_err scene_remove(struct scene *scene, const char *by, const char *target, bool block) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_REMOVE,
                                                  .by = scene_id(by),
                                                  .remove = {scene_id(target), block}});
}

enum cv_err scene_role(struct scene *scene, const char *by, const char *target, enum cv_role role) {
    return scene_apply(scene, (struct cv_command){.type = CV_COMMAND_ROLE,
                                                  .by = scene_id(by),
                                                  .role = {scene_id(target), role}});
}

enum cv_err scene_lock(struct scene *scene, const char *by, bool locked) {
    return scene_apply(
        scene, (struct cv_command){.type = CV_COMMAND_LOCK, .by = scene_id(by), .locked = locked});
}

enum cv_err scene_lobby(struct scene *scene, const char *by, bool enabled) {
    return scene_apply(
        scene, (struct cv_command){.type = CV_COMMAND_LOBBY, .by = scene_id(by), .lobby = enabled});
}

enum cv_err scene_ask_relay(struct scene *scene, const char *by, bool relayed) {
    return scene_apply(scene, (struct cv_command){
                                  .type = CV_COMMAND_MODE, .by = scene_id(by), .relayed = relayed});
}

enum cv_call_mode scene_mode(const struct scene *scene) {
    return cv_meeting_record(scene->meeting)->mode;
}

const struct cv_participant *scene_find(const struct scene *scene, const char *who) {
    struct cv_id id = scene_id(who);
    return cv_meeting_find(scene->meeting, &id);
}

bool scene_is(const struct scene *scene, const char *who, enum cv_presence presence) {
    const struct cv_participant *person = scene_find(scene, who);
    return person && person->presence == presence;
}

enum cv_role scene_role_of(const struct scene *scene, const char *who) {
    const struct cv_participant *person = scene_find(scene, who);
    assert_non_null(person);
    return person->record.role;
}

enum cv_meeting_state scene_state(const struct scene *scene) {
    return cv_meeting_state(scene->meeting, scene->now_us);
}

const char *scene_told(const struct scene *scene, enum cv_event_type type) {
    static char names[1024];
    size_t size = 0;
    names[0] = '\0';
    for (size_t i = 0; i < scene->effects.count; i++) {
        const struct cv_effect *effect = &scene->effects.items[i];
        if (effect->type != CV_EFFECT_TELL || effect->tell.event.type != type)
            continue;
        const struct cv_participant *person;
        size_t cursor = 0;
        while (
            (person = cv_meeting_audience_next(scene->meeting, &scene->effects, effect, &cursor)))
            size += (size_t)snprintf(names + size, sizeof names - size, "%s%s", size ? " " : "",
                                     person->record.id.text);
    }
    return names;
}

size_t scene_count(const struct scene *scene, enum cv_effect_type type) {
    size_t count = 0;
    for (size_t i = 0; i < scene->effects.count; i++)
        count += scene->effects.items[i].type == type;
    return count;
}

const struct cv_effect *scene_effect(const struct scene *scene, enum cv_effect_type type) {
    assert_true(scene_count(scene, type) <= 1);
    for (size_t i = 0; i < scene->effects.count; i++)
        if (scene->effects.items[i].type == type)
            return &scene->effects.items[i];
    return NULL;
}

enum cv_gone scene_gone(const struct scene *scene, const char *who) {
    struct cv_id id = scene_id(who);
    for (size_t i = 0; i < scene->effects.count; i++) {
        const struct cv_effect *effect = &scene->effects.items[i];
        if (effect->type == CV_EFFECT_DISCONNECT && cv_id_eq(&effect->disconnect.participant, &id))
            return effect->disconnect.gone;
    }
    return CV_GONE_NOT;
}

const struct cv_participant_record *scene_saved(const struct scene *scene, const char *who) {
    struct cv_id id = scene_id(who);
    for (size_t i = scene->effects.count; i > 0; i--) {
        const struct cv_effect *effect = &scene->effects.items[i - 1];
        if (effect->type == CV_EFFECT_SAVE_PARTICIPANT && cv_id_eq(&effect->participant.id, &id))
            return &effect->participant;
    }
    return NULL;
}

const struct cv_event *scene_event(const struct scene *scene, enum cv_event_type type) {
    for (size_t i = scene->effects.count; i > 0; i--) {
        const struct cv_effect *effect = &scene->effects.items[i - 1];
        if (effect->type == CV_EFFECT_TELL && effect->tell.event.type == type)
            return &effect->tell.event;
    }
    return NULL;
}
