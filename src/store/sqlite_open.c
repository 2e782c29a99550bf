/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_open.h"

#include "store/backup.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum cv_err say_errno(struct cv_db *db, const char *what) {
    snprintf(db->message, sizeof db->message, "can't %s: %s", what, strerror(errno));
    return CV_ERR_SYSTEM;
}

static enum cv_err prepare_folder(struct cv_db *db, const char *folder) {
    struct stat st;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return say_errno(db, "make the data folder");
    if (stat(folder, &st) < 0)
        return say_errno(db, "use the data folder");
    /* Who may write here can put another database in place of ours. */
    if (S_ISDIR(st.st_mode) && !(st.st_mode & (S_IWGRP | S_IWOTH)))
        return CV_OK;
    snprintf(db->message, sizeof db->message,
             S_ISDIR(st.st_mode) ? "others may write into the data folder: set its mode to 0700"
                                 : "the data folder is not a folder");
    return CV_ERR_SYSTEM;
}

/* SQLite gives the files beside it (-wal, -shm) the mode of this one. */
static enum cv_err prepare_file(struct cv_db *db, const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return say_errno(db, "open the database");
    struct stat st;
    enum cv_err err = CV_OK;
    if (fstat(fd, &st) < 0 || ((st.st_mode & 077) && fchmod(fd, 0600) < 0))
        err = say_errno(db, "keep the database from others (mode 0600)");
    close(fd);
    return err;
}

static enum cv_err file_path(struct cv_db *db, const char *folder, char path[static PATH_MAX]) {
    if ((size_t)snprintf(path, PATH_MAX, "%s/conclave.db", folder) < PATH_MAX)
        return CV_OK;
    errno = ENAMETOOLONG;
    return say_errno(db, "use the data folder");
}

enum cv_err cv_sqlite_open(struct cv_db *db, const struct cv_migrate *migrate, int busy_ms) {
    char path[PATH_MAX];
    *db = (struct cv_db){.fault = CV_STORE_FAULT_NONE};
    enum cv_err err = file_path(db, migrate->folder, path);
    if (!err)
        err = prepare_folder(db, migrate->folder);
    if (!err)
        err = prepare_file(db, path);
    if (!err)
        err = cv_db_open(db, path, busy_ms);
    if (err)
        return err;
    err = cv_migrate(db, migrate);
    if (err) {
        cv_db_close(db);
        return err;
    }
    /* A crash may have come between a deletion and this. Busy: whoever reads does it later. */
    cv_db_truncate_wal(db);
    cv_backups_prune(migrate->folder, migrate->now_us);
    return CV_OK;
}

static int first_line(void *context, int count, char **values, char **names) {
    struct cv_db *db = context;
    if (db->message[0] == '\0')
        snprintf(db->message, sizeof db->message, "%s", values[0] ? values[0] : "");
    return 0;
}

/* SQLite's own check says "ok", or what is wrong; foreign keys are checked apart. */
static enum cv_err check_content(struct cv_db *db) {
    int64_t orphans = 0;
    db->message[0] = '\0';
    int rc = sqlite3_exec(db->handle, "PRAGMA integrity_check(1)", first_line, db, NULL);
    if (rc != SQLITE_OK)
        return cv_db_fail(db, sqlite3_extended_errcode(db->handle));
    if (strcmp(db->message, "ok") != 0)
        return cv_db_fail(db, SQLITE_CORRUPT);
    db->message[0] = '\0';
    enum cv_err err = cv_db_number(db, "SELECT count(*) FROM pragma_foreign_key_check", &orphans);
    return !err && orphans > 0 ? cv_db_fail(db, SQLITE_CORRUPT) : err;
}

enum cv_err cv_store_sqlite_check(const char *folder, char message[static CV_STORE_MESSAGE_BYTES]) {
    char path[PATH_MAX];
    struct cv_db db = {.fault = CV_STORE_FAULT_NONE};
    enum cv_err err = file_path(&db, folder, path);
    if (!err && access(path, F_OK) < 0)
        err = errno == ENOENT ? CV_ERR_NOT_FOUND : say_errno(&db, "open the database");
    if (!err)
        err = cv_db_open(&db, path, 0);
    if (!err) {
        err = check_content(&db);
        cv_db_close(&db);
    }
    snprintf(message, CV_STORE_MESSAGE_BYTES, "%s",
             err == CV_ERR_NOT_FOUND ? "there is no database" : db.message);
    return err;
}
