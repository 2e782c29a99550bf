/* SPDX-License-Identifier: Apache-2.0 */
/* The log of a process: lines on standard error, as configured. */
#ifndef CV_APP_LOGGING_H
#define CV_APP_LOGGING_H

#include "app/config.h"

/* `process` is static: "supervisor". `config` NULL: the defaults. */
void cv_logging_start(const char *process, const struct cv_config *config);

#endif
