/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A meeting on stage for the tests of src/meeting/: people go by short names, everyone has a
 * personal link of their own ("link-NAME") unless said otherwise, and time stands still until
 * moved. The effects of the last command stay for inspection.
 */
#ifndef CV_TEST_SCENE_H
#define CV_TEST_SCENE_H

#include "meeting/meeting.h"

struct scene {
    struct cv_meeting *meeting;
    struct cv_effects effects;
    int64_t now_us;
};

struct cv_id scene_id(const char *text);

/* An owned meeting, open at `now_us`; mesh: 4 places. */
struct cv_meeting_record scene_record(enum cv_meeting_kind kind);
void scene_open(struct scene *scene, const struct cv_meeting_record *record);
/* cmocka set-up and tear-down: *state is an owned scheduled mesh meeting with an hour to its start.
 */
int scene_setup(void **state);
int scene_teardown(void **state);

/* Applies, and fails the test when an invariant doesn't hold afterwards. */
enum cv_err scene_apply(struct scene *scene, struct cv_command command);
enum cv_err scene_tick(struct scene *scene, int64_t later_us);
enum cv_err scene_join(struct scene *scene, const char *who, enum cv_role role);
enum cv_err scene_join_shared(struct scene *scene, const char *who, const char *link,
                              enum cv_role role);
/* A command with nothing but its type. */
enum cv_err scene_do(struct scene *scene, const char *by, enum cv_command_type type);
/* admit, deny, mute (audio), remove, block, role (moderator) on somebody */
enum cv_err scene_admit(struct scene *scene, const char *by, const char *target);
enum cv_err scene_deny(struct scene *scene, const char *by, const char *target);
enum cv_err scene_mute(struct scene *scene, const char *by, const char *target);
enum cv_err scene_remove(struct scene *scene, const char *by, const char *target, bool block);
enum cv_err scene_role(struct scene *scene, const char *by, const char *target, enum cv_role role);
enum cv_err scene_lock(struct scene *scene, const char *by, bool locked);
enum cv_err scene_ask_relay(struct scene *scene, const char *by, bool relayed);
/* By WHIP, with a personal token "link-WHO". */
enum cv_err scene_join_whip(struct scene *scene, const char *who);
enum cv_call_mode scene_mode(const struct scene *scene);
enum cv_err scene_lobby(struct scene *scene, const char *by, bool enabled);

const struct cv_participant *scene_find(const struct scene *scene, const char *who);
bool scene_is(const struct scene *scene, const char *who, enum cv_presence presence);
enum cv_role scene_role_of(const struct scene *scene, const char *who);
enum cv_meeting_state scene_state(const struct scene *scene);

/* Of the last command: who was told an event of this type, as "ana ben"; "" for nobody. */
const char *scene_told(const struct scene *scene, enum cv_event_type type);
/* The only effect of that type; NULL if there is none; fails the test if there are several. */
const struct cv_effect *scene_effect(const struct scene *scene, enum cv_effect_type type);
size_t scene_count(const struct scene *scene, enum cv_effect_type type);
/* Why this person was disconnected; CV_GONE_NOT if it wasn't. */
enum cv_gone scene_gone(const struct scene *scene, const char *who);
/* The last record of this person that was saved; NULL if none. */
const struct cv_participant_record *scene_saved(const struct scene *scene, const char *who);
/* The last event of that type told to anyone; NULL if none. */
const struct cv_event *scene_event(const struct scene *scene, enum cv_event_type type);

#endif
