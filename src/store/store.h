/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two stores behind port/store.h. Only the application includes this; all others know the port.
 */
#ifndef CV_STORE_STORE_H
#define CV_STORE_STORE_H

#include "port/store.h"

/* What cv_store_sqlite_open needs; zero-initialised members take the default said. */
struct cv_store_sqlite_config {
    const char *folder; /* the data folder; made with mode 0700 when it is not there */
    struct cv_store_poster poster;
    int64_t now_us;           /* wall clock at the start, for the names and the age of backups */
    uint32_t queue_max;       /* batches waiting; 0: 4096 */
    uint32_t queue_max_bytes; /* 0: 16 MiB */
    uint32_t busy_ms;         /* how long to wait for another process's lock; 0: 5000 */
};

enum { CV_STORE_MESSAGE_BYTES = 512 };

/*
 * Opens FOLDER/conclave.db, creates it or brings it to this program's schema (with a backup in
 * FOLDER/backups before each migration of a database that is not empty), and starts the store's
 * thread. On failure `message` is one line that says what is wrong and what to do:
 * CV_ERR_STATE: the database is newer than this program, or none of ours; CV_ERR_STORE;
 * CV_ERR_SYSTEM: the folder; CV_ERR_MEMORY.
 */
enum cv_err cv_store_sqlite_open(const struct cv_store_sqlite_config *config,
                                 struct cv_store **ret_store,
                                 char message[static CV_STORE_MESSAGE_BYTES]);

/*
 * Reads the whole database and checks it, for `conclave doctor`; may run beside the daemon.
 * CV_ERR_NOT_FOUND: there is none yet. Otherwise as cv_store_sqlite_open.
 */
enum cv_err cv_store_sqlite_check(const char *folder, char message[static CV_STORE_MESSAGE_BYTES]);

/* Keeps everything in memory: for tests. Answers are posted inside cv_store_submit. */
enum cv_err cv_store_memory_new(struct cv_store_poster poster, struct cv_store **ret_store);

#endif
