/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for a password: on a terminal twice and without echo, else one line of standard input. */
#ifndef CV_CLI_PASSWORD_H
#define CV_CLI_PASSWORD_H

#include "base/err.h"

#include <stddef.h>

enum { CV_PASSWORD_MAX_BYTES = 1024 };

/*
 * *password holds the NUL-terminated text without its line end; the caller wipes it. Says what is
 * wrong on standard error: CV_ERR_SYNTAX (the two differ, none was given), CV_ERR_LIMIT (too
 * long), CV_ERR_SYSTEM.
 */
enum cv_err cv_cli_ask_password(char password[static CV_PASSWORD_MAX_BYTES]);

#endif
