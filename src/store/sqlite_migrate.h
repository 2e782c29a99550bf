/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a database to this program's schema. */
#ifndef CV_STORE_SQLITE_MIGRATE_H
#define CV_STORE_SQLITE_MIGRATE_H

#include "store/migrations.h"
#include "store/sqlite_db.h"

struct cv_migrate {
    const char *folder; /* of the database; backups go to backups/ in it */
    int64_t now_us;     /* wall clock */
    const struct cv_migration *migrations;
    int count;
};

/*
 * Runs the migrations that the database has not seen, each in a transaction of its own and, unless
 * the database is empty, each after a backup. Another process may try the same at the same time.
 * CV_ERR_STATE: newer than the last migration, or not a database of ours; else CV_ERR_STORE,
 * CV_ERR_MEMORY, CV_ERR_SYSTEM (the backup's folder). `db->message` says what is wrong.
 */
enum cv_err cv_migrate(struct cv_db *db, const struct cv_migrate *migrate);

#endif
