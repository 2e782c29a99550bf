/* SPDX-License-Identifier: Apache-2.0 */
#include "app/resources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void cv_resources_init(struct cv_resources *resources) {
    for (size_t i = 0; i < CV_RESOURCE_COUNT; i++) {
        resources->fds[i] = -1;
    }
}

void cv_resources_close(struct cv_resources *resources) {
    for (size_t i = 0; i < CV_RESOURCE_COUNT; i++) {
        if (resources->fds[i] >= 0) {
            close(resources->fds[i]);
        }
    }
    cv_resources_init(resources);
}

/* A file in memory that holds these bytes; -1 with errno. */
static int copy_bytes(const char *name, const void *data, size_t size) {
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd >= 0 && write(fd, data, size) != (ssize_t)size) {
        close(fd);
        return -1;
    }
    return fd;
}

static int copy_file(int base_fd, const char *path) {
    struct cv_buf text = {.limit_bytes = CV_RESOURCES_COPY_BYTES};
    uint8_t chunk[4096];
    ssize_t n = -1;
    enum cv_err err = CV_OK;
    int fd = openat(base_fd, path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && !err && (n = read(fd, chunk, sizeof chunk)) > 0) {
        err = cv_buf_append(&text, chunk, (size_t)n);
    }
    cv_wipe(chunk, sizeof chunk);
    int copy = -1;
    int saved = errno;
    if (err) {
        saved = err == CV_ERR_LIMIT ? EFBIG : ENOMEM;
    } else if (n == 0) {
        copy = copy_bytes(path, text.data, text.size);
        saved = errno;
    }
    if (fd >= 0) {
        close(fd);
    }
    cv_wipe(text.data, text.size);
    cv_buf_release(&text);
    errno = saved;
    return copy;
}

enum open_how { OPEN_COPY, OPEN_FILE, OPEN_FOLDER };

static int open_one(int base_fd, const char *path, enum open_how how) {
    switch (how) {
    case OPEN_COPY:
        return copy_file(base_fd, path);
    case OPEN_FILE:
        return openat(base_fd, path, O_RDONLY | O_CLOEXEC);
    case OPEN_FOLDER:
        return openat(base_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return -1;
}

enum cv_err cv_resources_open(struct cv_resources *resources, const struct cv_config *config,
                              struct cv_slice config_text, int base_fd,
                              char error[static CV_RESOURCES_ERROR_BYTES]) {
    char web[4096] = "";
    if (!*config->web.root) {
        cv_resources_find_web(web, sizeof web);
    }
    const struct {
        enum cv_resource resource;
        enum open_how how;
        const char *key;
        const char *path;
    } files[] = {
        {CV_RESOURCE_CERTIFICATE, OPEN_COPY, "tls.certificate", config->tls.certificate},
        {CV_RESOURCE_KEY, OPEN_COPY, "tls.key", config->tls.key},
        {CV_RESOURCE_TURN_SECRET, OPEN_COPY, "ice.turn_secret_file", config->ice.turn_secret_file},
        {CV_RESOURCE_WEB_ROOT, OPEN_FOLDER, "web.root", *web ? web : config->web.root},
        {CV_RESOURCE_COUNTRIES, OPEN_FILE, "records.country_database",
         config->records.country_database},
        {CV_RESOURCE_NETWORKS, OPEN_FILE, "records.network_database",
         config->records.network_database},
    };
    struct cv_resources opened;
    cv_resources_init(&opened);
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < sizeof files / sizeof *files && !err; i++) {
        if (!*files[i].path) {
            continue;
        }
        int fd = open_one(base_fd, files[i].path, files[i].how);
        if (fd < 0) {
            snprintf(error, CV_RESOURCES_ERROR_BYTES, "%s: can't read '%s': %s", files[i].key,
                     files[i].path, strerror(errno));
            err = CV_ERR_CONFIG;
        }
        opened.fds[files[i].resource] = fd;
    }
    if (!err) {
        opened.fds[CV_RESOURCE_CONFIG] =
            copy_bytes("conclave.yaml", config_text.data, config_text.size);
        if (opened.fds[CV_RESOURCE_CONFIG] < 0) {
            snprintf(error, CV_RESOURCES_ERROR_BYTES, "no memory for the configuration: %s",
                     strerror(errno));
            err = CV_ERR_SYSTEM;
        }
    }
    if (err) {
        cv_resources_close(&opened);
        return err;
    }
    opened.fds[CV_RESOURCE_LOCK] = resources->fds[CV_RESOURCE_LOCK];
    resources->fds[CV_RESOURCE_LOCK] = -1;
    cv_resources_close(resources);
    *resources = opened;
    return CV_OK;
}

void cv_resources_find_web(char *path, size_t size) {
    /* Installed; built by meson in build/src/app, or by ./run in build/release/src/app. */
    static const char *const places[] = {"../share/conclave/web", "../../../web/dist",
                                         "../../../../web/dist"};
    char self[2048];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    *path = 0;
    if (n <= 0) {
        return;
    }
    self[n] = 0;
    char *slash = strrchr(self, '/');
    if (!slash) {
        return;
    }
    *slash = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct stat st;
        snprintf(path, size, "%s/%s/index.html", self, places[i]);
        if (stat(path, &st) == 0) {
            *strrchr(path, '/') = 0;
            return;
        }
    }
    *path = 0;
}
