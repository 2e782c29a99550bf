/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words in which meetings are ruled: roles, kinds, states, topologies and actions, with the
 * names under which the wire and the store know them. The rules are in may.h and window.h.
 */
#ifndef CV_POLICY_TERMS_H
#define CV_POLICY_TERMS_H

#include "base/bytes.h"

/* In rising order of what they may do; a role comes from the link or account one entered with. */
enum cv_role {
    CV_ROLE_GUEST,       /* invited by a link, no account known */
    CV_ROLE_PARTICIPANT, /* an expected member of the meeting */
    CV_ROLE_MODERATOR,   /* keeps order: lobby, lock, mute, remove, end */
    CV_ROLE_HOST,        /* owns the meeting; nobody acts on a host */
    CV_ROLE_COUNT
};

enum cv_meeting_kind {
    CV_KIND_INSTANT,   /* open from its creation, for a limited time */
    CV_KIND_SCHEDULED, /* open in a window around its planned start */
    CV_KIND_ROOM,      /* always open; its sessions come and go */
    CV_KIND_COUNT
};

enum cv_meeting_state {
    CV_STATE_SCHEDULED, /* not open yet */
    CV_STATE_OPEN,      /* may be entered, nobody is in */
    CV_STATE_LIVE,      /* someone is in (present, or away with the place kept) */
    CV_STATE_ENDED,     /* ended by a person; never a room */
    CV_STATE_EXPIRED,   /* its window has passed; never a room */
    CV_STATE_COUNT
};

enum cv_topology {
    CV_TOPOLOGY_AUTO, /* two people directly, more through the server's relay */
    CV_TOPOLOGY_MESH, /* pure peer-to-peer, everyone with everyone, up to 4 */
    CV_TOPOLOGY_COUNT
};

/* How media travels at the moment. */
enum cv_call_mode {
    CV_CALL_DIRECT,  /* between the participants */
    CV_CALL_RELAYED, /* through the server */
    CV_CALL_MODE_COUNT
};

/* With what somebody takes part. */
enum cv_via {
    CV_VIA_CLIENT, /* the signalling protocol */
    CV_VIA_WHIP,   /* sends by WHIP (RFC 9725), and can only be relayed */
    CV_VIA_WHEP,   /* watches by WHEP, and can only be relayed */
    CV_VIA_COUNT
};

enum cv_action {
    /* what a person does about itself */
    CV_ACTION_ENTER,      /* take a place, or wait for one in the lobby */
    CV_ACTION_PASS,       /* enter past the lobby and the lock */
    CV_ACTION_MEDIA,      /* say what one sends */
    CV_ACTION_SIGNAL,     /* exchange descriptions and candidates with another */
    CV_ACTION_CONNECTION, /* report the state of a connection */
    CV_ACTION_STATS,      /* report the statistics of a connection */
    CV_ACTION_HAND,       /* raise or lower one's hand */
    CV_ACTION_RELAY,      /* connect to the server's relay */
    CV_ACTION_WANT,       /* choose what it shows */
    CV_ACTION_TELL,       /* have the server tell others something, where it relays */
    CV_ACTION_RENAME,
    CV_ACTION_LEAVE,
    /* what keeps order */
    CV_ACTION_SEE_WAITING, /* know who is in the lobby */
    CV_ACTION_ADMIT,
    CV_ACTION_DENY,
    CV_ACTION_LOCK,
    CV_ACTION_LOBBY,
    CV_ACTION_MUTE,
    CV_ACTION_REMOVE,
    CV_ACTION_ROLE, /* make someone a moderator, or no longer */
    CV_ACTION_MODE, /* ask for the relay */
    CV_ACTION_END,
    /* what its owner does with the meeting, in it or not */
    CV_ACTION_EDIT,   /* title, times, lobby, topology */
    CV_ACTION_INVITE, /* make, list and revoke links */
    CV_ACTION_COUNT
};

/* The name on the wire and in the store; a static string, never NULL. */
const char *cv_role_name(enum cv_role role);
const char *cv_meeting_kind_name(enum cv_meeting_kind kind);
const char *cv_meeting_state_name(enum cv_meeting_state state);
const char *cv_topology_name(enum cv_topology topology);
const char *cv_call_mode_name(enum cv_call_mode mode);
/* "" for CV_VIA_CLIENT. */
const char *cv_via_name(enum cv_via via);
const char *cv_action_name(enum cv_action action);

/* The value of a name; CV_ERR_TYPE when there is none of that name. */
enum cv_err cv_role_parse(struct cv_slice name, enum cv_role *ret_role);
enum cv_err cv_meeting_kind_parse(struct cv_slice name, enum cv_meeting_kind *ret_kind);
enum cv_err cv_topology_parse(struct cv_slice name, enum cv_topology *ret_topology);
enum cv_err cv_via_parse(struct cv_slice name, enum cv_via *ret_via);

#endif
