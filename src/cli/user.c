/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/password.h"
#include "cli/print.h"
#include "cli/request.h"

#include <stdio.h>
#include <string.h>

/* Takes the body over; `said` is what may have kept it from being made. */
static int post(const struct cv_cli *cli, const char *path, json_t *body, const char *said) {
    if (!body)
        return cv_cli_fail(CV_CLI_FAILED, "%s must be UTF-8", said);
    enum cv_err err = cv_cli_request(cli, "POST", path, body, NULL);
    json_decref(body);
    return err ? CV_CLI_FAILED : CV_CLI_OK;
}

static int add(const struct cv_cli *cli, int argc, char **argv) {
    const char *values[2] = {NULL, "user"};
    argc = cv_cli_options(argc, argv, (const char *const[]){"--name", "--role", NULL}, values);
    if (argc < 0)
        return CV_CLI_USAGE;
    if (argc != 2 || !values[0])
        return cv_cli_fail(CV_CLI_USAGE, "user add EMAIL --name NAME [--role admin|user]");
    char password[CV_PASSWORD_MAX_BYTES];
    if (cv_cli_ask_password(password))
        return CV_CLI_FAILED;
    json_t *body = json_pack("{s:s, s:s, s:s, s:s}", "email", argv[1], "name", values[0], "role",
                             values[1], "password", password);
    cv_wipe(password, sizeof password);
    int status = post(cli, "/users", body, "e-mail, name and password");
    if (status == CV_CLI_OK)
        printf("Added %s.\n", argv[1]);
    return status;
}

static int print_table(const json_t *users) {
    struct cv_table table = {.columns = 4};
    enum cv_err err =
        cv_table_add(&table, (const char *const[]){"E-MAIL", "NAME", "ROLE", "SINCE"});
    size_t i;
    const json_t *user;
    json_array_foreach(users, i, user) {
        if (!err)
            err = cv_table_add(&table, (const char *const[]){cv_cli_text(user, "email"),
                                                             cv_cli_text(user, "name"),
                                                             cv_cli_text(user, "role"),
                                                             cv_cli_text(user, "created_at")});
    }
    return cv_cli_print_table(&table, err, false);
}

static int list(const struct cv_cli *cli, int argc, char **argv) {
    bool json;
    int status = cv_cli_take_format(argc, argv, "user list", &json);
    if (status)
        return status;
    json_t *users = NULL;
    if (cv_cli_request_all(cli, "/users?limit=100", &users))
        return CV_CLI_FAILED;
    status = json ? cv_cli_print_json(users) : print_table(users);
    json_decref(users);
    return status;
}

static int set_password(const struct cv_cli *cli, int argc, char **argv) {
    if (argc != 2)
        return cv_cli_fail(CV_CLI_USAGE, "user passwd EMAIL");
    char password[CV_PASSWORD_MAX_BYTES];
    if (cv_cli_ask_password(password))
        return CV_CLI_FAILED;
    json_t *body = json_pack("{s:s, s:s}", "email", argv[1], "password", password);
    cv_wipe(password, sizeof password);
    int status = post(cli, "/users/password", body, "e-mail and password");
    if (status == CV_CLI_OK)
        printf("The password is set and %s is signed out everywhere.\n", argv[1]);
    return status;
}

static int delete_account(const struct cv_cli *cli, int argc, char **argv) {
    bool yes = cv_cli_take_flag(&argc, argv, "--yes");
    argc = cv_cli_options(argc, argv, (const char *const[]){NULL}, NULL);
    if (argc < 0)
        return CV_CLI_USAGE;
    if (argc != 2)
        return cv_cli_fail(CV_CLI_USAGE, "user delete EMAIL --yes");
    if (!yes)
        return cv_cli_fail(CV_CLI_USAGE,
                           "this deletes the account %s, and its meetings with their links and "
                           "call data records, for good; add --yes if that is what you want",
                           argv[1]);
    json_t *body = json_pack("{s:s}", "email", argv[1]);
    int status = post(cli, "/users/delete", body, "the e-mail address");
    if (status == CV_CLI_OK)
        printf("Deleted %s. Backups that the server made before an upgrade keep it for up to 7 "
               "days.\n",
               argv[1]);
    return status;
}

int cv_cli_user(const struct cv_cli *cli, int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "add") == 0)
        return add(cli, argc - 1, argv + 1);
    if (strcmp(what, "list") == 0)
        return list(cli, argc - 1, argv + 1);
    if (strcmp(what, "passwd") == 0)
        return set_password(cli, argc - 1, argv + 1);
    if (strcmp(what, "delete") == 0)
        return delete_account(cli, argc - 1, argv + 1);
    return cv_cli_fail(CV_CLI_USAGE, "user add|list|passwd|delete; see conclave --help");
}
