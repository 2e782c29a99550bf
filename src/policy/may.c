/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/may.h"

/*
 * One letter a role, in the order guest, participant, moderator, host; a dot where it may not.
 * A meeting that isn't open yet, or is over, has nobody in it.
 */
/* clang-format off */
static const char *const may[CV_ACTION_COUNT][CV_STATE_COUNT] = {
    /*                         scheduled  open    live    ended   expired */
    [CV_ACTION_ENTER]         = {"....", "gpmh", "gpmh", "....", "...."},
    [CV_ACTION_PASS]          = {"....", "..mh", "..mh", "....", "...."},
    [CV_ACTION_MEDIA]         = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_SIGNAL]        = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_CONNECTION]    = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_STATS]         = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_HAND]          = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_RELAY]         = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_WANT]          = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_TELL]          = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_RENAME]        = {"....", "....", "gpmh", "....", "...."},
    [CV_ACTION_LEAVE]         = {"....", "gpmh", "gpmh", "....", "...."},

    [CV_ACTION_SEE_WAITING]   = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_ADMIT]         = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_DENY]          = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_LOCK]          = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_LOBBY]         = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_MUTE]          = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_REMOVE]        = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_ROLE]          = {"....", "....", "...h", "....", "...."},
    [CV_ACTION_MODE]          = {"....", "....", "..mh", "....", "...."},
    [CV_ACTION_END]           = {"...h", "...h", "..mh", "....", "...."},

    [CV_ACTION_EDIT]          = {"...h", "...h", "...h", "....", "...."},
    [CV_ACTION_INVITE]        = {"...h", "...h", "...h", "...h", "...h"},
};

/* Likewise, by the role of the person acted on; actions without a target have no row. */
static const char *const may_target[CV_ACTION_COUNT] = {
    [CV_ACTION_SIGNAL] = "gpmh",
    [CV_ACTION_TELL]   = "gpmh",
    [CV_ACTION_ADMIT]  = "gpmh",
    [CV_ACTION_DENY]   = "gpmh",
    [CV_ACTION_MUTE]   = "gpm.",
    [CV_ACTION_REMOVE] = "gpm.",
    [CV_ACTION_ROLE]   = "gpm.",
};
/* clang-format on */

bool cv_policy_may(enum cv_role role, enum cv_action action, enum cv_meeting_state state) {
    return may[action][state][role] != '.';
}

bool cv_policy_may_target(enum cv_action action, enum cv_role target) {
    return may_target[action] && may_target[action][target] != '.';
}
