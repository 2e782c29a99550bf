/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens by which programs send to a meeting (WHIP) and watch it (WHEP). */
#include "base/id.h"
#include "cli/print.h"
#include "cli/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] = "token create MEETING whip|whep --label NAME [--hours N], "
                            "token list MEETING, or token revoke MEETING ID";

/* Ids go into the path: nothing else may. */
static bool are_ids(int argc, char **argv) {
    struct cv_id id;
    for (int i = 2; i < argc; i++)
        if (cv_id_parse(cv_slice_str(argv[i]), &id))
            return false;
    return true;
}

static int create(const struct cv_cli *cli, int argc, char **argv) {
    const char *values[2] = {NULL, NULL};
    argc = cv_cli_options(argc, argv, (const char *const[]){"--label", "--hours", NULL}, values);
    if (argc < 0)
        return CV_CLI_USAGE;
    if (argc != 4 || !values[0] || !are_ids(argc, argv))
        return cv_cli_fail(CV_CLI_USAGE, "%s", usage);
    json_t *body = json_pack("{s:s,s:s}", "use", argv[3], "label", values[0]);
    if (body && values[1])
        json_object_set_new(body, "hours", json_integer(strtoll(values[1], NULL, 10)));
    char path[128];
    json_t *answer = NULL;
    snprintf(path, sizeof path, "/meetings/%s/tokens", argv[2]);
    enum cv_err err = cv_cli_request(cli, "POST", path, body, &answer);
    if (!err)
        printf("URL:     %s\nToken:   %s\nId:      %s\nExpires: %s\n", cv_cli_text(answer, "url"),
               cv_cli_text(answer, "token"), cv_cli_text(answer, "id"),
               cv_cli_text(answer, "expires_at"));
    json_decref(answer);
    json_decref(body);
    return err ? CV_CLI_FAILED : CV_CLI_OK;
}

static int list(const struct cv_cli *cli, const char *meeting) {
    static const char *const columns[] = {"ID", "USE", "LABEL", "CREATED", "EXPIRES", "REVOKED"};
    struct cv_table table = {.columns = sizeof columns / sizeof *columns};
    char path[128];
    json_t *answer = NULL;
    size_t i;
    const json_t *token;
    snprintf(path, sizeof path, "/meetings/%s/tokens", meeting);
    if (cv_cli_request(cli, "GET", path, NULL, &answer))
        return CV_CLI_FAILED;
    enum cv_err err = cv_table_add(&table, columns);
    json_array_foreach(json_object_get(answer, "items"), i, token) {
        if (!err)
            err = cv_table_add(
                &table, (const char *const[]){
                            cv_cli_text(token, "id"), cv_cli_text(token, "use"),
                            cv_cli_text(token, "label"), cv_cli_text(token, "created_at"),
                            cv_cli_text(token, "expires_at"), cv_cli_text(token, "revoked_at")});
    }
    json_decref(answer);
    return cv_cli_print_table(&table, err, false);
}

int cv_cli_token(const struct cv_cli *cli, int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "create") == 0)
        return create(cli, argc, argv);
    if (argc == 3 && strcmp(argv[1], "list") == 0 && are_ids(argc, argv))
        return list(cli, argv[2]);
    if (argc == 4 && strcmp(argv[1], "revoke") == 0 && are_ids(argc, argv)) {
        char path[160];
        snprintf(path, sizeof path, "/meetings/%s/tokens/%s", argv[2], argv[3]);
        return cv_cli_request(cli, "DELETE", path, NULL, NULL) ? CV_CLI_FAILED : CV_CLI_OK;
    }
    return cv_cli_fail(CV_CLI_USAGE, "%s", usage);
}
