/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that mint links, and the one that shows the daemon's status. */
#include "cli/print.h"
#include "cli/request.h"

#include <stdio.h>

/* Sends the request of a command that takes no arguments; NULL after an error. */
static json_t *ask(const struct cv_cli *cli, int argc, char **argv, const char *method,
                   const char *path, int *ret_status) {
    json_t *answer = NULL;
    *ret_status = CV_CLI_OK;
    if (argc != 1)
        *ret_status = cv_cli_fail(CV_CLI_USAGE, "%s takes no arguments", argv[0]);
    else if (cv_cli_request(cli, method, path, NULL, &answer))
        *ret_status = CV_CLI_FAILED;
    return answer;
}

int cv_cli_setup_link(const struct cv_cli *cli, int argc, char **argv) {
    int status;
    json_t *answer = ask(cli, argc, argv, "POST", "/setup-link", &status);
    if (answer)
        puts(cv_cli_text(answer, "url"));
    json_decref(answer);
    return status;
}

int cv_cli_instant(const struct cv_cli *cli, int argc, char **argv) {
    int status;
    json_t *answer = ask(cli, argc, argv, "POST", "/instant", &status);
    if (answer)
        printf("Host:   %s\nGuests: %s\n", cv_cli_text(answer, "host_url"),
               cv_cli_text(answer, "guest_url"));
    json_decref(answer);
    return status;
}

int cv_cli_status(const struct cv_cli *cli, int argc, char **argv) {
    int status;
    json_t *answer = ask(cli, argc, argv, "GET", "/status", &status);
    if (answer) {
        /* TURN credentials are short-lived, and still nobody's business on a screen. */
        size_t i;
        json_t *server;
        json_array_foreach(json_object_get(json_object_get(answer, "ice"), "servers"), i, server) {
            json_object_del(server, "credential");
        }
        status = cv_cli_print_json(answer);
    }
    json_decref(answer);
    return status;
}
