/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can happen to a meeting. Everything a client can do is one command; the others come from
 * the server itself (connection lost, tick) or from the owner over REST (update, link revoked,
 * end). Slices are borrowed for the length of the call, and the payload of a signal until its
 * effects are applied.
 */
#ifndef CV_MEETING_COMMAND_H
#define CV_MEETING_COMMAND_H

#include "meeting/record.h"

enum cv_command_type {
    CV_COMMAND_TICK, /* nothing happened but time */

    /* coming and going */
    CV_COMMAND_JOIN,
    CV_COMMAND_RESUME, /* `by` has a connection again, or another one */
    CV_COMMAND_LOST,   /* the connection of `by` is gone: its place is kept for 30 s */
    CV_COMMAND_LEAVE,
    CV_COMMAND_SIGNED_OUT, /* the account's session by which `by` is in has ended */

    /* what a person does about itself */
    CV_COMMAND_MEDIA,
    CV_COMMAND_SIGNAL,
    CV_COMMAND_CONNECTION,
    CV_COMMAND_STATS,
    CV_COMMAND_HAND,
    CV_COMMAND_RELAY, /* whether it may connect to the relay; the caller sees to it */
    CV_COMMAND_WANT,  /* whether it may choose there; likewise */
    CV_COMMAND_PASS,
    CV_COMMAND_RENAME,

    /* what keeps order */
    CV_COMMAND_ADMIT,
    CV_COMMAND_ADMIT_ALL,
    CV_COMMAND_DENY,
    CV_COMMAND_LOCK,
    CV_COMMAND_LOBBY,
    CV_COMMAND_MUTE,
    CV_COMMAND_REMOVE,
    CV_COMMAND_ROLE,
    CV_COMMAND_MODE,
    CV_COMMAND_END, /* with an empty `by`: by the owner, from outside the meeting */

    /* the owner, from outside the meeting; `by` is empty */
    CV_COMMAND_UPDATE,
    CV_COMMAND_LINK_REVOKED,
    CV_COMMAND_COUNT
};

struct cv_media { /* in the order of enum cv_media_part */
    bool audio;
    bool video;
    bool screen;
};

/* A first entry. The caller has checked the link or the session, and made the participant's id. */
struct cv_command_join {
    struct cv_id participant; /* new, unguessable, never used before */
    struct cv_id link;        /* exactly one of link and account is set */
    struct cv_id account;
    bool shared; /* the link is a shared one */
    bool hide_address;
    enum cv_via via;   /* others than clients pass the lobby */
    enum cv_role role; /* what the link or account gives */
    struct cv_slice name;
    int64_t until_us; /* when the token by which it comes runs out; 0: never */
};

/* What a participant wants one of its video slots to show. */
struct cv_want {
    struct cv_slice mid;
    struct cv_id participant;
    bool screen; /* else the camera */
    uint16_t width;
    uint16_t height;
    bool stage;
};

enum { CV_WANT_MAX = 32, CV_WANT_MID_CHARS = 16 };

struct cv_command {
    enum cv_command_type type;
    struct cv_id by; /* the participant who does it; empty where said above, and for join */
    union {
        struct cv_command_join join;
        struct cv_media media;
        struct {
            struct cv_id to;
            struct cv_slice payload; /* passed on to the event as it is */
        } signal;
        struct {
            struct cv_id peer;
            enum cv_connection_state state;
            enum cv_connection_path path;
        } connection;
        struct {
            struct cv_id peer;
            struct cv_media_stats audio;
            struct cv_media_stats video;
        } stats;
        struct {
            struct cv_slice session; /* 1 to 32 characters of `A-Z a-z 0-9 _ -` */
            struct cv_slice sdp;     /* an offer; checked by whoever answers it */
        } relay;
        struct {
            struct cv_slice session;
            const struct cv_want *items;
            size_t count;
        } want;
        struct {
            struct cv_id to; /* empty: all others who are present */
            struct cv_slice payload;
        } pass;
        bool relayed;         /* mode */
        bool raised;          /* hand */
        struct cv_slice name; /* rename */
        struct cv_id target;  /* admit, deny */
        bool locked;          /* lock */
        bool lobby;           /* lobby */
        struct {
            struct cv_id target;
            enum cv_media_part kind;
        } mute;
        struct {
            struct cv_id target;
            bool block;
        } remove;
        struct {
            struct cv_id target;
            enum cv_role role; /* moderator or participant */
        } role;
        struct { /* all values as they shall be, the unchanged ones too */
            struct cv_slice title;
            int64_t starts_at_us;
            int64_t duration_us;
            bool lobby;
            enum cv_topology topology;
        } update;
        struct cv_id link; /* link revoked */
    };
};

/* "join", "resume" …, as on the wire where it is there; a static string. */
const char *cv_command_name(enum cv_command_type type);
/* "audio", "video", "screen"; and back: CV_ERR_TYPE for other names. */
const char *cv_media_part_name(enum cv_media_part kind);
enum cv_err cv_media_part_parse(struct cv_slice name, enum cv_media_part *ret_kind);

#endif
