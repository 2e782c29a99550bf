/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_db.h"

#include "store/scrub.h"

#include <errno.h>
#include <stdio.h>

enum { BUSY_TIMEOUT_MS = 5000, CHECKPOINT_TIMEOUT_MS = 50, VALUE_MAX_BYTES = 1 << 20 };

/*
 * secure_delete overwrites what is deleted; synchronous=FULL makes every commit survive a power
 * cut; auto_vacuum lets pages go back to the file system (it must come before the first table).
 */
static const char *const setup[] = {
    "PRAGMA cache_size = -512",         "PRAGMA mmap_size = 0",
    "PRAGMA temp_store = MEMORY",       "PRAGMA secure_delete = ON",
    "PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",        "PRAGMA journal_size_limit = 1048576",
    "PRAGMA foreign_keys = ON",         "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",      "PRAGMA max_page_count = 33554431", /* CV_SCRUB_PAGES_MAX */
};

static enum cv_store_fault fault_of(struct cv_db *db, int rc) {
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return CV_STORE_FAULT_BUSY;
    case SQLITE_FULL:
        return CV_STORE_FAULT_DISK_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return CV_STORE_FAULT_CORRUPT;
    case SQLITE_IOERR: {
        /* At a commit SQLite forgets to note it, and it is where the failed call left it. */
        int system = db->handle ? sqlite3_system_errno(db->handle) : 0;
        if (system == 0)
            system = errno;
        bool full = system == ENOSPC || system == EDQUOT || system == EFBIG;
        return full ? CV_STORE_FAULT_DISK_FULL : CV_STORE_FAULT_IO;
    }
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
        return CV_STORE_FAULT_IO;
    default:
        return CV_STORE_FAULT_OTHER;
    }
}

static const char *fault_text(enum cv_store_fault fault) {
    switch (fault) {
    case CV_STORE_FAULT_BUSY:
        return "another process holds the database";
    case CV_STORE_FAULT_DISK_FULL:
        return "the disk is full";
    case CV_STORE_FAULT_IO:
        return "the disk can't be read or written";
    case CV_STORE_FAULT_CORRUPT:
        return "the database is damaged";
    case CV_STORE_FAULT_NONE:
    case CV_STORE_FAULT_OTHER:
        break;
    }
    return "the database failed";
}

enum cv_err cv_db_fail(struct cv_db *db, int rc) {
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return CV_ERR_EXISTS;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return CV_ERR_NOT_FOUND;
    default:
        break;
    }
    db->fault = CV_STORE_FAULT_NONE;
    db->message[0] = '\0';
    if ((rc & 0xff) == SQLITE_NOMEM)
        return CV_ERR_MEMORY;
    db->fault = fault_of(db, rc);
    /* sqlite3_errstr names the kind of error and never a value. */
    snprintf(db->message, sizeof db->message, "%s (SQLite %d: %s)", fault_text(db->fault), rc,
             sqlite3_errstr(rc));
    return CV_ERR_STORE;
}

enum cv_err cv_db_exec(struct cv_db *db, const char *sql) {
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CV_OK : cv_db_fail(db, sqlite3_extended_errcode(db->handle));
}

enum cv_err cv_db_number(struct cv_db *db, const char *sql, int64_t *ret_number) {
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    enum cv_err err = CV_OK;
    if (rc == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(stmt, 0);
    else
        err = rc == SQLITE_DONE ? CV_ERR_NOT_FOUND : cv_db_fail(db, rc);
    sqlite3_finalize(stmt);
    return err;
}

enum cv_err cv_db_truncate_wal(struct cv_db *db) {
    sqlite3_busy_timeout(db->handle, CHECKPOINT_TIMEOUT_MS);
    int rc = sqlite3_wal_checkpoint_v2(db->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(db->handle, db->busy_ms);
    return rc == SQLITE_OK ? CV_OK : cv_db_fail(db, rc);
}

static int check_wal(void *context, int count, char **values, char **names) {
    return count == 1 && values[0] && strcmp(values[0], "wal") == 0 ? 0 : 1;
}

static int configure(sqlite3 *handle) {
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, VALUE_MAX_BYTES);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    int rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof setup / sizeof *setup; i++)
        rc = sqlite3_exec(handle, setup[i], NULL, NULL, NULL);
    /* A file system without shared memory says "delete" here instead of an error. */
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, "PRAGMA journal_mode = WAL", check_wal, NULL, NULL);
    if (rc == SQLITE_ABORT)
        return SQLITE_PROTOCOL;
    return rc == SQLITE_OK ? rc : sqlite3_extended_errcode(handle);
}

enum cv_err cv_db_open(struct cv_db *db, const char *path, int busy_ms) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    *db = (struct cv_db){.busy_ms = busy_ms ? busy_ms : BUSY_TIMEOUT_MS};
    const char *vfs = cv_scrub_vfs();
    int rc = vfs ? sqlite3_open_v2(path, &db->handle, flags, vfs) : SQLITE_NOMEM;
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db->handle, db->busy_ms);
    if (rc == SQLITE_OK)
        rc = configure(db->handle);
    if (rc == SQLITE_OK)
        return CV_OK;
    enum cv_err err = cv_db_fail(db, rc);
    cv_db_close(db);
    return err;
}

void cv_db_close(struct cv_db *db) {
    sqlite3_close_v2(db->handle);
    db->handle = NULL;
}
