/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables in memory, with undo: the base of the store for tests. Rows never change in place; a
 * change puts another row there, so undoing is putting the old one back.
 */
#ifndef CV_STORE_MEMORY_DB_H
#define CV_STORE_MEMORY_DB_H

#include "store/shape.h"

/* What the rows are. */
enum cv_table {
    CV_TABLE_USERS,        /* struct cv_store_user */
    CV_TABLE_SETUP,        /* struct cv_store_op of SETUP_PUT; at most one */
    CV_TABLE_SESSIONS,     /* struct cv_store_session */
    CV_TABLE_MEETINGS,     /* struct cv_store_meeting, the times of its session not kept */
    CV_TABLE_LINKS,        /* struct cv_store_link */
    CV_TABLE_CALLS,        /* struct cv_store_record, without what belongs to it */
    CV_TABLE_PARTICIPANTS, /* struct cv_stay */
    CV_TABLE_BLOCKS,       /* struct cv_memory_block */
    CV_TABLE_MODES,        /* struct cv_memory_mode, oldest first */
    CV_TABLE_CONNECTIONS,  /* struct cv_connection_record, oldest first */
    CV_TABLE_STATS,        /* struct cv_stats_record */
    CV_TABLE_KEYS,         /* struct cv_store_op of IDEMPOTENCY_CLAIM */
    CV_TABLE_COUNT
};

struct cv_memory_block {
    struct cv_id meeting;
    struct cv_block_record record;
};

struct cv_memory_mode {
    struct cv_id meeting;
    struct cv_mode_record record;
};

struct cv_memory_row;
struct cv_memory_change;

struct cv_memory_table {
    struct cv_memory_row **rows; /* in the order of their insertion */
    size_t count;
    size_t capacity;
};

/* Zero-initialised is valid and empty. */
struct cv_memory_db {
    struct cv_memory_table tables[CV_TABLE_COUNT];
    struct cv_memory_change *changes; /* since the last commit */
    size_t change_count;
    size_t change_capacity;
};

void cv_memory_release(struct cv_memory_db *db);
void cv_memory_commit(struct cv_memory_db *db);
void cv_memory_undo(struct cv_memory_db *db);

/* The row at `index`, or NULL past the end. Lives until it is replaced and that is committed. */
const void *cv_memory_row(const struct cv_memory_db *db, enum cv_table table, size_t index);

/* All copy the value. CV_ERR_MEMORY changes nothing. */
enum cv_err cv_memory_insert(struct cv_memory_db *db, enum cv_table table, const void *value);
enum cv_err cv_memory_replace(struct cv_memory_db *db, enum cv_table table, size_t index,
                              const void *value);
enum cv_err cv_memory_delete(struct cv_memory_db *db, enum cv_table table, size_t index);

/* Deletes the rows that match; adds to *count, when not NULL, how many there were. */
typedef bool cv_memory_match_fn(const void *row, const void *wanted);
enum cv_err cv_memory_delete_all(struct cv_memory_db *db, enum cv_table table,
                                 cv_memory_match_fn *match, const void *wanted, int64_t *count);
/* The index of the first row that matches, or SIZE_MAX. */
size_t cv_memory_find(const struct cv_memory_db *db, enum cv_table table, cv_memory_match_fn *match,
                      const void *wanted);

#endif
