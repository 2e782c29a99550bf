/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of conclaved. */
#ifndef CV_APP_OPTIONS_H
#define CV_APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum cv_task {
    CV_TASK_RUN,
    CV_TASK_CONTROL, /* started by the supervisor, not by people */
    CV_TASK_WORKER,  /* likewise */
    CV_TASK_CHECK_CONFIG,
    CV_TASK_CONFIG_REFERENCE,
    CV_TASK_EXIT, /* --help, --version or a mistake: all is said, `exit_status` is set */
};

struct cv_options {
    enum cv_task task;
    int exit_status;
    const char *config; /* NULL: the embedded default */
    const char *data;   /* NULL: as configured */
    const char *web;    /* likewise */
    int64_t port;       /* -1: as configured */
    bool announce;
};

/* Prints to stdout or stderr itself what there is to say. */
void cv_options_parse(int argc, char **argv, struct cv_options *ret_options);

#endif
