/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/window.h"

int64_t cv_policy_opens_at(const struct cv_policy_windows *windows,
                           const struct cv_policy_schedule *schedule) {
    if (schedule->kind != CV_KIND_SCHEDULED)
        return schedule->created_at_us;
    return schedule->starts_at_us - windows->opens_before_us;
}

int64_t cv_policy_closes_at(const struct cv_policy_windows *windows,
                            const struct cv_policy_schedule *schedule) {
    switch (schedule->kind) {
    case CV_KIND_INSTANT:
        return schedule->created_at_us + windows->instant_lifetime_us;
    case CV_KIND_SCHEDULED:
        return schedule->starts_at_us + (schedule->duration_us > windows->expires_after_us
                                             ? schedule->duration_us
                                             : windows->expires_after_us);
    default:
        return CV_TIME_NEVER;
    }
}

enum cv_meeting_state cv_policy_meeting_state(const struct cv_policy_windows *windows,
                                              const struct cv_policy_schedule *schedule,
                                              bool occupied, int64_t now_us) {
    if (schedule->kind != CV_KIND_ROOM) {
        if (schedule->ended_at_us)
            return CV_STATE_ENDED;
        if (now_us >= cv_policy_closes_at(windows, schedule))
            return CV_STATE_EXPIRED;
    }
    /* The clock set back closes neither what people are in nor what was open from its creation. */
    if (occupied)
        return CV_STATE_LIVE;
    if (schedule->kind == CV_KIND_SCHEDULED && now_us < cv_policy_opens_at(windows, schedule))
        return CV_STATE_SCHEDULED;
    return CV_STATE_OPEN;
}
