/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store port: everything durable, as typed operations that are answered later.
 *
 * The caller fills one or more `struct cv_store_op` and submits them as one *batch*. A batch is
 * atomic: all of its operations happen or none does, in the order given, and later ones see what
 * earlier ones did. Batches happen in the order of their submission. The answer comes when what
 * the batch changed is durable, never before.
 *
 * The store knows no event loop. It hands each finished answer to the `post` function that it was
 * created with, on any thread (SQLite) or inside cv_store_submit (memory); `post` queues the answer
 * (it holds a list node for that, so posting can't fail) and wakes the caller's loop, which then
 * calls cv_store_deliver. That runs `done` and frees the answer.
 *
 *     struct cv_store_op ops[] = {
 *         {.kind = CV_STORE_MEETING_CREATE, .meeting_create = {.id = id, ...}},
 *         {.kind = CV_STORE_LINK_CREATE, .link_create = {...}},
 *     };
 *     err = cv_store_submit(store, ops, 2, on_created, request, NULL);
 *
 * Ownership: the store copies what `ops` points to before cv_store_submit returns. Everything that
 * an answer points to belongs to the answer and is gone when `done` returns.
 *
 * Secrets: the store never sees a token. A *hash* below is CV_STORE_HASH_BYTES of keyed hash
 * (HMAC-SHA-256 under a key that the application keeps outside the database).
 *
 * Conventions, for inputs and results alike:
 * - An absent text or blob is the empty slice; an absent time is 0. Texts are valid UTF-8 without
 *   NUL; the caller has checked what people may put into them. In results a NUL follows each text.
 * - Times are wall-clock microseconds since 1970 in UTC; the store reads no clock.
 * - Identifiers are made by the caller: 1 to CV_STORE_ID_MAX_BYTES of ASCII, random, never reused.
 * - A required field that is absent, a text that is too long or an enum out of range makes
 *   cv_store_submit fail with CV_ERR_RANGE, naming nothing and changing nothing: it is the
 *   caller's bug, not the user's.
 *
 * Threads: cv_store_submit, cv_store_forget and cv_store_deliver belong to the one thread that owns
 * the store; cv_store_stats may be called on any.
 */
#ifndef CV_PORT_STORE_H
#define CV_PORT_STORE_H

#include "base/bytes.h"
#include "base/list.h"

/* Limits in bytes; characters count up to four each. */
enum {
    CV_STORE_HASH_BYTES = 32,
    CV_STORE_ID_MAX_BYTES = 64,
    CV_STORE_NAME_MAX_BYTES = 256, /* 64 characters */
    CV_STORE_EMAIL_MAX_BYTES = 254,
    CV_STORE_TITLE_MAX_BYTES = 480, /* 120 characters */
    CV_STORE_TIME_ZONE_MAX_BYTES = 64,
    CV_STORE_PASSWORD_HASH_MAX_BYTES = 256,
    CV_STORE_ADDRESS_MAX_BYTES = 64,
    CV_STORE_COUNTRY_MAX_BYTES = 2,
    CV_STORE_NETWORK_MAX_BYTES = 256,
    CV_STORE_STATISTICS_MAX_BYTES = 8192,
    CV_STORE_ANSWER_MAX_BYTES = 8192, /* of an idempotency key */
    CV_STORE_BLOCK_VALUE_MAX_BYTES = 64,
    CV_STORE_CURSOR_MAX_BYTES = 128,
};

/* Other limits; past the first two an operation fails with CV_ERR_FULL. */
enum {
    CV_STORE_LINKS_MAX = 1000,      /* of one meeting, revoked ones included */
    CV_STORE_BLOCKS_MAX = 1000,     /* of one meeting */
    CV_STORE_CONNECTIONS_MAX = 200, /* of one participant; the oldest make room */
    CV_STORE_BATCH_MAX = 256,       /* operations in a batch; more: CV_ERR_LIMIT */
    CV_STORE_PAGE_MAX = 100,        /* entries in a page */
};

/* Times of last use are rounded down to this, so that they tell no exact habits. */
#define CV_STORE_COARSE_US (INT64_C(3600) * 1000 * 1000)

/* The numbers below are in the database: never renumber, only append. 0 is "not set". */
enum cv_store_account_role { CV_STORE_ACCOUNT_USER = 1, CV_STORE_ACCOUNT_ADMIN = 2 };
enum cv_store_kind {
    CV_STORE_KIND_INSTANT = 1,
    CV_STORE_KIND_SCHEDULED = 2,
    CV_STORE_KIND_ROOM = 3,
};
enum cv_store_topology { CV_STORE_TOPOLOGY_AUTO = 1, CV_STORE_TOPOLOGY_MESH = 2 };
enum cv_store_role {
    CV_STORE_ROLE_HOST = 1,
    CV_STORE_ROLE_MODERATOR = 2,
    CV_STORE_ROLE_PARTICIPANT = 3,
    CV_STORE_ROLE_GUEST = 4,
};
enum cv_store_presence { CV_STORE_PRESENCE_LOBBY = 1, CV_STORE_PRESENCE_PRESENT = 2 };
enum cv_store_left {
    CV_STORE_LEFT_NOT = 0,  /* still there */
    CV_STORE_LEFT_LEFT = 1, /* by their own choice */
    CV_STORE_LEFT_LOST = 2, /* the connection did not come back */
    CV_STORE_LEFT_REMOVED = 3,
    CV_STORE_LEFT_BLOCKED = 4,
    CV_STORE_LEFT_DENIED = 5,  /* not let in from the lobby */
    CV_STORE_LEFT_ENDED = 6,   /* the meeting ended or expired */
    CV_STORE_LEFT_REVOKED = 7, /* their link was revoked */
};
enum cv_store_connection_state {
    CV_STORE_CONNECTION_CONNECTING = 1,
    CV_STORE_CONNECTION_CONNECTED = 2,
    CV_STORE_CONNECTION_DISCONNECTED = 3,
    CV_STORE_CONNECTION_FAILED = 4,
    CV_STORE_CONNECTION_CLOSED = 5,
};
enum cv_store_path {
    CV_STORE_PATH_NONE = 0,
    CV_STORE_PATH_HOST = 1,
    CV_STORE_PATH_SRFLX = 2,
    CV_STORE_PATH_RELAY = 3,
};
enum cv_store_block_kind {
    CV_STORE_BLOCK_LINK = 1,    /* value: a link's id */
    CV_STORE_BLOCK_ADDRESS = 2, /* value: keyed hash of an address */
    CV_STORE_BLOCK_ACCOUNT = 3, /* value: a user's id */
};
enum cv_store_when { CV_STORE_WHEN_UPCOMING = 1, CV_STORE_WHEN_PAST = 2, CV_STORE_WHEN_ROOMS = 3 };

struct cv_store_user {
    struct cv_slice id;
    struct cv_slice name;
    struct cv_slice email; /* as written; unique without regard to the case of ASCII letters */
    enum cv_store_account_role role;
    struct cv_slice password_hash; /* argon2id string */
    int64_t created_at_us;
};

/* A browser that is signed in. */
struct cv_store_session {
    struct cv_slice token_hash;
    struct cv_slice user_id;
    int64_t created_at_us;
    int64_t expires_at_us;
    int64_t seen_at_us; /* coarse */
};

/*
 * A meeting. Its state is not stored but follows from times: ended when ended_at_us is set, else
 * expired from closes_at_us on, scheduled before opens_at_us, live while it has a call (see
 * cv_store_call), open otherwise.
 */
struct cv_store_meeting {
    struct cv_slice id;
    struct cv_slice owner_id;   /* absent: an instant meeting that nobody's account made */
    struct cv_slice owner_name; /* results only */
    enum cv_store_kind kind;
    struct cv_slice title;
    int64_t starts_at_us;     /* required for scheduled, absent for others */
    int32_t duration_minutes; /* 0: none; at most 1440 */
    struct cv_slice time_zone;
    int64_t opens_at_us;  /* absent: at once */
    int64_t closes_at_us; /* absent: never */
    bool lobby;
    bool locked;
    enum cv_store_topology topology;
    int64_t created_at_us;
    int64_t ended_at_us;
};

struct cv_store_link {
    struct cv_slice id;
    struct cv_slice meeting_id;
    struct cv_slice secret_hash; /* absent in results */
    enum cv_store_role role;
    struct cv_slice label; /* whom it is for */
    bool shared;
    int64_t created_at_us;
    int64_t revoked_at_us;
    int64_t used_at_us; /* coarse */
};

struct cv_store_block {
    struct cv_slice meeting_id;
    enum cv_store_block_kind kind;
    struct cv_slice value;
    int64_t created_at_us;
    int64_t expires_at_us; /* absent: as long as the meeting */
};

/* One person's stay in a call; part of the call data record. */
struct cv_store_participant {
    struct cv_slice id;
    struct cv_slice call_id;
    struct cv_slice name; /* absent in results: the account was deleted */
    enum cv_store_role role;
    enum cv_store_presence presence;
    bool hand;
    bool hide_address;
    struct cv_slice link_id;         /* absent: entered by account */
    struct cv_slice user_id;         /* absent: entered by link */
    struct cv_slice resume_hash;     /* of the newest resume token; gone once they have left */
    struct cv_slice resume_old_hash; /* of the one before, while that is still good */
    struct cv_slice address;         /* numeric IPv4 or IPv6 */
    struct cv_slice country;         /* ISO 3166-1 alpha-2 */
    struct cv_slice network;         /* the network's operator */
    int64_t arrived_at_us;           /* in the lobby, or straight in the call */
    int64_t joined_at_us;            /* absent: never got past the lobby */
    int64_t left_at_us;
    enum cv_store_left left_reason;
    struct cv_slice statistics; /* JSON object of numbers */
};

/* What a participant's browser said about its connection to another participant. */
struct cv_store_connection {
    struct cv_slice participant_id;
    struct cv_slice peer_id;   /* a participant of the same call */
    struct cv_slice peer_name; /* results only */
    enum cv_store_connection_state state;
    enum cv_store_path path;
    int64_t at_us;
};

/*
 * One session of a meeting, from the first person in to the last one out: while it lasts the base
 * of recovery after a crash, afterwards the call data record. At most one without end per meeting.
 */
struct cv_store_call {
    struct cv_slice id;
    struct cv_slice meeting_id;
    int64_t started_at_us;
    int64_t ended_at_us;
};

struct cv_store_participants {
    const struct cv_store_participant *items; /* in the order of their arrival */
    size_t count;
};
struct cv_store_connections {
    const struct cv_store_connection *items; /* of all participants, oldest first */
    size_t count;
};

struct cv_store_live {
    struct cv_store_call call;
    struct cv_store_meeting meeting;
    struct cv_store_participants participants; /* those who have not left */
};

struct cv_store_record {
    struct cv_store_call call;
    struct cv_slice title;
    struct cv_store_participants participants; /* without the resume hashes */
    struct cv_store_connections connections;
};

/*
 * The operations. For each: what it does, [what the result holds], and the errors besides
 * CV_ERR_STORE and CV_ERR_MEMORY, which any operation may meet. (w) marks those that write.
 */
enum cv_store_op_kind {
    /* --- accounts --- */
    CV_STORE_USER_CREATE = 1,   /* (w) CV_ERR_EXISTS: the e-mail (or id) is taken */
    CV_STORE_USER_GET,          /* [user] CV_ERR_NOT_FOUND */
    CV_STORE_USER_BY_EMAIL,     /* [user] without regard to case; CV_ERR_NOT_FOUND */
    CV_STORE_USER_LIST,         /* [users] by e-mail */
    CV_STORE_USER_COUNT,        /* [user_count] */
    CV_STORE_USER_SET_PASSWORD, /* (w) CV_ERR_NOT_FOUND. Sessions stay: add SESSION_DELETE_ALL */
    /*
     * (w) With the account's sessions, idempotency keys and meetings (as by MEETING_DELETE); its
     * stays in others' meetings lose name and account. CV_ERR_NOT_FOUND.
     */
    CV_STORE_USER_DELETE,

    /* --- the first administrator's one-time set-up token --- */
    CV_STORE_SETUP_PUT,    /* (w) replaces the token before; CV_ERR_STATE: there is an admin */
    CV_STORE_SETUP_CHECK,  /* CV_ERR_NOT_FOUND: not the token, used or expired */
    CV_STORE_SETUP_FINISH, /* (w) consumes the token and creates the account; as SETUP_CHECK,
                              CV_ERR_STATE, CV_ERR_EXISTS */

    /* --- sessions of signed-in browsers --- */
    CV_STORE_SESSION_CREATE,     /* (w) CV_ERR_NOT_FOUND: no such user; CV_ERR_EXISTS */
    CV_STORE_SESSION_FIND,       /* [session] with its user; CV_ERR_NOT_FOUND: also expired */
    CV_STORE_SESSION_TOUCH,      /* (w) seen_at, rounded down; nothing when unknown or unchanged */
    CV_STORE_SESSION_DELETE,     /* (w) nothing when unknown */
    CV_STORE_SESSION_DELETE_ALL, /* (w) [count] all of a user, but `except_hash` when given */

    /* --- meetings --- */
    CV_STORE_MEETING_CREATE, /* (w) CV_ERR_EXISTS; CV_ERR_NOT_FOUND: no such owner */
    CV_STORE_MEETING_GET,    /* [meeting] CV_ERR_NOT_FOUND */
    CV_STORE_MEETING_UPDATE, /* (w) sets all the settings given; CV_ERR_NOT_FOUND */
    /*
     * [meetings] of one owner, a page at a time; stable: entries that come or go between two pages
     * neither repeat nor hide others. upcoming: not rooms, not over at now_us; soonest first.
     * past: not rooms, over; latest first. rooms: newest first. "Soonest" and "latest" go by
     * starts_at_us, or created_at_us where there is none. CV_ERR_SYNTAX from cv_store_submit: the
     * cursor is none of ours.
     */
    CV_STORE_MEETING_LIST,
    CV_STORE_MEETING_SET_LOCKED, /* (w) CV_ERR_NOT_FOUND */
    CV_STORE_MEETING_SET_LOBBY,  /* (w) CV_ERR_NOT_FOUND */
    CV_STORE_MEETING_END,        /* (w) CV_ERR_NOT_FOUND; CV_ERR_STATE: it has ended before */
    /*
     * (w) With its links, blocks, calls and records. When this is answered the bytes are gone from
     * the data folder too, except from backups (see CV_STORE_EXPIRE). CV_ERR_NOT_FOUND.
     */
    CV_STORE_MEETING_DELETE,
    /* (w) [count] instant meetings that are over, have no call or record left, and that either
     * nobody ever used or nobody owns. */
    CV_STORE_MEETING_PURGE,

    /* --- links --- */
    CV_STORE_LINK_CREATE,  /* (w) CV_ERR_NOT_FOUND: no such meeting; CV_ERR_EXISTS; CV_ERR_FULL */
    CV_STORE_LINK_RESOLVE, /* [link] and its meeting; CV_ERR_NOT_FOUND: unknown or revoked */
    CV_STORE_LINK_LIST,    /* [links] of a meeting, oldest first; empty when unknown */
    CV_STORE_LINK_REVOKE,  /* (w) CV_ERR_NOT_FOUND: not of this meeting. Twice is once */
    CV_STORE_LINK_TOUCH,   /* (w) used_at, rounded down; nothing when unknown or unchanged */
    CV_STORE_BLOCK_ADD,    /* (w) replaces the same; CV_ERR_NOT_FOUND: no meeting; CV_ERR_FULL */
    CV_STORE_BLOCK_LIST,   /* [blocks] of a meeting; those expired at now_us not */

    /* --- calls: recovery and call data records --- */
    CV_STORE_CALL_START, /* (w) CV_ERR_NOT_FOUND: no meeting; CV_ERR_EXISTS: id, or one is live */
    CV_STORE_CALL_END,   /* (w) whoever is still in leaves with CV_STORE_LEFT_ENDED;
                            CV_ERR_NOT_FOUND: none such is live */
    CV_STORE_CALL_LOAD,  /* [live] every call without end, with its meeting and who is in it */
    CV_STORE_PARTICIPANT_ENTER,  /* (w) CV_ERR_NOT_FOUND: no such live call; CV_ERR_EXISTS */
    CV_STORE_PARTICIPANT_UPDATE, /* (w) CV_ERR_NOT_FOUND: unknown or left */
    CV_STORE_PARTICIPANT_RESUME, /* (w) sets both resume hashes; CV_ERR_NOT_FOUND likewise */
    CV_STORE_PARTICIPANT_LEAVE,  /* (w) CV_ERR_NOT_FOUND likewise */
    CV_STORE_CONNECTION_ADD,     /* (w) CV_ERR_NOT_FOUND: either is unknown */
    CV_STORE_STATISTICS_SET,     /* (w) also after they left; CV_ERR_NOT_FOUND */
    CV_STORE_RECORD_LIST, /* [records] newest first, live ones too; CV_ERR_SYNTAX like MEETING_LIST
                           */

    /* --- retention --- */
    CV_STORE_RECORD_PURGE, /* (w) [count] ended calls, and stays within live ones, that ended
                              before before_us; the bytes go as by MEETING_DELETE */
    CV_STORE_RECORD_TRIM,  /* (w) [count] the `count` oldest ended calls; gives the space back */
    CV_STORE_EXPIRE,       /* (w) [count] sessions, set-up tokens, idempotency keys and blocks that
                              expired at now_us */

    /*
     * (w) To be put first in the batch that answers a request with an idempotency key. New key (or
     * expired at created_at_us): it is kept with the answer, and the batch goes on. Known key:
     * CV_ERR_EXISTS, so nothing of the batch happens, and [idempotency] is the first request and
     * its answer. The answer may hold a link's URL only sealed, for instance under a key derived
     * from the idempotency key, which the store does not know.
     */
    CV_STORE_IDEMPOTENCY_CLAIM,

    CV_STORE_OP_KINDS, /* one past the last */
};

struct cv_store_op {
    enum cv_store_op_kind kind;
    union {
        struct cv_store_user user_create;
        struct {
            struct cv_slice id;
        } user_get;
        struct {
            struct cv_slice email;
        } user_by_email;
        struct {
            struct cv_slice cursor; /* absent: the first page */
            int32_t limit;          /* 1 to CV_STORE_PAGE_MAX */
        } user_list;
        struct {
            struct cv_slice id;
            struct cv_slice password_hash;
        } user_set_password;
        struct {
            struct cv_slice id;
        } user_delete;

        struct {
            struct cv_slice token_hash;
            int64_t created_at_us;
            int64_t expires_at_us; /* absent: never */
        } setup_put;
        struct {
            struct cv_slice token_hash;
            int64_t now_us;
        } setup_check;
        struct {
            struct cv_slice token_hash;
            int64_t now_us;
            struct cv_store_user user; /* role CV_STORE_ACCOUNT_ADMIN */
        } setup_finish;

        struct cv_store_session session_create;
        struct {
            struct cv_slice token_hash;
            int64_t now_us;
        } session_find;
        struct {
            struct cv_slice token_hash;
            int64_t seen_at_us;
        } session_touch;
        struct {
            struct cv_slice token_hash;
        } session_delete;
        struct {
            struct cv_slice user_id;
            struct cv_slice except_hash;
        } session_delete_all;

        struct cv_store_meeting meeting_create;
        struct {
            struct cv_slice id;
        } meeting_get;
        struct {
            struct cv_slice id;
            struct cv_slice title;
            int64_t starts_at_us;
            int32_t duration_minutes;
            struct cv_slice time_zone;
            int64_t opens_at_us;
            int64_t closes_at_us;
            bool lobby;
            enum cv_store_topology topology;
        } meeting_update;
        struct {
            struct cv_slice owner_id;
            enum cv_store_when when;
            int64_t now_us;
            struct cv_slice cursor;
            int32_t limit;
        } meeting_list;
        struct {
            struct cv_slice id;
            bool locked;
        } meeting_set_locked;
        struct {
            struct cv_slice id;
            bool lobby;
        } meeting_set_lobby;
        struct {
            struct cv_slice id;
            int64_t ended_at_us;
        } meeting_end;
        struct {
            struct cv_slice id;
        } meeting_delete;
        struct {
            int64_t now_us;
        } meeting_purge;

        struct cv_store_link link_create;
        struct {
            struct cv_slice secret_hash;
        } link_resolve;
        struct {
            struct cv_slice meeting_id;
        } link_list;
        struct {
            struct cv_slice meeting_id;
            struct cv_slice id;
            int64_t revoked_at_us;
        } link_revoke;
        struct {
            struct cv_slice id;
            int64_t used_at_us;
        } link_touch;
        struct cv_store_block block_add;
        struct {
            struct cv_slice meeting_id;
            int64_t now_us;
        } block_list;

        struct cv_store_call call_start;
        struct {
            struct cv_slice id;
            int64_t ended_at_us;
        } call_end;
        struct cv_store_participant participant_enter;
        struct {
            struct cv_slice id;
            struct cv_slice name;
            enum cv_store_role role;
            enum cv_store_presence presence;
            bool hand;
            int64_t joined_at_us;
        } participant_update;
        struct {
            struct cv_slice id;
            struct cv_slice resume_hash;
            struct cv_slice resume_old_hash;
        } participant_resume;
        struct {
            struct cv_slice id;
            int64_t left_at_us;
            enum cv_store_left left_reason;
        } participant_leave;
        struct cv_store_connection connection_add;
        struct {
            struct cv_slice participant_id;
            struct cv_slice statistics;
        } statistics_set;
        struct {
            struct cv_slice meeting_id; /* absent: of all meetings */
            struct cv_slice owner_id;   /* absent: of all owners */
            int64_t from_us;            /* started at or after; absent: any */
            int64_t until_us;           /* started before; absent: any */
            struct cv_slice cursor;
            int32_t limit;
        } record_list;

        struct {
            int64_t before_us;
        } record_purge;
        struct {
            int32_t count;
        } record_trim;
        struct {
            int64_t now_us;
        } expire;

        struct {
            struct cv_slice owner_id; /* whose key it is; absent: nobody's account */
            struct cv_slice key_hash;
            struct cv_slice request_hash; /* to tell another request with the same key */
            struct cv_slice answer;       /* opaque bytes */
            int64_t created_at_us;
            int64_t expires_at_us;
        } idempotency_claim;
    };
};

/* Which member counts follows from the operation's kind; see enum cv_store_op_kind. */
struct cv_store_result {
    union {
        struct cv_store_user user;
        struct {
            const struct cv_store_user *items;
            size_t count;
            struct cv_slice next; /* cursor of the next page; absent on the last */
        } users;
        struct {
            int64_t users; /* admins included */
            int64_t admins;
        } user_count;
        struct {
            struct cv_store_session session;
            struct cv_store_user user;
        } session;
        struct cv_store_meeting meeting;
        struct {
            const struct cv_store_meeting *items;
            size_t count;
            struct cv_slice next;
        } meetings;
        struct {
            struct cv_store_link link;
            struct cv_store_meeting meeting;
        } link;
        struct {
            const struct cv_store_link *items;
            size_t count;
        } links;
        struct {
            const struct cv_store_block *items;
            size_t count;
        } blocks;
        struct {
            const struct cv_store_live *items;
            size_t count;
        } live;
        struct {
            const struct cv_store_record *items;
            size_t count;
            struct cv_slice next;
        } records;
        struct {
            struct cv_slice request_hash;
            struct cv_slice answer;
        } idempotency;
        int64_t count; /* how many were deleted */
    };
};

/* What lies behind CV_ERR_STORE, for the log, the metrics and the answer to the user. */
enum cv_store_fault {
    CV_STORE_FAULT_NONE = 0,
    CV_STORE_FAULT_BUSY = 1,      /* another process held the database for too long; try again */
    CV_STORE_FAULT_DISK_FULL = 2, /* no room; deleting records helps */
    CV_STORE_FAULT_IO = 3,        /* the disk or its permissions */
    CV_STORE_FAULT_CORRUPT = 4,   /* the file is damaged: restore a backup */
    CV_STORE_FAULT_OTHER = 5,
};

struct cv_store_answer;
typedef void cv_store_done_fn(void *context, const struct cv_store_answer *answer);

struct cv_store_answer {
    struct cv_list queue_item; /* for the poster */
    enum cv_err err;           /* of the operation that failed; nothing of the batch happened */
    size_t failed;             /* its index, when err is not 0 */
    enum cv_store_fault fault; /* with CV_ERR_STORE */
    const char *message;       /* with `fault`: for the log, without personal data; else NULL */
    size_t count;              /* operations in the batch */
    /*
     * `count` of them, valid when err is 0; with CV_ERR_EXISTS from CV_STORE_IDEMPOTENCY_CLAIM
     * results[failed].idempotency is valid.
     */
    const struct cv_store_result *results;
    cv_store_done_fn *done;
    void *context;
    void (*release)(struct cv_store_answer *answer);
};

/* Takes a finished answer over, on whatever thread; must not run `done` itself. */
struct cv_store_poster {
    void (*post)(void *context, struct cv_store_answer *answer);
    void *context;
};

struct cv_store_stats {
    uint64_t batches;          /* answered, failed ones included */
    uint64_t failed;           /* answered with CV_ERR_STORE or CV_ERR_MEMORY */
    uint64_t commits;          /* each one fsync for all the batches in it */
    uint32_t queued;           /* waiting now */
    enum cv_store_fault fault; /* of the last batch; none once one has succeeded again */
};

struct cv_store;
struct cv_store_interface {
    enum cv_err (*submit)(struct cv_store *store, const struct cv_store_op *ops, size_t count,
                          cv_store_done_fn *done, void *context,
                          struct cv_store_answer **ret_answer);
    void (*stats)(struct cv_store *store, struct cv_store_stats *ret_stats);
    struct cv_store *(*close)(struct cv_store *store);
};

/* An implementation embeds this as its first member. */
struct cv_store {
    const struct cv_store_interface *interface;
};

/*
 * Accepts a batch: `done(context, answer)` runs exactly once, in cv_store_deliver. `done` may be
 * NULL. `ret_answer`, when not NULL, is for cv_store_forget.
 * CV_ERR_FULL: too much is waiting, come back later. CV_ERR_LIMIT: over CV_STORE_BATCH_MAX (or
 * none). CV_ERR_RANGE and CV_ERR_SYNTAX: see above. CV_ERR_MEMORY.
 */
static inline enum cv_err cv_store_submit(struct cv_store *store, const struct cv_store_op *ops,
                                          size_t count, cv_store_done_fn *done, void *context,
                                          struct cv_store_answer **ret_answer) {
    return store->interface->submit(store, ops, count, done, context, ret_answer);
}

/* The caller's context goes away before the answer: the batch goes on, `done` is not called. */
static inline void cv_store_forget(struct cv_store_answer *answer) {
    answer->done = NULL;
}

/* Runs `done` and frees the answer: called by the loop with what was posted to it. */
static inline void cv_store_deliver(struct cv_store_answer *answer) {
    if (answer->done)
        answer->done(answer->context, answer);
    answer->release(answer);
}

static inline void cv_store_stats(struct cv_store *store, struct cv_store_stats *ret_stats) {
    store->interface->stats(store, ret_stats);
}

/*
 * Carries out and posts all that was accepted, then frees the store. Answers that were posted are
 * the poster's still, and remain valid until delivered. Takes NULL; returns NULL.
 */
static inline struct cv_store *cv_store_close(struct cv_store *store) {
    return store ? store->interface->close(store) : NULL;
}

#endif
