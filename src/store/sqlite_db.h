/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to SQLite, and statements whose parameters and columns are fields of shapes
 * (shape.h). Used by one thread at a time. Knows nothing of operations, queues or migrations.
 */
#ifndef CV_STORE_SQLITE_DB_H
#define CV_STORE_SQLITE_DB_H

#include "store/shape.h"

#include <sqlite3.h>

enum { CV_DB_MESSAGE_BYTES = 192 };

struct cv_db {
    sqlite3 *handle;
    int busy_ms;               /* how long to wait for another process's lock */
    enum cv_store_fault fault; /* of the last failure */
    char message[CV_DB_MESSAGE_BYTES];
};

/*
 * Opens an existing file and sets the connection up: WAL, durable commits, foreign keys, secure
 * deletion, a small cache. busy_ms 0: 5000. CV_ERR_STORE or CV_ERR_MEMORY, with fault and message.
 */
enum cv_err cv_db_open(struct cv_db *db, const char *path, int busy_ms);
void cv_db_close(struct cv_db *db);

/* Notes the failure `rc` of a call on this connection and returns the error that stands for it. */
enum cv_err cv_db_fail(struct cv_db *db, int rc);

/* Runs SQL without parameters, results dropped. */
enum cv_err cv_db_exec(struct cv_db *db, const char *sql);
/* The first column of the first row, as a number; CV_ERR_NOT_FOUND without a row. */
enum cv_err cv_db_number(struct cv_db *db, const char *sql, int64_t *ret_number);

/* Everything in the WAL goes into the database, and the WAL becomes empty. Fault BUSY: later. */
enum cv_err cv_db_truncate_wal(struct cv_db *db);

struct cv_statement;

/* Where the values of parameters are: each name is looked for in the second shape, then the first.
 */
struct cv_sources {
    const struct cv_shape *shapes[2]; /* either may be NULL */
};

/*
 * Prepares one statement to be kept. Every parameter must be found in `sources` and every column in
 * `row` (NULL: columns don't matter); else CV_ERR_INTERNAL.
 */
enum cv_err cv_statement_new(struct cv_db *db, const char *sql, const struct cv_sources *sources,
                             const struct cv_shape *row, struct cv_statement **ret_statement);
struct cv_statement *cv_statement_free(struct cv_statement *statement);

/* Binds from the structs that `sources` describes; they must live until cv_statement_done. */
enum cv_err cv_statement_bind(struct cv_db *db, struct cv_statement *statement,
                              const void *const bases[2]);
/* *ret_row: there is a (further) row. */
enum cv_err cv_statement_step(struct cv_db *db, struct cv_statement *statement, bool *ret_row);
/* Reads the present row into a zeroed struct; texts go into the arena. */
enum cv_err cv_statement_read(struct cv_db *db, struct cv_statement *statement, void *row,
                              struct cv_arena *arena);
/* Lets go of what was bound and of the locks. Always after bind. */
void cv_statement_done(struct cv_statement *statement);

#endif
