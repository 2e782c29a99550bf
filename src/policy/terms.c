/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/terms.h"

#include "base/names.h"

static const char *const role_names[CV_ROLE_COUNT] = {
    [CV_ROLE_GUEST] = "guest",
    [CV_ROLE_PARTICIPANT] = "participant",
    [CV_ROLE_MODERATOR] = "moderator",
    [CV_ROLE_HOST] = "host",
};

static const char *const kind_names[CV_KIND_COUNT] = {
    [CV_KIND_INSTANT] = "instant",
    [CV_KIND_SCHEDULED] = "scheduled",
    [CV_KIND_ROOM] = "room",
};

static const char *const state_names[CV_STATE_COUNT] = {
    [CV_STATE_SCHEDULED] = "scheduled", [CV_STATE_OPEN] = "open",       [CV_STATE_LIVE] = "live",
    [CV_STATE_ENDED] = "ended",         [CV_STATE_EXPIRED] = "expired",
};

static const char *const topology_names[CV_TOPOLOGY_COUNT] = {
    [CV_TOPOLOGY_AUTO] = "auto",
    [CV_TOPOLOGY_MESH] = "mesh",
};

static const char *const call_mode_names[CV_CALL_MODE_COUNT] = {
    [CV_CALL_DIRECT] = "direct",
    [CV_CALL_RELAYED] = "relayed",
};

static const char *const via_names[CV_VIA_COUNT] = {
    [CV_VIA_CLIENT] = "",
    [CV_VIA_WHIP] = "whip",
    [CV_VIA_WHEP] = "whep",
};

static const char *const action_names[CV_ACTION_COUNT] = {
    [CV_ACTION_ENTER] = "enter",
    [CV_ACTION_PASS] = "pass",
    [CV_ACTION_MEDIA] = "media",
    [CV_ACTION_SIGNAL] = "signal",
    [CV_ACTION_CONNECTION] = "connection",
    [CV_ACTION_STATS] = "stats",
    [CV_ACTION_HAND] = "hand",
    [CV_ACTION_RELAY] = "relay",
    [CV_ACTION_WANT] = "want",
    [CV_ACTION_TELL] = "tell",
    [CV_ACTION_RENAME] = "rename",
    [CV_ACTION_LEAVE] = "leave",
    [CV_ACTION_SEE_WAITING] = "see-waiting",
    [CV_ACTION_ADMIT] = "admit",
    [CV_ACTION_DENY] = "deny",
    [CV_ACTION_LOCK] = "lock",
    [CV_ACTION_LOBBY] = "lobby",
    [CV_ACTION_MUTE] = "mute",
    [CV_ACTION_REMOVE] = "remove",
    [CV_ACTION_ROLE] = "role",
    [CV_ACTION_MODE] = "mode",
    [CV_ACTION_END] = "end",
    [CV_ACTION_EDIT] = "edit",
    [CV_ACTION_INVITE] = "invite",
};

const char *cv_role_name(enum cv_role role) {
    return role_names[role];
}

const char *cv_meeting_kind_name(enum cv_meeting_kind kind) {
    return kind_names[kind];
}

const char *cv_meeting_state_name(enum cv_meeting_state state) {
    return state_names[state];
}

const char *cv_topology_name(enum cv_topology topology) {
    return topology_names[topology];
}

const char *cv_call_mode_name(enum cv_call_mode mode) {
    return call_mode_names[mode];
}

const char *cv_via_name(enum cv_via via) {
    return via_names[via];
}

const char *cv_action_name(enum cv_action action) {
    return action_names[action];
}

enum cv_err cv_role_parse(struct cv_slice name, enum cv_role *ret_role) {
    int found = cv_names_find(role_names, CV_ROLE_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_role = (enum cv_role)found;
    return CV_OK;
}

enum cv_err cv_meeting_kind_parse(struct cv_slice name, enum cv_meeting_kind *ret_kind) {
    int found = cv_names_find(kind_names, CV_KIND_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_kind = (enum cv_meeting_kind)found;
    return CV_OK;
}

enum cv_err cv_topology_parse(struct cv_slice name, enum cv_topology *ret_topology) {
    int found = cv_names_find(topology_names, CV_TOPOLOGY_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_topology = (enum cv_topology)found;
    return CV_OK;
}

enum cv_err cv_via_parse(struct cv_slice name, enum cv_via *ret_via) {
    int found = cv_names_find(via_names, CV_VIA_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_via = (enum cv_via)found;
    return CV_OK;
}
