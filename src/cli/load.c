/* SPDX-License-Identifier: Apache-2.0 */
/* conclave load: the options of the load tool, and its one line of JSON. */
#include "load/load.h"

#include "base/time.h"
#include "cli/cli.h"
#include "cli/request.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TARGET,
    LINK,
    HOST_LINK,
    URL,
    PLAN,
    ADDRESS,
    PUBLISHERS,
    SUBSCRIBERS,
    MEDIA,
    BITRATE,
    FILM,
    SLOTS,
    VERIFY,
    RATE,
    WARM_UP,
    SECONDS,
    SERVER,
    OPTION_COUNT,
};

static const char *const names[] = {
    [TARGET] = "--target",
    [LINK] = "--link",
    [HOST_LINK] = "--host-link",
    [URL] = "--url",
    [PLAN] = "--plan",
    [ADDRESS] = "--address",
    [PUBLISHERS] = "--publishers",
    [SUBSCRIBERS] = "--subscribers",
    [MEDIA] = "--media",
    [BITRATE] = "--bitrate",
    [FILM] = "--film",
    [SLOTS] = "--slots",
    [VERIFY] = "--verify",
    [RATE] = "--joins-per-second",
    [WARM_UP] = "--warm-up",
    [SECONDS] = "--seconds",
    [SERVER] = "--server-pid",
    [OPTION_COUNT] = NULL,
};

static bool number(const char *values[], int option, double low, double high, double *number) {
    char *end;
    if (!values[option])
        return true;
    double value = strtod(values[option], &end);
    if (end == values[option] || *end != '\0' || !(value >= low && value <= high)) {
        cv_cli_fail(CV_CLI_USAGE, "%s is a number from %g to %g", names[option], low, high);
        return false;
    }
    *number = value;
    return true;
}

static bool read_numbers(const char *values[], struct cv_load_options *options) {
    double publishers = 1, subscribers = 2, bitrate = 1500, verify = 10, rate = 20, slots = 0,
           warm_up = 2, seconds = 10, server = 0;
    if (!number(values, PUBLISHERS, 1, 100, &publishers) ||
        !number(values, SUBSCRIBERS, 0, CV_LOAD_MAX_MEMBERS - 200, &subscribers) ||
        !number(values, BITRATE, 100, 1600, &bitrate) || !number(values, SLOTS, 0, 40, &slots) ||
        !number(values, VERIFY, 0, CV_LOAD_MAX_MEMBERS, &verify) ||
        !number(values, RATE, 0.1, 1000, &rate) || !number(values, WARM_UP, 0, 600, &warm_up) ||
        !number(values, SECONDS, 0.1, 86400, &seconds) ||
        !number(values, SERVER, 1, INT32_MAX, &server))
        return false;
    options->publishers = (unsigned)publishers;
    options->subscribers = (unsigned)subscribers;
    options->video_bps = (int64_t)bitrate * 1000;
    options->video_slots = (unsigned)slots;
    options->verify_every = (unsigned)verify;
    options->joins_per_s = rate;
    options->warm_up_us = (int64_t)(warm_up * (double)CV_US_PER_S);
    options->steady_us = (int64_t)(seconds * (double)CV_US_PER_S);
    options->server = (pid_t)server;
    return true;
}

static bool read_target(const char *values[], struct cv_load_options *options) {
    const char *target = values[TARGET] ? values[TARGET] : "conclave";
    if (strcmp(target, "janus") == 0) {
        options->kind = CV_LOAD_JANUS;
        options->url = values[URL] ? values[URL] : "http://127.0.0.1:8088/janus";
        return true;
    }
    if (strcmp(target, "floor") == 0) {
        options->kind = CV_LOAD_FLOOR;
        options->plan = values[PLAN];
        if (options->plan && values[ADDRESS] &&
            cv_addr_parse(cv_slice_str(values[ADDRESS]), &options->address) == CV_OK)
            return true;
        cv_cli_fail(CV_CLI_USAGE, "--target floor needs --plan FILE and --address HOST:PORT");
        return false;
    }
    options->kind = CV_LOAD_CONCLAVE;
    options->url = values[LINK];
    options->host_url = values[HOST_LINK];
    if (strcmp(target, "conclave") == 0)
        return true;
    cv_cli_fail(CV_CLI_USAGE, "--target is conclave, janus or floor");
    return false;
}

static bool read_media(const char *values[], struct cv_load_options *options) {
    const char *media = values[MEDIA] ? values[MEDIA] : "both";
    options->audio = strcmp(media, "video") != 0;
    options->video = strcmp(media, "audio") != 0;
    if (!options->audio || !options->video || strcmp(media, "both") == 0)
        return true;
    cv_cli_fail(CV_CLI_USAGE, "--media is audio, video or both");
    return false;
}

int cv_cli_load(const struct cv_cli *cli, int argc, char **argv) {
    const char *values[OPTION_COUNT] = {NULL};
    char error[CV_LOAD_ERROR_BYTES] = "";
    json_t *result = NULL, *links = NULL;
    struct cv_load_options options = {0};
    options.meeting = cv_cli_take_flag(&argc, argv, "--meeting");
    options.insecure = cv_cli_take_flag(&argc, argv, "--insecure");
    options.verbose = cv_cli_take_flag(&argc, argv, "--verbose");
    argc = cv_cli_options(argc, argv, names, values);
    options.film = values[FILM];
    if (argc != 1 || !read_target(values, &options) || !read_media(values, &options) ||
        !read_numbers(values, &options))
        return argc > 1 ? cv_cli_fail(CV_CLI_USAGE, "load takes options only; see --help")
                        : CV_CLI_USAGE;
    if (options.kind == CV_LOAD_CONCLAVE && !options.url) {
        if (cv_cli_request(cli, "POST", "/instant", NULL, &links))
            return CV_CLI_FAILED;
        options.host_url = cv_cli_text(links, "host_url");
        options.url = cv_cli_text(links, "guest_url");
    }
    enum cv_err err = cv_load_run(&options, &result, error);
    json_decref(links);
    if (err)
        return cv_cli_fail(CV_CLI_FAILED, "%s", *error ? error : cv_err_name(err));
    json_dumpf(result, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(result);
    return CV_CLI_OK;
}
