/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a meeting outlives the process: the records that effects hand to the store (effect.h),
 * and from which a meeting is restored (meeting.h). A record always holds the whole of its row, so
 * the store puts it in place of the one with the same key. Wall-clock times; 0 is "not (yet)".
 */
#ifndef CV_MEETING_RECORD_H
#define CV_MEETING_RECORD_H

#include "base/id.h"
#include "policy/window.h"

enum {
    CV_NAME_CHARS = 64, /* code points */
    CV_NAME_BYTES = CV_NAME_CHARS * 4 + 1,
    CV_TITLE_CHARS = 120,
    CV_TITLE_BYTES = CV_TITLE_CHARS * 4 + 1,
};

/* Key: id. */
struct cv_meeting_record {
    struct cv_id id;
    struct cv_policy_schedule schedule;
    enum cv_topology topology;
    bool owned;             /* belongs to an account; an instant meeting need not */
    bool lobby;             /* guests and participants wait until they are admitted */
    bool locked;            /* nobody new but host and moderators; ends with the session */
    enum cv_call_mode mode; /* direct while nobody is in */
    bool relay_asked;       /* by a host or moderator; ends with the session */
    /*
     * A session lasts from the first person's entry until the last one's place is given up. They
     * are numbered 1, 2, 3 … within a meeting; 0: there was none yet.
     */
    uint32_t session;
    int64_t session_started_at_us;
    int64_t session_ended_at_us; /* 0 while the session lasts */
    char title[CV_TITLE_BYTES];  /* NUL-terminated UTF-8 */
};

/* Why somebody is gone. On the wire `left` knows fewer words; see signal/encode.h. */
enum cv_gone {
    CV_GONE_NOT,
    CV_GONE_LEFT,
    CV_GONE_LOST,       /* the connection was lost and not resumed in time */
    CV_GONE_REMOVED,    /* by a moderator; may come back by the link */
    CV_GONE_BLOCKED,    /* removed, and may not come back */
    CV_GONE_DENIED,     /* not let in from the lobby */
    CV_GONE_REVOKED,    /* the link was revoked */
    CV_GONE_SIGNED_OUT, /* the session by which the account was in has ended */
    CV_GONE_REPLACED,   /* the same account or personal link entered anew and took the place */
    CV_GONE_ENDED,
    CV_GONE_EXPIRED, /* the time of the meeting, or of the token, is over */
    CV_GONE_COUNT
};

/* "left", "lost" …; a static string, "" for CV_GONE_NOT. */
const char *cv_gone_name(enum cv_gone gone);

/*
 * Key: id. Somebody who is in or waiting, or was in. A record with left_at_us and without
 * joined_at_us is of a person who was never in: nothing of it is to be kept.
 */
struct cv_participant_record {
    struct cv_id id;
    struct cv_id link;     /* entered by this link, or … */
    struct cv_id account;  /* … with this account; the other is empty */
    bool shared;           /* the link may be used by several people at a time */
    bool hide_address;     /* wants relay candidates only */
    enum cv_via via;       /* with what it takes part */
    bool hand;             /* raised; not in the lobby, and lowered when it leaves */
    uint32_t silenced;     /* bits of enum cv_media_part: see below */
    enum cv_role own_role; /* what the link or account gives */
    enum cv_role role;     /* what it is now: promoted, demoted or standing in for the host */
    uint32_t session;      /* 0: in the lobby */
    int64_t came_at_us;    /* entered, or began to wait */
    int64_t joined_at_us;  /* 0: in the lobby */
    int64_t until_us;      /* when its token runs out, and it is gone; 0: never, or it is */
    int64_t left_at_us;    /* 0: is there */
    enum cv_gone gone;
    char name[CV_NAME_BYTES];
};

/*
 * Key: link and participant. Exactly one of the two is set: a personal link, blocked for good, or
 * a participant who came by a shared link, blocked for the rest of that session.
 */
struct cv_block_record {
    struct cv_id link;
    struct cv_id participant;
    uint32_t session; /* of the participant; 0 for a link */
    int64_t at_us;
};

/* What a participant sends. One that a moderator has muted stays silent until it sends anew. */
enum cv_media_part { CV_PART_AUDIO, CV_PART_VIDEO, CV_PART_SCREEN, CV_PART_COUNT };

enum cv_connection_state {
    CV_CONNECTION_CONNECTING,
    CV_CONNECTION_CONNECTED,
    CV_CONNECTION_DISCONNECTED,
    CV_CONNECTION_FAILED,
    CV_CONNECTION_CLOSED,
    CV_CONNECTION_STATE_COUNT
};

enum cv_connection_path {
    CV_PATH_UNKNOWN,
    CV_PATH_HOST,
    CV_PATH_SRFLX,
    CV_PATH_RELAY,
    CV_PATH_UDP, /* to the server */
    CV_PATH_TCP, /* to the server */
    CV_PATH_COUNT
};

/* "connecting" …, and "host" …, "" for CV_PATH_UNKNOWN; and back: CV_ERR_TYPE for other names. */
const char *cv_connection_state_name(enum cv_connection_state state);
const char *cv_connection_path_name(enum cv_connection_path path);
enum cv_err cv_connection_state_parse(struct cv_slice name, enum cv_connection_state *ret_state);
enum cv_err cv_connection_path_parse(struct cv_slice name, enum cv_connection_path *ret_path);

/* Append only: how media travelled from then on. */
struct cv_mode_record {
    uint32_t session;
    enum cv_call_mode mode;
    int64_t at_us;
};

/*
 * Append only: what a participant reported of its connection to a peer, or the relay of that to the
 * server, whose id is empty.
 */
struct cv_connection_record {
    struct cv_id participant;
    struct cv_id peer;
    enum cv_connection_state state;
    enum cv_connection_path path;
    int64_t at_us;
};

/* Totals since the connection came up, and the newest jitter and round-trip time. */
struct cv_media_stats {
    int64_t packets_sent;
    int64_t packets_received;
    int64_t packets_lost;
    int64_t bytes_sent;
    int64_t bytes_received;
    double jitter_ms;
    double rtt_ms;
};

/* Key: participant and peer; empty: the server, whose figures are all in `video`. */
struct cv_stats_record {
    struct cv_id participant;
    struct cv_id peer;
    struct cv_media_stats audio;
    struct cv_media_stats video;
    int64_t at_us;
};

#endif
