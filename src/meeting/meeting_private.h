/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meeting from inside, for the files of this folder. A command takes one turn (meeting.c):
 * memory is set aside, so that nothing after can fail for want of it; what time alone brings about
 * is done; the command is; and the meeting settles: an empty session ends, free places go to those
 * who wait, a host is found.
 */
#ifndef CV_MEETING_PRIVATE_H
#define CV_MEETING_PRIVATE_H

#include "meeting/meeting.h"
#include "policy/may.h"

enum { CV_MEETING_DEPARTED = 64 };

struct cv_meeting {
    struct cv_meeting_record record;
    struct cv_meeting_rules rules;

    struct cv_participant **people; /* in the order in which they came */
    size_t people_count;
    size_t people_capacity;
    struct cv_participant *spare; /* set aside for a join */
    uint64_t entries;             /* how many have entered so far */

    struct cv_block_record *blocks;
    size_t block_count;
    size_t block_capacity;

    /* Who left this session lately, a ring: the last word on connections to them may yet come. */
    struct cv_id departed[CV_MEETING_DEPARTED];
    size_t departed_count;

    int64_t calm_since_us; /* relayed, and nothing asks for it any more; 0: something does */
    bool over;             /* CV_EFFECT_CLOSE was given */
};

/* One command being carried out. */
struct cv_turn {
    struct cv_meeting *meeting;
    struct cv_effects *effects;
    int64_t now_us;
};

static inline bool cv_is_in(const struct cv_participant *person) {
    return person->presence != CV_PRESENCE_LOBBY;
}
static inline bool cv_stands_in(const struct cv_participant *person) {
    return person->record.role == CV_ROLE_HOST && person->record.own_role != CV_ROLE_HOST;
}
static inline bool cv_session_runs(const struct cv_meeting *meeting) {
    return meeting->record.session && !meeting->record.session_ended_at_us;
}

/* effect.c: room was made before, so that adding can't fail */
enum cv_err cv_effects_reserve(struct cv_effects *effects, size_t count);
/* Adds an effect whose other members are the caller's to fill in. */
struct cv_effect *cv_effects_add(const struct cv_turn *turn, enum cv_effect_type type);
struct cv_event cv_event_of(enum cv_event_type type, const struct cv_participant *person);
void cv_tell(const struct cv_turn *turn, enum cv_audience audience, const struct cv_id *recipient,
             const struct cv_event *event);
/* Tells everyone the person as it is now. */
void cv_tell_updated(const struct cv_turn *turn, const struct cv_participant *person);
void cv_save_meeting(const struct cv_turn *turn);
/* Saves it, and tells everyone. */
void cv_meeting_changed(const struct cv_turn *turn);
void cv_save_participant(const struct cv_turn *turn, const struct cv_participant *person);
void cv_disconnect(const struct cv_turn *turn, const struct cv_id *participant, enum cv_gone gone);

/* roster.c: the list of people and nothing more */
struct cv_participant *cv_roster_find(const struct cv_meeting *meeting, const struct cv_id *id);
/* Who holds the place of this account or personal link; NULL if nobody does. */
struct cv_participant *cv_roster_holder(const struct cv_meeting *meeting,
                                        const struct cv_command_join *join);
enum cv_err cv_roster_reserve(struct cv_meeting *meeting);
/* The spare one, zeroed, at the end of the list. */
struct cv_participant *cv_roster_add(struct cv_meeting *meeting);
/* Takes it out of the list and frees it. */
void cv_roster_remove(struct cv_meeting *meeting, struct cv_participant *person);
/* Whether it is in, or was lately in this session. */
bool cv_roster_knows(const struct cv_meeting *meeting, const struct cv_id *id);
/* Whether somebody is in who can only be relayed. */
bool cv_roster_only_relayed(const struct cv_meeting *meeting);
bool cv_roster_has_room(const struct cv_meeting *meeting);

/* blocks.c */
enum cv_err cv_blocks_reserve(struct cv_meeting *meeting);
void cv_blocks_restore(struct cv_meeting *meeting, const struct cv_block_record *block);
bool cv_blocks_link(const struct cv_meeting *meeting, const struct cv_id *link);
bool cv_blocks_participant(const struct cv_meeting *meeting, const struct cv_id *participant);
void cv_blocks_add(const struct cv_turn *turn, const struct cv_participant *person);
/* Forgets the blocks of participants: with the session, their places are over anyway. */
void cv_blocks_end_session(struct cv_meeting *meeting);

/* place.c: what happens to a person's place, whatever the reason */
void cv_knock(const struct cv_turn *turn, struct cv_participant *person);
/* There is room. */
void cv_enter(const struct cv_turn *turn, struct cv_participant *person);
/* From the lobby; there is room. */
void cv_admit(const struct cv_turn *turn, struct cv_participant *person);
/* Frees the person. */
void cv_depart(const struct cv_turn *turn, struct cv_participant *person, enum cv_gone gone);
void cv_depart_all(const struct cv_turn *turn, enum cv_gone gone);
void cv_set_role(const struct cv_turn *turn, struct cv_participant *person, enum cv_role role);

/* mode.c */
/* Whether this meeting may be relayed at all. */
bool cv_mode_can_relay(const struct cv_meeting *meeting);
void cv_mode_settle(const struct cv_turn *turn);
/* When it becomes direct by itself; CV_TIME_NEVER. */
int64_t cv_mode_deadline(const struct cv_meeting *meeting);
/* After a restart the time of calm counts anew. */
void cv_mode_restore(struct cv_meeting *meeting, int64_t now_us);
/* The next session starts as a direct one. */
void cv_mode_end_session(struct cv_meeting *meeting);

/* settle.c */
void cv_sweep(const struct cv_turn *turn);
void cv_settle(const struct cv_turn *turn);
/* Those who became moderators learn who waits, unless the snapshot tells them. */
void cv_tell_new_moderators(const struct cv_turn *turn);

/*
 * The commands, a function each. Those with an actor: it is here, connected and not waiting (but to
 * leave), and its role may do this in this state.
 */
typedef enum cv_err cv_command_fn(const struct cv_turn *turn, const struct cv_command *command);
typedef enum cv_err cv_actor_fn(const struct cv_turn *turn, struct cv_participant *actor,
                                const struct cv_command *command);

cv_command_fn cv_do_join, cv_do_resume, cv_do_lost;                 /* entry.c */
cv_command_fn cv_do_signed_out;                                     /* entry.c */
cv_actor_fn cv_do_leave;                                            /* entry.c */
cv_actor_fn cv_do_media, cv_do_signal, cv_do_connection;            /* personal.c */
cv_actor_fn cv_do_stats, cv_do_hand, cv_do_rename;                  /* personal.c */
cv_actor_fn cv_do_admit, cv_do_admit_all, cv_do_deny, cv_do_lobby;  /* lobby.c */
cv_actor_fn cv_do_lock, cv_do_mute, cv_do_remove, cv_do_role;       /* moderation.c */
cv_actor_fn cv_do_relay, cv_do_want, cv_do_pass, cv_do_mode;        /* mode.c */
cv_actor_fn cv_do_end;                                              /* owner.c */
cv_command_fn cv_do_end_by_owner, cv_do_update, cv_do_link_revoked; /* owner.c */

#endif
