/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command brings about. The caller applies the effects in their order: it stores what is to
 * be stored, sends what is to be told and closes what is to be closed. A command is acknowledged
 * to its sender when its records are durable; telling others need not wait for that.
 */
#ifndef CV_MEETING_EFFECT_H
#define CV_MEETING_EFFECT_H

#include "meeting/command.h"

enum cv_presence {
    CV_PRESENCE_LOBBY,   /* waits: no media, and told nothing of who is in */
    CV_PRESENCE_PRESENT, /* in, and connected */
    CV_PRESENCE_AWAY,    /* in, the connection lost less than 30 s ago */
};

const char *cv_presence_name(enum cv_presence presence);

/* Somebody who is in or waits. */
struct cv_participant {
    struct cv_participant_record record;
    enum cv_presence presence;
    struct cv_media media; /* what it says that it sends */
    bool connected;        /* away: never; waiting: perhaps not for a moment */
    int64_t lost_at_us;    /* when the connection was lost, while it isn't connected */
    uint64_t entry;     /* counts entries: 1, 2, 3 …; 0 in the lobby. The smallest: longest in. */
    uint32_t reports;   /* of connections, so far */
    bool new_moderator; /* by the last command */
};

enum cv_event_type {
    CV_EVENT_JOINED,     /* participant */
    CV_EVENT_UPDATED,    /* participant */
    CV_EVENT_LEFT,       /* subject, gone */
    CV_EVENT_KNOCK,      /* participant */
    CV_EVENT_KNOCK_GONE, /* subject */
    CV_EVENT_ADMITTED,   /* to the subject: it is in; with the snapshot of the meeting as it is */
    CV_EVENT_MEETING,    /* the meeting's own facts changed; with these as they are */
    CV_EVENT_SIGNAL,     /* subject: from whom; payload */
    CV_EVENT_MUTED,      /* subject: by whom; kind */
    CV_EVENT_PASSED,     /* subject: from whom; payload */
};

struct cv_event {
    enum cv_event_type type;
    struct cv_id subject; /* of participant too */
    union {
        struct cv_participant participant;
        enum cv_gone gone;
        struct cv_slice payload; /* borrowed from the command */
        enum cv_media_part kind;
    };
};

/*
 * Whom a tell is for. Those who came in by the very command aren't among "everyone" and
 * "moderators": they get the snapshot after it (`welcome`, `admitted`), which has it all. Nor are
 * those who became moderators by it among "moderators": they are told last who waits.
 */
enum cv_audience {
    CV_AUDIENCE_ONE,        /* the recipient */
    CV_AUDIENCE_EVERYONE,   /* all who are in, present and away */
    CV_AUDIENCE_MODERATORS, /* all who are in and may know who waits */
    CV_AUDIENCE_OTHERS,     /* all who are present, but the subject of the event */
};

enum cv_effect_type {
    CV_EFFECT_TELL,
    CV_EFFECT_SAVE_MEETING,
    CV_EFFECT_SAVE_PARTICIPANT,
    CV_EFFECT_SAVE_BLOCK,
    CV_EFFECT_SAVE_MODE,
    CV_EFFECT_SAVE_CONNECTION,
    CV_EFFECT_SAVE_STATS,
    /*
     * The participant is gone: it is told `closed`, its connection (if it has one) closes with the
     * code that belongs to `gone`, its session and resume token are void. But where it is still
     * here, it has resumed (CV_GONE_REPLACED): only the connection that it had until now closes,
     * and nothing is told, for the session goes on over the new one.
     */
    CV_EFFECT_DISCONNECT,
    /* The meeting has ended or expired, nobody is in or waits: it may be freed. */
    CV_EFFECT_CLOSE,
};

struct cv_effect {
    enum cv_effect_type type;
    union {
        struct {
            enum cv_audience audience;
            struct cv_id recipient; /* of one */
            struct cv_event event;
        } tell;
        struct cv_meeting_record meeting;
        struct cv_participant_record participant;
        struct cv_block_record block;
        struct cv_mode_record mode;
        struct cv_connection_record connection;
        struct cv_stats_record stats;
        struct {
            struct cv_id participant;
            enum cv_gone gone;
        } disconnect;
    };
};

/* Why somebody may not enter. */
enum cv_refusal {
    CV_REFUSAL_NONE,
    CV_REFUSAL_TOO_EARLY, /* cv_meeting_opens_at says when */
    CV_REFUSAL_ENDED,
    CV_REFUSAL_EXPIRED,
    CV_REFUSAL_LOCKED,
    CV_REFUSAL_FULL,
    CV_REFUSAL_BLOCKED,
    CV_REFUSAL_RESUME_FAILED, /* the place is not kept any more */
    CV_REFUSAL_NO_RELAY,      /* it can only be relayed, and this meeting is not */
};

/*
 * Zero-initialised is valid and empty. The caller owns it and may use it for one command after the
 * other; each starts by emptying it.
 */
struct cv_effects {
    struct cv_effect *items;
    size_t count;
    size_t capacity;
    enum cv_refusal refusal; /* of join and resume, when they fail */
    uint64_t first_entry;    /* entries from here on came in by this command */
};

void cv_effects_release(struct cv_effects *effects);

#endif
