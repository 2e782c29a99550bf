/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files and folders that the supervisor opens for control. Files that root alone may read
 * (certificate, key, TURN secret) are copied into memory: what control gets can be opened again
 * by whoever it is then. A reload opens them once more; one that can't be opened any more (because
 * the daemon is no longer root) keeps its copy, and the log says so.
 */
#ifndef CV_APP_RESOURCES_H
#define CV_APP_RESOURCES_H

#include "app/config.h"
#include "app/handover.h"

enum { CV_RESOURCES_ERROR_BYTES = 512, CV_RESOURCES_COPY_BYTES = 1024 * 1024 };

struct cv_resources {
    int fds[CV_RESOURCE_COUNT]; /* -1: none */
};

void cv_resources_init(struct cv_resources *resources);

/*
 * Opens all that `config` names, and `config_text` as CV_RESOURCE_CONFIG; paths are relative to
 * `base_fd`. All or nothing: on failure `resources` stays as it was and `error` names the file.
 */
enum cv_err cv_resources_open(struct cv_resources *resources, const struct cv_config *config,
                              struct cv_slice config_text, int base_fd,
                              char error[static CV_RESOURCES_ERROR_BYTES]);

void cv_resources_close(struct cv_resources *resources);

/* The web client of this program where the configuration names none: installed beside it, or
 * built in the checkout that it was built in. "" when there is none. */
void cv_resources_find_web(char *path, size_t size);

#endif
