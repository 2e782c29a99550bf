/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a meeting may be entered. All times are wall-clock microseconds since the Unix epoch.
 *
 *   scheduled   from `opens_before` before the planned start until it is ended, at the latest until
 *               `expires_after` past the planned start, or its planned end when that is later
 *   instant     from its creation until it is ended, at the latest for `instant_lifetime`
 *   room        always; ending it ends the session that is going on, never the room
 */
#ifndef CV_POLICY_WINDOW_H
#define CV_POLICY_WINDOW_H

#include "base/time.h"
#include "policy/terms.h"

/* Lengths of time, each at least 0. */
struct cv_policy_windows {
    int64_t opens_before_us;
    int64_t expires_after_us;
    int64_t instant_lifetime_us;
};

#define CV_POLICY_WINDOWS_DEFAULT                                                                  \
    ((struct cv_policy_windows){.opens_before_us = CV_US_PER_HOUR,                                 \
                                .expires_after_us = 6 * CV_US_PER_HOUR,                            \
                                .instant_lifetime_us = 24 * CV_US_PER_HOUR})

struct cv_policy_schedule {
    enum cv_meeting_kind kind;
    int64_t created_at_us;
    int64_t starts_at_us; /* scheduled only */
    int64_t duration_us;  /* scheduled only: planned */
    int64_t ended_at_us;  /* 0: not ended; of no meaning for a room */
};

/* The first moment at which the meeting may be entered. */
int64_t cv_policy_opens_at(const struct cv_policy_windows *windows,
                           const struct cv_policy_schedule *schedule);

/* The moment from which it can't be entered any more unless ended before; CV_TIME_NEVER: none. */
int64_t cv_policy_closes_at(const struct cv_policy_windows *windows,
                            const struct cv_policy_schedule *schedule);

/* The state at `now_us`; `occupied`: someone is in, present or away. */
enum cv_meeting_state cv_policy_meeting_state(const struct cv_policy_windows *windows,
                                              const struct cv_policy_schedule *schedule,
                                              bool occupied, int64_t now_us);

#endif
