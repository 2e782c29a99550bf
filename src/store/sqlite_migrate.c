/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_migrate.h"

#include "store/backup.h"

#include <stdio.h>

/* "Cnv1" in the header of the file says whose database it is. */
enum { APPLICATION_ID = 0x436e7631 };

static enum cv_err say(struct cv_db *db, enum cv_err err, const char *text) {
    snprintf(db->message, sizeof db->message, "%s", text);
    return err;
}

static enum cv_err check_ours(struct cv_db *db, int64_t version) {
    int64_t id = 0, tables = 0;
    enum cv_err err = cv_db_number(db, "PRAGMA application_id", &id);
    if (!err)
        err = cv_db_number(db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (err)
        return err;
    bool fresh = id == 0 && version == 0 && tables == 0;
    if (id != APPLICATION_ID && !fresh)
        return say(db, CV_ERR_STATE, "this is not a Conclave database");
    return CV_OK;
}

static enum cv_err read_version(struct cv_db *db, int count, int64_t *ret_version) {
    int64_t version;
    enum cv_err err = cv_db_number(db, "PRAGMA user_version", &version);
    if (!err)
        err = check_ours(db, version);
    if (err)
        return err;
    if (version > count) {
        snprintf(db->message, sizeof db->message,
                 "the database has version %lld and this program knows %d: install the newer "
                 "program, or restore the backup made before the upgrade",
                 (long long)version, count);
        return CV_ERR_STATE;
    }
    *ret_version = version;
    return CV_OK;
}

/* Inside a transaction. */
static enum cv_err run_migration(struct cv_db *db, const struct cv_migration *migration,
                                 int64_t version) {
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %lld;",
             APPLICATION_ID, (long long)version + 1);
    enum cv_err err = cv_db_exec(db, migration->sql);
    if (err) {
        char problem[sizeof db->message];
        memcpy(problem, db->message, sizeof problem);
        snprintf(db->message, sizeof db->message, "migration %s: %s", migration->name, problem);
        return err;
    }
    return cv_db_exec(db, sql);
}

/* One step, unless another process has taken it meanwhile. */
static enum cv_err migrate_one(struct cv_db *db, const struct cv_migrate *migrate,
                               int64_t version) {
    enum cv_err err = cv_db_exec(db, "BEGIN IMMEDIATE");
    if (err)
        return err;
    int64_t present;
    err = read_version(db, migrate->count, &present);
    if (!err && present == version)
        err = run_migration(db, &migrate->migrations[version], version);
    if (!err)
        err = cv_db_exec(db, "COMMIT");
    if (err)
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

enum cv_err cv_migrate(struct cv_db *db, const struct cv_migrate *migrate) {
    int64_t version;
    bool fresh = false; /* made by this very call: there is nothing to keep */
    for (;;) {
        enum cv_err err = read_version(db, migrate->count, &version);
        if (err || version == migrate->count)
            return err;
        fresh |= version == 0;
        if (!fresh)
            err = cv_backup(db, migrate->folder, (int)version, migrate->now_us);
        if (!err)
            err = migrate_one(db, migrate, version);
        if (err)
            return err;
    }
}
