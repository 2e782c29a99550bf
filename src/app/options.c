/* SPDX-License-Identifier: Apache-2.0 */
#include "app/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: conclaved [--config FILE] [--data DIR] [--port N] [--web DIR] [--announce]\n"
    "       conclaved --check-config [--config FILE]\n"
    "\n"
    "Conclave's server. Without a configuration file it serves https://localhost:8443\n"
    "and keeps what it stores in ./data.\n"
    "\n"
    "  --config FILE        the configuration (docs/configuration.md)\n"
    "  --data DIR           the data folder, instead of the configured one\n"
    "  --port N             the TCP port, instead of the configured one\n"
    "  --web DIR            the built web client, instead of the configured one\n"
    "  --announce           when ready, print the address, the set-up link until there is an\n"
    "                       administrator, and a link to an instant meeting\n"
    "  --check-config       say what is wrong with the configuration and exit\n"
    "  --config-reference   print the reference of all configuration keys (Markdown)\n"
    "  --version\n"
    "  --help\n"
    "\n"
    "SIGTERM and SIGINT end it after requests in flight are answered; SIGHUP reads the\n"
    "configuration, the certificate and the other files that it names again.\n";

enum {
    OPT_CONFIG = 1,
    OPT_DATA,
    OPT_PORT,
    OPT_WEB,
    OPT_ANNOUNCE,
    OPT_CHECK,
    OPT_REFERENCE,
    OPT_VERSION,
    OPT_HELP,
    OPT_CONTROL,
    OPT_WORKER
};

static bool parse_port(const char *text, int64_t *ret_port) {
    char *end;
    long port = strtol(text, &end, 10);
    if (end == text || *end || port < 0 || port > 65535) {
        return false;
    }
    *ret_port = port;
    return true;
}

static void finish(struct cv_options *options, int exit_status) {
    options->task = CV_TASK_EXIT;
    options->exit_status = exit_status;
}

void cv_options_parse(int argc, char **argv, struct cv_options *ret_options) {
    static const struct option names[] = {
        {"config", required_argument, NULL, OPT_CONFIG},
        {"data", required_argument, NULL, OPT_DATA},
        {"port", required_argument, NULL, OPT_PORT},
        {"web", required_argument, NULL, OPT_WEB},
        {"announce", no_argument, NULL, OPT_ANNOUNCE},
        {"check-config", no_argument, NULL, OPT_CHECK},
        {"config-reference", no_argument, NULL, OPT_REFERENCE},
        {"version", no_argument, NULL, OPT_VERSION},
        {"help", no_argument, NULL, OPT_HELP},
        {"control", no_argument, NULL, OPT_CONTROL}, /* private */
        {"worker", no_argument, NULL, OPT_WORKER},   /* private */
        {NULL, 0, NULL, 0},
    };
    *ret_options = (struct cv_options){.port = -1};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case OPT_CONFIG:
            ret_options->config = optarg;
            break;
        case OPT_DATA:
            ret_options->data = optarg;
            break;
        case OPT_PORT:
            if (!parse_port(optarg, &ret_options->port)) {
                fprintf(stderr, "conclaved: --port must be a number from 0 to 65535\n");
                finish(ret_options, 2);
                return;
            }
            break;
        case OPT_WEB:
            ret_options->web = optarg;
            break;
        case OPT_ANNOUNCE:
            ret_options->announce = true;
            break;
        case OPT_CHECK:
            ret_options->task = CV_TASK_CHECK_CONFIG;
            break;
        case OPT_REFERENCE:
            ret_options->task = CV_TASK_CONFIG_REFERENCE;
            break;
        case OPT_CONTROL:
            ret_options->task = CV_TASK_CONTROL;
            break;
        case OPT_WORKER:
            ret_options->task = CV_TASK_WORKER;
            break;
        case OPT_VERSION:
            puts("conclaved " CV_VERSION);
            finish(ret_options, 0);
            return;
        case OPT_HELP:
            fputs(usage, stdout);
            finish(ret_options, 0);
            return;
        default: /* getopt_long has said what is wrong */
            fprintf(stderr, "Try 'conclaved --help'.\n");
            finish(ret_options, 2);
            return;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "conclaved: unexpected argument '%s'\nTry 'conclaved --help'.\n",
                argv[optind]);
        finish(ret_options, 2);
    }
}
