/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meeting: who is in, who waits, what they are and what they may do. A pure state machine,
 * commands (command.h) in, effects (effect.h) out. It knows nothing of sockets, JSON, the store or
 * media; the app carries the effects out.
 *
 *     cv_meeting_apply(meeting, now_us, command, &effects)   for every command
 *     cv_meeting_deadline(meeting)                           when to apply a tick, at the latest
 *
 * Times are wall-clock microseconds since the Unix epoch, for the meeting's own times are planned
 * by people. Nothing breaks when the clock is set back or forward; the 30 s for which a place is
 * kept are then longer or shorter.
 *
 * Presence of a person, from knocking to being gone:
 *
 *     join ──► lobby ──admit──► present ◄──resume── away ──30 s──► gone (lost)
 *       └─────────────────────────►└──────lost──────►┘
 *
 * Rules worth knowing:
 *  - An account and a personal link hold one place each. Entering anew with it while the place is
 *    held takes the place over, past lock, lobby and capacity: the former participant is gone
 *    (replaced), the new one has its role.
 *  - In an instant meeting that belongs to no account, whoever is in longest stands in for the host
 *    while no host is in, and has its own role back as soon as one enters. (With the lobby on,
 *    nobody enters an empty meeting but by a host's or moderator's link.)
 *  - With topology auto two are connected directly. A third, a host or moderator who asks, and
 *    whoever can only be relayed make the call a relayed one; it is direct again when none of that
 *    has held for 10 s.
 *  - Who came by a token with an end to its use is gone (expired) at that time.
 *  - What a moderator has muted stays silent until the person says that it sends it again.
 *  - Places of those away count: nobody loses a place in less than 30 s. A role given in the
 * meeting lasts as long as the place.
 *  - With the lobby off and the meeting unlocked, a free place goes to whoever waits longest.
 *  - A block binds what a person can't get anew: a personal link is blocked for good. Who came by a
 *    shared link has nothing of the kind: the participant can't resume, and the person may come
 *    again by the link until it is revoked, or the meeting is locked or has its lobby on.
 */
#ifndef CV_MEETING_MEETING_H
#define CV_MEETING_MEETING_H

#include "meeting/effect.h"

#define CV_MEETING_GRACE_US (30 * CV_US_PER_S)
/* How long nothing has to ask for the relay before a meeting is direct again. */
#define CV_MEETING_CALM_US (10 * CV_US_PER_S)

enum {
    CV_MEETING_MAX_WAITING = 50,
    CV_MEETING_MAX_BLOCKS = 1000,
    CV_MEETING_MAX_CONNECTION_REPORTS = 500, /* of one participant */
};

/* What the server sets for all meetings. */
struct cv_meeting_rules {
    struct cv_policy_windows windows;
    uint32_t places; /* with topology auto; 0: the server has no relay, and there are two */
};

#define CV_MEETING_RULES_DEFAULT                                                                   \
    ((struct cv_meeting_rules){.windows = CV_POLICY_WINDOWS_DEFAULT, .places = 200})

struct cv_meeting;

/* A meeting that nobody is in. The record is copied; NULL without memory. */
struct cv_meeting *cv_meeting_new(const struct cv_meeting_record *record,
                                  const struct cv_meeting_rules *rules);

/*
 * A meeting as the store remembers it after a restart. Participants who have not left keep their
 * places: they are away (or waiting, without a connection) as if lost at `now_us`. Records of those
 * who left, and what belongs to an earlier session, are passed over. Apply a tick next: it does
 * what was due meanwhile, and ends a session that nobody is left in.
 * CV_ERR_MEMORY; CV_ERR_EXISTS for two participants of one id.
 */
enum cv_err cv_meeting_restore(const struct cv_meeting_record *record,
                               const struct cv_meeting_rules *rules, int64_t now_us,
                               const struct cv_participant_record *participants,
                               size_t participant_count, const struct cv_block_record *blocks,
                               size_t block_count, struct cv_meeting **ret_meeting);

/* Takes NULL, returns NULL. */
struct cv_meeting *cv_meeting_free(struct cv_meeting *meeting);

/*
 * Applies one command at `now_us`. First what time alone brings about is done, then the command: so
 * there may be effects, to be applied, whatever the result; only with CV_ERR_MEMORY there are none
 * and nothing has changed.
 *
 *   CV_ERR_DENIED     this role may not do this, or not to that person, or it waits in the lobby
 *   CV_ERR_NOT_FOUND  `by`, the target, or the peer isn't here
 *   CV_ERR_STATE      not now: the meeting is over or not open, or `by` is not connected (and does
 *                     not leave)
 *   CV_ERR_RANGE      a name, title, role or time is not a possible one
 *   CV_ERR_FULL       no place left, or no room for another block
 *   CV_ERR_EXISTS     join with a participant id that is in use
 *
 * A join or resume that is refused also has effects->refusal.
 */
enum cv_err cv_meeting_apply(struct cv_meeting *meeting, int64_t now_us,
                             const struct cv_command *command, struct cv_effects *effects);

/* When time alone will change something: CV_TIME_NEVER if at no time. */
int64_t cv_meeting_deadline(const struct cv_meeting *meeting);

/* The record as it stands; lives as long as the meeting, and changes with it. */
const struct cv_meeting_record *cv_meeting_record(const struct cv_meeting *meeting);
enum cv_meeting_state cv_meeting_state(const struct cv_meeting *meeting, int64_t now_us);
int64_t cv_meeting_opens_at(const struct cv_meeting *meeting);
int64_t cv_meeting_closes_at(const struct cv_meeting *meeting); /* CV_TIME_NEVER: does not */
/* How many may be in at a time. */
size_t cv_meeting_capacity(const struct cv_meeting *meeting);
/* How many are in, present or away; and how many wait. With neither, the meeting may be freed. */
size_t cv_meeting_occupied(const struct cv_meeting *meeting);
size_t cv_meeting_waiting(const struct cv_meeting *meeting);

/* NULL when there is none of that id. Valid until the next apply. */
const struct cv_participant *cv_meeting_find(const struct cv_meeting *meeting,
                                             const struct cv_id *id);

/* Whether this one is in and may know who waits. */
bool cv_meeting_shows_waiting(const struct cv_participant *person);

/* All who are in or wait, in the order in which they came; start with *cursor = 0, NULL ends. */
const struct cv_participant *cv_meeting_next(const struct cv_meeting *meeting, size_t *cursor);

/* Those whom a tell among `effects` is for; likewise. To be asked before the next apply. */
const struct cv_participant *cv_meeting_audience_next(const struct cv_meeting *meeting,
                                                      const struct cv_effects *effects,
                                                      const struct cv_effect *tell, size_t *cursor);

/* For tests: which of the meeting's invariants (meeting/invariant.c) does not hold; NULL if all. */
const char *cv_meeting_violation(const struct cv_meeting *meeting, int64_t now_us);

#endif
