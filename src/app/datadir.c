/* SPDX-License-Identifier: Apache-2.0 */
#include "app/datadir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_DEPTH = 4,   /* of folders in the data folder */
    LOCK_TRIES = 40, /* a daemon that was killed may take a moment to go */
    LOCK_PAUSE_NS = 50 * 1000 * 1000,
};

/*
 * Gives what root left in the folder (an earlier run, a restored backup) to the account. A file
 * with a second name is left alone: it may be a trap that leads out of the folder.
 */
static void give_away(int dir_fd, const struct cv_account *account, int depth) {
    int walk_fd = dup(dir_fd);
    DIR *dir = walk_fd >= 0 ? fdopendir(walk_fd) : NULL;
    if (!dir) {
        if (walk_fd >= 0) {
            close(walk_fd);
        }
        return;
    }
    rewinddir(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct stat st;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
            fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            continue;
        }
        bool folder = S_ISDIR(st.st_mode);
        if (st.st_uid == 0 && (folder || (S_ISREG(st.st_mode) && st.st_nlink == 1))) {
            (void)!fchownat(dir_fd, entry->d_name, account->uid, account->gid, AT_SYMLINK_NOFOLLOW);
        }
        int sub_fd =
            folder && depth < MAX_DEPTH
                ? openat(dir_fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                : -1;
        if (sub_fd >= 0) {
            give_away(sub_fd, account, depth + 1);
            close(sub_fd);
        }
    }
    closedir(dir);
}

static enum cv_err take_lock(int dir_fd, int *ret_lock_fd) {
    int fd = openat(dir_fd, CV_DATADIR_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return CV_ERR_SYSTEM;
    }
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
        if (errno != EWOULDBLOCK || i == LOCK_TRIES) {
            enum cv_err err = errno == EWOULDBLOCK ? CV_ERR_EXISTS : CV_ERR_SYSTEM;
            close(fd);
            return err;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
    }
    *ret_lock_fd = fd;
    return CV_OK;
}

/* Makes the folder and, in their absence, those above it. */
static int make_folder(const char *path) {
    char part[4096];
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part) {
        errno = ENAMETOOLONG;
        return -1;
    }
    for (char *slash = part + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        if (mkdir(part, 0755) < 0 && errno != EEXIST) {
            return -1;
        }
        *slash = '/';
    }
    if (mkdir(part, 0700) < 0 && errno != EEXIST) {
        return -1;
    }
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

enum cv_err cv_datadir_enter(const char *path, const struct cv_account *account, int *ret_lock_fd,
                             char error[static CV_DATADIR_ERROR_BYTES]) {
    int lock_fd = -1;
    enum cv_err err = CV_ERR_SYSTEM;
    int dir_fd = make_folder(path);
    if (dir_fd < 0) {
        snprintf(error, CV_DATADIR_ERROR_BYTES, "the data folder '%s' can't be made or opened: %s",
                 path, strerror(errno));
        return CV_ERR_SYSTEM;
    }
    err = take_lock(dir_fd, &lock_fd);
    if (err == CV_ERR_EXISTS) {
        snprintf(error, CV_DATADIR_ERROR_BYTES,
                 "another conclaved works on the data folder '%s': stop it first, or use another "
                 "folder (--data)",
                 path);
    } else if (err) {
        snprintf(error, CV_DATADIR_ERROR_BYTES, "the data folder '%s' is not writable: %s", path,
                 strerror(errno));
    }
    if (!err && account) {
        struct stat st;
        if (fstat(dir_fd, &st) == 0 && st.st_uid == 0) {
            (void)!fchown(dir_fd, account->uid, account->gid);
        }
        give_away(dir_fd, account, 0);
    }
    if (!err && (fchdir(dir_fd) < 0 || fchmod(dir_fd, 0700) < 0)) {
        snprintf(error, CV_DATADIR_ERROR_BYTES, "the data folder '%s' can't be entered: %s", path,
                 strerror(errno));
        close(lock_fd);
        err = CV_ERR_SYSTEM;
    }
    close(dir_fd);
    if (!err) {
        *ret_lock_fd = lock_fd;
    }
    return err;
}
