/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that list things share: their option --format, and how they print. */
#ifndef CV_CLI_PRINT_H
#define CV_CLI_PRINT_H

#include "cli/cli.h"
#include "cli/table.h"

#include <jansson.h>

/*
 * Takes "--format table|json" as all that there may be. An exit status: CV_CLI_OK with *ret_json,
 * CV_CLI_USAGE after saying how to use it.
 */
int cv_cli_take_format(int argc, char **argv, const char *usage, bool *ret_json);

int cv_cli_print_json(const json_t *value);

/*
 * Prints a table, unless `err` says that it could not be filled, and releases it. An exit status,
 * as are all of these.
 */
int cv_cli_print_table(struct cv_table *table, enum cv_err err, bool csv);

#endif
