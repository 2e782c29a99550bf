/* SPDX-License-Identifier: Apache-2.0 */
/* What the supervisor does before anything runs. */
#include "app/supervisor_private.h"

#include "app/datadir.h"
#include "app/logging.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int supervisor_say(const char *message) {
    fprintf(stderr, "conclaved: %s\n", message);
    return 1;
}

static enum cv_err replace_text(char **text, const char *by) {
    char *copy = strdup(by);
    if (!copy) {
        return CV_ERR_MEMORY;
    }
    free(*text);
    *text = copy;
    return CV_OK;
}

enum cv_err supervisor_load_config(const struct supervisor *supervisor, struct cv_buf *text,
                                   struct cv_config *ret_config,
                                   char error[static CV_CONFIG_ERROR_BYTES]) {
    const struct cv_options *options = supervisor->options;
    enum cv_err err = CV_OK;
    if (options->config) {
        err = cv_config_read(supervisor->base_fd, options->config, text, error);
    }
    if (!err) {
        err = cv_config_load(cv_buf_slice(text), options->config ? options->config : "(default)",
                             ret_config, error);
    }
    if (!err && options->port >= 0) {
        ret_config->listen.port = options->port;
    }
    if (!err && options->data) {
        err = replace_text(&ret_config->data, options->data);
    }
    if (!err && options->web) {
        err = replace_text(&ret_config->web.root, options->web);
    }
    return err;
}

int supervisor_prepare(struct supervisor *supervisor) {
    char error[CV_CONFIG_ERROR_BYTES] = "";
    struct cv_buf text = {0};
    struct cv_account account;
    bool root = geteuid() == 0;
    int lock_fd = -1;
    supervisor->base_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    supervisor->program_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (supervisor->base_fd < 0 || supervisor->program_fd < 0) {
        return supervisor_say(strerror(errno));
    }
    enum cv_err err = supervisor_load_config(supervisor, &text, &supervisor->config, error);
    int status = err ? 78 : 1; /* EX_CONFIG: systemd is told not to try again */
    if (!err && root && cv_account_find(supervisor->config.user, &account)) {
        err = CV_ERR_NOT_FOUND;
        snprintf(error, sizeof error,
                 "started as root, and there is no account '%s' nor 'nobody' to become",
                 supervisor->config.user);
    }
    if (!err) {
        cv_logging_start("supervisor", &supervisor->config);
        err = cv_datadir_enter(supervisor->config.data, root ? &account : NULL, &lock_fd, error);
    }
    if (!err) {
        supervisor->resources.fds[CV_RESOURCE_LOCK] = lock_fd;
        err = cv_resources_open(&supervisor->resources, &supervisor->config, cv_buf_slice(&text),
                                supervisor->base_fd, error);
        status = err ? 78 : 1;
    }
    if (!err) {
        err = cv_sockets_open(&supervisor->config, root ? &account : NULL, &supervisor->sockets,
                              error);
    }
    if (!err) {
        err = supervisor_workers_open(supervisor, error);
    }
    cv_buf_release(&text);
    if (!err && ((root && cv_privileges_drop(&account)) || cv_privileges_renounce())) {
        err = CV_ERR_SYSTEM;
        snprintf(error, sizeof error, "can't drop privileges: %s", strerror(errno));
    }
    if (err) {
        supervisor_say(error);
        return status;
    }
    return 0;
}
