/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of the database, made before a migration changes it. */
#ifndef CV_STORE_BACKUP_H
#define CV_STORE_BACKUP_H

#include "store/sqlite_db.h"

enum { CV_BACKUPS_KEPT = 3 };

/*
 * Writes FOLDER/backups/conclave-vVERSION-TIME.db (mode 0600), whole and durable or not at all, and
 * then prunes. CV_ERR_SYSTEM, CV_ERR_STORE, CV_ERR_MEMORY, with db->message.
 */
enum cv_err cv_backup(struct cv_db *db, const char *folder, int version, int64_t now_us);

/*
 * Deletes backups older than CV_STORE_BACKUP_KEEP_US at now_us, and of the others all but the
 * newest CV_BACKUPS_KEPT. Files that are no backups stay. Failing is harmless: it is tried again.
 */
void cv_backups_prune(const char *folder, int64_t now_us);

#endif
