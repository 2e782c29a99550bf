/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/print.h"

#include <stdio.h>

int cv_cli_take_format(int argc, char **argv, const char *usage, bool *ret_json) {
    const char *format = "table";
    argc = cv_cli_options(argc, argv, (const char *const[]){"--format", NULL}, &format);
    if (argc < 0)
        return CV_CLI_USAGE;
    bool json = strcmp(format, "json") == 0;
    if (argc != 1 || (!json && strcmp(format, "table") != 0))
        return cv_cli_fail(CV_CLI_USAGE, "%s [--format table|json]", usage);
    *ret_json = json;
    return CV_CLI_OK;
}

int cv_cli_print_json(const json_t *value) {
    if (json_dumpf(value, stdout, JSON_INDENT(2)))
        return cv_cli_fail(CV_CLI_FAILED, "the output can't be written");
    putchar('\n');
    return CV_CLI_OK;
}

int cv_cli_print_table(struct cv_table *table, enum cv_err err, bool csv) {
    struct cv_buf text = {0};
    if (!err)
        err = csv ? cv_table_csv(table, &text) : cv_table_print(table, &text);
    if (!err)
        fwrite(text.data, 1, text.size, stdout);
    cv_buf_release(&text);
    cv_table_release(table);
    return err ? cv_cli_fail(CV_CLI_FAILED, "out of memory") : CV_CLI_OK;
}
