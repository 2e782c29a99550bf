/* SPDX-License-Identifier: Apache-2.0 */
/* conclaved: one program for all its processes. */
#include "app/config.h"
#include "app/control.h"
#include "app/options.h"
#include "app/supervisor.h"
#include "app/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

static int check_config(const struct cv_options *options) {
    struct cv_config config = {0};
    struct cv_buf text = {0};
    char error[CV_CONFIG_ERROR_BYTES];
    enum cv_err err =
        options->config ? cv_config_read(AT_FDCWD, options->config, &text, error) : CV_OK;
    if (!err) {
        err = cv_config_load(cv_buf_slice(&text), options->config ? options->config : "(default)",
                             &config, error);
    }
    if (err) {
        fprintf(stderr, "%s\n", error);
    } else {
        puts("The configuration is good.");
    }
    cv_buf_release(&text);
    cv_config_release(&config);
    return err ? 78 : 0; /* EX_CONFIG */
}

static int print_reference(void) {
    struct cv_buf markdown = {0};
    enum cv_err err = cv_config_reference(&markdown);
    if (!err) {
        fwrite(markdown.data, 1, markdown.size, stdout);
    }
    cv_buf_release(&markdown);
    return err ? 1 : 0;
}

int main(int argc, char **argv) {
    struct cv_options options;
    cv_options_parse(argc, argv, &options);
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    switch (options.task) {
    case CV_TASK_RUN:
        return cv_supervisor_run(&options);
    case CV_TASK_CONTROL:
        return cv_control_run();
    case CV_TASK_WORKER:
        return cv_worker_run();
    case CV_TASK_CHECK_CONFIG:
        return check_config(&options);
    case CV_TASK_CONFIG_REFERENCE:
        return print_reference();
    case CV_TASK_EXIT:
        break;
    }
    return options.exit_status;
}
