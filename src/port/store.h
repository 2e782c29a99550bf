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
 *         {.kind = CV_STORE_MEETING_CREATE, .meeting_create = {.record = record, ...}},
 *         {.kind = CV_STORE_LINK_CREATE, .link_create = {...}},
 *     };
 *     err = cv_store_submit(store, ops, 2, on_created, request);
 *
 * Ownership: the store copies what `ops` points to before cv_store_submit returns. Everything that
 * an answer points to belongs to the answer and is gone when `done` returns.
 *
 * Secrets: the store never sees a token. A *hash* below is CV_STORE_HASH_BYTES of keyed hash
 * (HMAC-SHA-256 under a key that the application keeps outside the database).
 *
 * Meetings, participants, connections and statistics are the records of meeting/record.h: an effect
 * of a meeting that saves something is one operation here, and what the store gives back is what
 * cv_meeting_restore takes.
 *
 * Conventions, for inputs and results alike:
 * - An absent text or blob is the empty slice; an absent time is 0. Texts are valid UTF-8 without
 *   NUL; the caller has checked what people may put into them. In results a NUL follows each text.
 * - Times are wall-clock microseconds since 1970 in UTC; the store reads no clock.
 * - Ids are made by the caller, at random, and never used again. The empty id is "none".
 * - A required field that is absent, a text that is too long or an enum out of range makes
 *   cv_store_submit fail with CV_ERR_RANGE, naming nothing and changing nothing: it is the
 *   caller's bug, not the user's.
 *
 * Threads: cv_store_submit and cv_store_deliver belong to the one thread that owns
 * the store; cv_store_stats may be called on any.
 */
#ifndef CV_PORT_STORE_H
#define CV_PORT_STORE_H

#include "base/list.h"
#include "meeting/record.h"

/* Limits in bytes; characters count up to four each. */
enum {
    CV_STORE_HASH_BYTES = 32,
    CV_STORE_NAME_MAX_BYTES = CV_NAME_BYTES - 1,
    CV_STORE_EMAIL_MAX_BYTES = 254,
    CV_STORE_TIME_ZONE_MAX_BYTES = 64,
    CV_STORE_PASSWORD_HASH_MAX_BYTES = 256,
    CV_STORE_ADDRESS_MAX_BYTES = 64,
    CV_STORE_COUNTRY_MAX_BYTES = 2,
    CV_STORE_NETWORK_MAX_BYTES = 256,
    CV_STORE_ANSWER_MAX_BYTES = 8192, /* of an idempotency key */
    CV_STORE_CURSOR_MAX_BYTES = 512,
};

/* Other limits. */
enum {
    CV_STORE_LINKS_MAX = 1000,      /* of one meeting, revoked ones too; more: CV_ERR_FULL */
    CV_STORE_CONNECTIONS_MAX = 500, /* of one participant; the oldest make room */
    CV_STORE_MODES_MAX = 500,       /* of one session; likewise */
    CV_STORE_BATCH_MAX = 256,       /* operations in a batch; more: CV_ERR_LIMIT */
    CV_STORE_PAGE_MAX = 100,        /* entries in a page */
};

/* Times of last use are rounded down to this, so that they tell no exact habits. */
#define CV_STORE_COARSE_US CV_US_PER_HOUR
/* Backups made before migrations outlive deletions: for this long, at most. */
#define CV_STORE_BACKUP_KEEP_US (7 * CV_US_PER_DAY)

enum cv_store_account_role {
    CV_STORE_ACCOUNT_USER,
    CV_STORE_ACCOUNT_ADMIN,
    CV_STORE_ACCOUNT_ROLE_COUNT
};
enum cv_store_when {
    CV_STORE_WHEN_UPCOMING,
    CV_STORE_WHEN_PAST,
    CV_STORE_WHEN_ROOMS,
    CV_STORE_WHEN_COUNT
};

struct cv_store_user {
    struct cv_id id;
    struct cv_slice name;
    struct cv_slice email; /* as written; unique without regard to the case of ASCII letters */
    enum cv_store_account_role role;
    struct cv_slice password_hash; /* argon2id string */
    int64_t created_at_us;
};

/* A browser that is signed in. */
struct cv_store_session {
    struct cv_slice token_hash;
    struct cv_id user;
    int64_t created_at_us;
    int64_t expires_at_us;
    int64_t seen_at_us; /* coarse */
};

/*
 * A meeting, with the facts that the meeting itself has no use for. In results,
 * record.session_started_at_us and session_ended_at_us are those of the session record.session;
 * where the call data record of that session has been deleted both are the meeting's created_at_us,
 * so that a session which is over reads as over.
 */
struct cv_store_meeting {
    struct cv_meeting_record record; /* `owned` follows from `owner` */
    struct cv_id owner;              /* empty: an instant meeting that nobody's account made */
    struct cv_slice owner_name;      /* results only */
    struct cv_slice time_zone;       /* for showing */
    int64_t closes_at_us;            /* as by cv_policy_closes_at; CV_TIME_NEVER: never */
};

struct cv_store_link {
    struct cv_id id;
    struct cv_id meeting;
    struct cv_slice secret_hash; /* absent in results */
    enum cv_role role;
    struct cv_slice label; /* whom it is for */
    bool shared;
    int64_t created_at_us;
    int64_t revoked_at_us;
    int64_t used_at_us;    /* coarse */
    enum cv_via via;       /* not the client: a token for WHIP or WHEP */
    int64_t expires_at_us; /* absent: never; the caller looks at it */
};

/* How a participant is connected, and how they may come back. */
struct cv_store_attachment {
    struct cv_slice resume_hash;     /* of the newest resume token; gone once they have left */
    struct cv_slice resume_old_hash; /* of the one before, while that is still good */
    struct cv_slice address;         /* numeric IPv4 or IPv6 */
    struct cv_slice country;         /* ISO 3166-1 alpha-2 */
    struct cv_slice network;         /* the network's operator */
};

/* A meeting that somebody is in or waits for: what cv_meeting_restore needs after a restart. */
struct cv_store_live {
    struct cv_store_meeting meeting;
    const struct cv_participant_record *participants; /* who has not left; who came first first */
    const struct cv_store_attachment *attachments;    /* one for each of them */
    size_t participant_count;
    const struct cv_block_record *blocks;
    size_t block_count;
};

/* The call data record of one session of a meeting. */
struct cv_store_record {
    struct cv_id meeting;
    uint32_t session;
    struct cv_slice title;
    int64_t started_at_us;
    int64_t ended_at_us;                              /* 0: goes on */
    const struct cv_participant_record *participants; /* empty name: the account was deleted */
    const struct cv_store_attachment *attachments;    /* one for each; without the hashes */
    size_t participant_count;
    const struct cv_mode_record *modes; /* direct at first; changes, oldest first */
    size_t mode_count;
    const struct cv_connection_record *connections; /* of all of them, oldest first */
    size_t connection_count;
    const struct cv_stats_record *stats;
    size_t stats_count;
};

/*
 * The operations. For each: what it does, [what the result holds], and the errors besides
 * CV_ERR_STORE and CV_ERR_MEMORY, which any operation may meet. (w) marks those that write.
 */
enum cv_store_op_kind {
    /* --- accounts --- */
    CV_STORE_USER_CREATE = 1,   /* (w) CV_ERR_EXISTS: the e-mail (or id) is taken */
    CV_STORE_USER_BY_EMAIL,     /* [user] without regard to case; CV_ERR_NOT_FOUND */
    CV_STORE_USER_LIST,         /* [users] by e-mail */
    CV_STORE_USER_COUNT,        /* [user_count] */
    CV_STORE_USER_SET_PASSWORD, /* (w) CV_ERR_NOT_FOUND. Sessions stay: add SESSION_DELETE_ALL */
    /*
     * (w) With the account's sessions, idempotency keys and meetings (as by MEETING_DELETE); its
     * stays in others' meetings lose name and account. CV_ERR_NOT_FOUND; CV_ERR_STATE: it is the
     * only administrator.
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
    /*
     * (w) Everything of the record but id, kind, created_at_us and owned, and closes_at_us. With it
     * starts the call data record of a session (number higher than before) or ends it; ending
     * lifts the blocks of that session. CV_ERR_NOT_FOUND.
     */
    CV_STORE_MEETING_SAVE,
    CV_STORE_MEETING_SET_TIME_ZONE, /* (w) CV_ERR_NOT_FOUND */
    /*
     * [meetings] of one owner, a page at a time; stable: entries that come or go between two pages
     * neither repeat nor hide others. upcoming: not rooms, not over at now_us; soonest first.
     * past: not rooms, over; latest first. rooms: newest first. "Soonest" and "latest" go by
     * starts_at_us, or created_at_us where there is none. CV_ERR_SYNTAX from cv_store_submit: the
     * cursor is none of ours.
     */
    CV_STORE_MEETING_LIST,
    /*
     * (w) With its links, blocks, participants and call data records, and the idempotency keys that
     * name it. When this is answered the bytes are gone from the data folder too, except from
     * backups (see CV_STORE_EXPIRE). CV_ERR_NOT_FOUND.
     */
    CV_STORE_MEETING_DELETE,
    /*
     * (w) [count] Deletes instant meetings that are over at now_us, have no call data record and
     * nobody in or waiting, and that either nobody ever entered or nobody owns.
     */
    CV_STORE_MEETING_PURGE,
    CV_STORE_MEETING_LOAD, /* [live] every meeting that somebody is in or waits for */

    /* --- links --- */
    CV_STORE_LINK_CREATE,  /* (w) CV_ERR_NOT_FOUND: no such meeting; CV_ERR_EXISTS; CV_ERR_FULL */
    CV_STORE_LINK_RESOLVE, /* [link] and its meeting; CV_ERR_NOT_FOUND: unknown or revoked */
    CV_STORE_LINK_LIST,    /* [links] of a meeting, oldest first; empty when unknown */
    CV_STORE_LINK_REVOKE,  /* (w) CV_ERR_NOT_FOUND: not of this meeting. Twice is once */
    CV_STORE_LINK_TOUCH,   /* (w) used_at, rounded down; nothing when unknown or unchanged */

    /* --- who is and was in: recovery and call data records --- */
    /*
     * (w) The whole record, new or changed; who has left loses the resume hashes. A person who
     * left without having joined is deleted instead. CV_ERR_NOT_FOUND: no such meeting, session of
     * it, or account.
     */
    CV_STORE_PARTICIPANT_SAVE,
    CV_STORE_PARTICIPANT_RESUME,  /* (w) both resume hashes; CV_ERR_NOT_FOUND: unknown or left */
    CV_STORE_PARTICIPANT_ADDRESS, /* (w) address, country, network; CV_ERR_NOT_FOUND: unknown */
    CV_STORE_BLOCK_SAVE,          /* (w) CV_ERR_NOT_FOUND: no such meeting. Twice is once */
    CV_STORE_BLOCK_LIST,          /* [blocks] of a meeting; empty when unknown */
    CV_STORE_MODE_ADD,            /* (w) CV_ERR_NOT_FOUND: no such session */
    CV_STORE_CONNECTION_ADD,      /* (w) CV_ERR_NOT_FOUND: either participant is unknown */
    CV_STORE_STATS_SAVE,          /* (w) new or changed; CV_ERR_NOT_FOUND likewise */
    /* [records] newest first, live ones too; CV_ERR_SYNTAX like MEETING_LIST */
    CV_STORE_RECORD_LIST,

    /* --- retention --- */
    /*
     * (w) [count] Deletes the records of sessions that ended before before_us, and of all stays
     * that did. The bytes go as by MEETING_DELETE.
     */
    CV_STORE_RECORD_PURGE,
    /* (w) [count] Deletes the oldest `count` ended sessions' records; gives the space back. */
    CV_STORE_RECORD_TRIM,
    /*
     * (w) [count] Deletes sign-in sessions, set-up tokens and idempotency keys that expired at
     * now_us, and backups older than CV_STORE_BACKUP_KEEP_US. To be run at least every hour: with
     * it go the bytes of whatever else was deleted or replaced before.
     */
    CV_STORE_EXPIRE,

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
            struct cv_slice email;
        } user_by_email;
        struct {
            struct cv_slice cursor; /* absent: the first page */
            int32_t limit;          /* 1 to CV_STORE_PAGE_MAX */
        } user_list;
        struct {
            struct cv_id id;
            struct cv_slice password_hash;
        } user_set_password;
        struct {
            struct cv_id id;
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
            struct cv_id user;
            struct cv_slice except_hash;
        } session_delete_all;

        struct cv_store_meeting meeting_create;
        struct {
            struct cv_id id;
        } meeting_get;
        struct {
            struct cv_meeting_record record;
            int64_t closes_at_us;
        } meeting_save;
        struct {
            struct cv_id id;
            struct cv_slice time_zone;
        } meeting_set_time_zone;
        struct {
            struct cv_id owner;
            enum cv_store_when when;
            int64_t now_us;
            struct cv_slice cursor;
            int32_t limit;
        } meeting_list;
        struct {
            struct cv_id id;
        } meeting_delete;
        struct {
            int64_t now_us;
        } meeting_purge;

        struct cv_store_link link_create;
        struct {
            struct cv_slice secret_hash;
        } link_resolve;
        struct {
            struct cv_id meeting;
        } link_list;
        struct {
            struct cv_id meeting;
            struct cv_id id;
            int64_t revoked_at_us;
        } link_revoke;
        struct {
            struct cv_id id;
            int64_t used_at_us;
        } link_touch;

        struct {
            struct cv_id meeting;
            struct cv_participant_record record;
        } participant_save;
        struct {
            struct cv_id id;
            struct cv_slice resume_hash;
            struct cv_slice resume_old_hash;
        } participant_resume;
        struct {
            struct cv_id id;
            struct cv_slice address;
            struct cv_slice country;
            struct cv_slice network;
        } participant_address;
        struct {
            struct cv_id meeting;
            struct cv_block_record record;
        } block_save;
        struct {
            struct cv_id meeting;
        } block_list;
        struct {
            struct cv_id meeting;
            struct cv_mode_record record;
        } mode_add;
        struct cv_connection_record connection_add;
        struct cv_stats_record stats_save;
        struct {
            struct cv_id meeting;   /* empty: of all meetings */
            struct cv_id owner;     /* empty: of all owners */
            int64_t from_us;        /* started at or after; absent: any */
            int64_t until_us;       /* started before; absent: any */
            struct cv_slice cursor; /* absent: the first page */
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
            struct cv_id owner;   /* whose key it is; empty: nobody's account */
            struct cv_id meeting; /* goes when this one is deleted; empty: none */
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
            const struct cv_block_record *items;
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
    uint64_t commits;          /* transactions; the batches in one share its fsync */
    uint32_t queued;           /* waiting now */
    enum cv_store_fault fault; /* of the last batch; none once one has succeeded again */
};

struct cv_store;
struct cv_store_interface {
    enum cv_err (*submit)(struct cv_store *store, const struct cv_store_op *ops, size_t count,
                          cv_store_done_fn *done, void *context);
    void (*stats)(struct cv_store *store, struct cv_store_stats *ret_stats);
    struct cv_store *(*close)(struct cv_store *store);
};

/* An implementation embeds this as its first member. */
struct cv_store {
    const struct cv_store_interface *interface;
};

/*
 * Accepts a batch: `done(context, answer)` runs exactly once, in cv_store_deliver. `done` may be
 * NULL.
 * CV_ERR_FULL: too much is waiting, come back later. CV_ERR_LIMIT: over CV_STORE_BATCH_MAX (or
 * none). CV_ERR_RANGE and CV_ERR_SYNTAX: see above. CV_ERR_MEMORY.
 */
static inline enum cv_err cv_store_submit(struct cv_store *store, const struct cv_store_op *ops,
                                          size_t count, cv_store_done_fn *done, void *context) {
    return store->interface->submit(store, ops, count, done, context);
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
