/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conclave, the administrator's command. It changes nothing by itself: it asks the running daemon
 * over control.sock in the data folder (api/admin.yaml). Only `doctor` also looks for itself.
 */
#ifndef CV_CLI_CLI_H
#define CV_CLI_CLI_H

#include "base/err.h"
#include <stdbool.h>

/* Exit statuses, as documented in conclave --help. */
enum {
    CV_CLI_OK = 0,
    CV_CLI_FAILED = 1, /* said why on standard error */
    CV_CLI_USAGE = 2,
};

/* What the options before the command say. */
struct cv_cli {
    const char *data;        /* the data folder */
    const char *socket_path; /* of the daemon */
};

/* A command gets its own arguments, argv[0] being its name, and returns an exit status. */
int cv_cli_user(const struct cv_cli *cli, int argc, char **argv);
int cv_cli_cdr(const struct cv_cli *cli, int argc, char **argv);
int cv_cli_token(const struct cv_cli *cli, int argc, char **argv);
int cv_cli_setup_link(const struct cv_cli *cli, int argc, char **argv);
int cv_cli_instant(const struct cv_cli *cli, int argc, char **argv);
int cv_cli_status(const struct cv_cli *cli, int argc, char **argv);
int cv_cli_load(const struct cv_cli *cli, int argc, char **argv);
int cv_cli_doctor(const struct cv_cli *cli, int argc, char **argv);

/* Says "conclave: ..." on standard error and returns `status`. */
int cv_cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Reads the options that take a value, "--name VALUE" or "--name=VALUE", into values[i] for
 * names[i] (a list that ends with NULL) and moves what remains to the front of argv.
 * Returns how many arguments remain (argv[0] included), or -1 after saying what is wrong.
 */
int cv_cli_options(int argc, char **argv, const char *const *names, const char **values);

/* Takes an option without a value, "--name", out of the arguments and says whether it was there. */
bool cv_cli_take_flag(int *argc, char **argv, const char *name);

#endif
