/* SPDX-License-Identifier: Apache-2.0 */
#include "app/keys.h"

#include "app/datadir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME CV_DATADIR_KEYS "/master.key"
#define NEW_NAME CV_DATADIR_KEYS "/master.key.new"

static enum cv_err fail(char *error, const char *what) {
    snprintf(error, CV_KEYS_ERROR_BYTES, "%s: %s", what, strerror(errno));
    return CV_ERR_SYSTEM;
}

/* Written whole under another name, made durable, then put in place. */
static enum cv_err make_key(struct cv_random random, uint8_t key[static CV_MASTER_KEY_BYTES],
                            char *error) {
    if (mkdir(CV_DATADIR_KEYS, 0700) < 0 && errno != EEXIST) {
        return fail(error, "can't make " CV_DATADIR_KEYS);
    }
    int fd = open(NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(error, "can't write " NEW_NAME);
    }
    cv_random_fill(random, key, CV_MASTER_KEY_BYTES);
    bool good = write(fd, key, CV_MASTER_KEY_BYTES) == CV_MASTER_KEY_BYTES && fsync(fd) == 0;
    close(fd);
    int dir_fd = good && rename(NEW_NAME, FILE_NAME) == 0
                     ? open(CV_DATADIR_KEYS, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                     : -1;
    good = dir_fd >= 0 && fsync(dir_fd) == 0;
    if (dir_fd >= 0) {
        close(dir_fd);
    }
    return good ? CV_OK : fail(error, "can't write " FILE_NAME);
}

static enum cv_err read_key(int fd, uint8_t key[static CV_MASTER_KEY_BYTES], char *error) {
    uint8_t bytes[CV_MASTER_KEY_BYTES + 1];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0) {
        return fail(error, "can't read " FILE_NAME);
    }
    if (n != CV_MASTER_KEY_BYTES) {
        snprintf(error, CV_KEYS_ERROR_BYTES,
                 FILE_NAME " in the data folder is damaged: restore it from a backup; without it "
                           "no link, session or place in a meeting is good any more");
        return CV_ERR_CONFIG;
    }
    memcpy(key, bytes, CV_MASTER_KEY_BYTES);
    cv_wipe(bytes, sizeof bytes);
    return CV_OK;
}

enum cv_err cv_keys_load(struct cv_random random, struct cv_secrets *secrets,
                         char error[static CV_KEYS_ERROR_BYTES]) {
    uint8_t key[CV_MASTER_KEY_BYTES];
    int fd = open(FILE_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    enum cv_err err;
    if (fd >= 0) {
        err = read_key(fd, key, error);
        close(fd);
    } else if (errno == ENOENT) {
        err = make_key(random, key, error);
    } else {
        err = fail(error, "can't open " FILE_NAME);
    }
    if (!err) {
        cv_secrets_init(secrets, key);
    }
    cv_wipe(key, sizeof key);
    return err;
}
