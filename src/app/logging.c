/* SPDX-License-Identifier: Apache-2.0 */
#include "app/logging.h"

#include "io/clock.h"

#include <unistd.h>

static void write_line(const char *line, size_t size) {
    /* One write, so that lines of several processes don't mix; a log that is gone is no reason to
     * stop. */
    (void)!write(STDERR_FILENO, line, size);
}

void cv_logging_start(const char *process, const struct cv_config *config) {
    cv_log_setup(&(struct cv_log_sink){
        .level = config ? (enum cv_log_level)config->log.level : CV_LOG_INFO,
        .json = config && config->log.format == CV_LOG_FORMAT_JSON,
        .personal_data = config && config->log.personal_data,
        .process = process,
        .wall_us = cv_clock_wall_us,
        .write = write_line,
    });
}
