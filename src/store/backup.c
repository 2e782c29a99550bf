/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backup.h"

#include "store/scrub.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TIME_CHARS = 16 /* 20261122T010700Z */, NAME_BYTES = 64, PAGES_AT_A_TIME = 256 };

static enum cv_err say_errno(struct cv_db *db, const char *what) {
    snprintf(db->message, sizeof db->message, "can't %s: %s", what, strerror(errno));
    return CV_ERR_SYSTEM;
}

static enum cv_err copy_pages(struct cv_db *db, const char *path) {
    sqlite3 *copy = NULL;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(path, &copy, flags, cv_scrub_vfs());
    /* The copy is one file, whole when it is renamed: it needs no journal of its own. */
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy, "PRAGMA journal_mode = OFF", NULL, NULL, NULL);
    sqlite3_backup *backup =
        rc == SQLITE_OK ? sqlite3_backup_init(copy, "main", db->handle, "main") : NULL;
    if (backup) {
        do
            rc = sqlite3_backup_step(backup, PAGES_AT_A_TIME);
        while (rc == SQLITE_OK);
        rc = sqlite3_backup_finish(backup);
    } else if (rc == SQLITE_OK) {
        rc = sqlite3_extended_errcode(copy);
    }
    sqlite3_close_v2(copy);
    return rc == SQLITE_OK ? CV_OK : cv_db_fail(db, rc);
}

static enum cv_err sync_path(struct cv_db *db, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    enum cv_err err = good ? CV_OK : say_errno(db, "write a backup");
    if (fd >= 0)
        close(fd);
    return err;
}

/* Made empty first, so that it never has any other mode. */
static enum cv_err create_file(struct cv_db *db, const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return say_errno(db, "write a backup");
    close(fd);
    return CV_OK;
}

static void format_name(char name[static NAME_BYTES], int version, int64_t now_us) {
    time_t seconds = (time_t)(now_us / CV_US_PER_S);
    struct tm utc;
    char text[TIME_CHARS + 1] = "19700101T000000Z";
    if (gmtime_r(&seconds, &utc))
        strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(name, NAME_BYTES, "conclave-v%04d-%s.db", version, text);
}

enum cv_err cv_backup(struct cv_db *db, const char *folder, int version, int64_t now_us) {
    char backups[PATH_MAX - NAME_BYTES], name[NAME_BYTES], path[PATH_MAX], part[PATH_MAX + 8];
    if ((size_t)snprintf(backups, sizeof backups, "%s/backups", folder) >= sizeof backups) {
        errno = ENAMETOOLONG;
        return say_errno(db, "make the folder for backups");
    }
    if (mkdir(backups, 0700) < 0 && errno != EEXIST)
        return say_errno(db, "make the folder for backups");
    format_name(name, version, now_us);
    snprintf(path, sizeof path, "%s/%s", backups, name);
    snprintf(part, sizeof part, "%s.part", path);

    enum cv_err err = create_file(db, part);
    if (!err)
        err = copy_pages(db, part);
    if (!err)
        err = sync_path(db, part);
    if (!err && rename(part, path) < 0)
        err = say_errno(db, "name a backup");
    if (!err)
        err = sync_path(db, backups);
    if (err)
        unlink(part);
    else
        cv_backups_prune(folder, now_us);
    return err;
}

/* When a backup was made, by its name: 0 for one that was never finished, -1 for other files. */
static int64_t made_at_us(const char *name) {
    struct tm utc = {0};
    int read = 0; /* how far the name is that of a backup */
    sscanf(name, "conclave-v%*4d-%n", &read);
    if (read == 0)
        return -1;
    const char *end = strptime(name + read, "%Y%m%dT%H%M%SZ", &utc);
    if (end && strcmp(end, ".db.part") == 0)
        return 0;
    return end && strcmp(end, ".db") == 0 ? (int64_t)timegm(&utc) * CV_US_PER_S : -1;
}

static int is_backup(const struct dirent *entry) {
    return made_at_us(entry->d_name) >= 0;
}

static int newest_first(const struct dirent **a, const struct dirent **b) {
    int64_t left = made_at_us((*a)->d_name), right = made_at_us((*b)->d_name);
    if (left != right)
        return left < right ? 1 : -1;
    return strcmp((*b)->d_name, (*a)->d_name);
}

void cv_backups_prune(const char *folder, int64_t now_us) {
    char path[PATH_MAX];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s/backups", folder);
    int count = scandir(path, &entries, is_backup, newest_first);
    for (int i = 0; i < count; i++) {
        bool old = made_at_us(entries[i]->d_name) < now_us - CV_STORE_BACKUP_KEEP_US;
        int length = snprintf(path, sizeof path, "%s/backups/%s", folder, entries[i]->d_name);
        if ((old || i >= CV_BACKUPS_KEPT) && (size_t)length < sizeof path)
            unlink(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}
