/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"
#include "meeting/effect.h"

static const char *const gone_names[CV_GONE_COUNT] = {
    [CV_GONE_NOT] = "",
    [CV_GONE_LEFT] = "left",
    [CV_GONE_LOST] = "lost",
    [CV_GONE_REMOVED] = "removed",
    [CV_GONE_BLOCKED] = "blocked",
    [CV_GONE_DENIED] = "denied",
    [CV_GONE_REVOKED] = "revoked",
    [CV_GONE_SIGNED_OUT] = "signed-out",
    [CV_GONE_REPLACED] = "replaced",
    [CV_GONE_ENDED] = "ended",
    [CV_GONE_EXPIRED] = "expired",
};

static const char *const connection_state_names[CV_CONNECTION_STATE_COUNT] = {
    [CV_CONNECTION_CONNECTING] = "connecting",
    [CV_CONNECTION_CONNECTED] = "connected",
    [CV_CONNECTION_DISCONNECTED] = "disconnected",
    [CV_CONNECTION_FAILED] = "failed",
    [CV_CONNECTION_CLOSED] = "closed",
};

static const char *const path_names[CV_PATH_COUNT] = {
    [CV_PATH_UNKNOWN] = "",    [CV_PATH_HOST] = "host", [CV_PATH_SRFLX] = "srflx",
    [CV_PATH_RELAY] = "relay", [CV_PATH_UDP] = "udp",   [CV_PATH_TCP] = "tcp",
};

static const char *const presence_names[] = {
    [CV_PRESENCE_LOBBY] = "lobby",
    [CV_PRESENCE_PRESENT] = "present",
    [CV_PRESENCE_AWAY] = "away",
};

static const char *const media_part_names[CV_PART_COUNT] = {
    [CV_PART_AUDIO] = "audio",
    [CV_PART_VIDEO] = "video",
    [CV_PART_SCREEN] = "screen",
};

static const char *const command_names[CV_COMMAND_COUNT] = {
    [CV_COMMAND_TICK] = "tick",
    [CV_COMMAND_JOIN] = "join",
    [CV_COMMAND_RESUME] = "resume",
    [CV_COMMAND_LOST] = "lost",
    [CV_COMMAND_LEAVE] = "leave",
    [CV_COMMAND_MEDIA] = "media",
    [CV_COMMAND_SIGNAL] = "signal",
    [CV_COMMAND_CONNECTION] = "connection",
    [CV_COMMAND_STATS] = "stats",
    [CV_COMMAND_HAND] = "hand",
    [CV_COMMAND_RENAME] = "rename",
    [CV_COMMAND_ADMIT] = "admit",
    [CV_COMMAND_ADMIT_ALL] = "admit-all",
    [CV_COMMAND_DENY] = "deny",
    [CV_COMMAND_LOCK] = "lock",
    [CV_COMMAND_LOBBY] = "lobby",
    [CV_COMMAND_MUTE] = "mute",
    [CV_COMMAND_REMOVE] = "remove",
    [CV_COMMAND_ROLE] = "role",
    [CV_COMMAND_END] = "end",
    [CV_COMMAND_RELAY] = "relay",
    [CV_COMMAND_WANT] = "want",
    [CV_COMMAND_PASS] = "pass",
    [CV_COMMAND_MODE] = "mode",
    [CV_COMMAND_UPDATE] = "update",
    [CV_COMMAND_LINK_REVOKED] = "link-revoked",
    [CV_COMMAND_SIGNED_OUT] = "signed-out",
};

const char *cv_gone_name(enum cv_gone gone) {
    return gone_names[gone];
}

const char *cv_connection_state_name(enum cv_connection_state state) {
    return connection_state_names[state];
}

const char *cv_connection_path_name(enum cv_connection_path path) {
    return path_names[path];
}

const char *cv_presence_name(enum cv_presence presence) {
    return presence_names[presence];
}

const char *cv_media_part_name(enum cv_media_part kind) {
    return media_part_names[kind];
}

const char *cv_command_name(enum cv_command_type type) {
    return command_names[type];
}

enum cv_err cv_connection_state_parse(struct cv_slice name, enum cv_connection_state *ret_state) {
    int found = cv_names_find(connection_state_names, CV_CONNECTION_STATE_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_state = (enum cv_connection_state)found;
    return CV_OK;
}

enum cv_err cv_connection_path_parse(struct cv_slice name, enum cv_connection_path *ret_path) {
    int found = cv_names_find(path_names, CV_PATH_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_path = (enum cv_connection_path)found;
    return CV_OK;
}

enum cv_err cv_media_part_parse(struct cv_slice name, enum cv_media_part *ret_kind) {
    int found = cv_names_find(media_part_names, CV_PART_COUNT, name);
    if (found < 0)
        return CV_ERR_TYPE;
    *ret_kind = (enum cv_media_part)found;
    return CV_OK;
}
