/* SPDX-License-Identifier: Apache-2.0 */
/* The data folder and the file in it, up to a connection that is ready for operations. */
#ifndef CV_STORE_SQLITE_OPEN_H
#define CV_STORE_SQLITE_OPEN_H

#include "store/sqlite_migrate.h"

/*
 * Makes the folder (0700) and the file (0600) where they are missing, opens the database and brings
 * it to the schema of `migrate`. Errors as cv_store_sqlite_open, with db->message.
 */
enum cv_err cv_sqlite_open(struct cv_db *db, const struct cv_migrate *migrate, int busy_ms);

#endif
