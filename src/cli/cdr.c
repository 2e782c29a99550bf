/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "cli/print.h"
#include "cli/request.h"

#include <curl/curl.h>

static const char *const columns[] = {"MEETING", "TITLE",   "NAME",   "ROLE",
                                      "IN",      "OUT",     "WHY",    "ADDRESS",
                                      "COUNTRY", "NETWORK", "STATES", "STATISTICS"};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* "Bo: connecting, connected (host)" for each peer in turn, as it was reported. */
static enum cv_err describe_states(const json_t *connections, struct cv_buf *text) {
    enum cv_err err = CV_OK;
    const char *last_peer = NULL;
    size_t i;
    const json_t *connection;
    json_array_foreach(connections, i, connection) {
        const char *peer = cv_cli_text(connection, "peer");
        const char *path = cv_cli_text(connection, "path");
        if (err)
            break;
        if (last_peer && strcmp(peer, last_peer) == 0)
            err = cv_buf_printf(text, ", %s", cv_cli_text(connection, "state"));
        else
            err = cv_buf_printf(text, "%s%s: %s", last_peer ? "; " : "", peer,
                                cv_cli_text(connection, "state"));
        if (!err && *path)
            err = cv_buf_printf(text, " (%s)", path);
        last_peer = peer;
    }
    return err;
}

static enum cv_err describe_statistics(json_t *statistics, struct cv_buf *text) {
    enum cv_err err = CV_OK;
    const char *key;
    json_t *value;
    json_object_foreach(statistics, key, value) {
        if (!err)
            err = cv_buf_printf(text, "%s%s=%g", text->size ? " " : "", key,
                                json_number_value(value));
    }
    return err;
}

static enum cv_err add_participant(struct cv_table *table, const json_t *record,
                                   const json_t *participant) {
    struct cv_buf states = {0}, statistics = {0};
    enum cv_err err = describe_states(json_object_get(participant, "connections"), &states);
    if (!err)
        err = describe_statistics(json_object_get(participant, "statistics"), &statistics);
    if (!err)
        err = cv_table_add(table, (const char *const[]){
                                      cv_cli_text(record, "meeting"),
                                      cv_cli_text(record, "title"),
                                      cv_cli_text(participant, "name"),
                                      cv_cli_text(participant, "role"),
                                      cv_cli_text(participant, "joined_at"),
                                      cv_cli_text(participant, "left_at"),
                                      cv_cli_text(participant, "left_reason"),
                                      cv_cli_text(participant, "address"),
                                      cv_cli_text(participant, "country"),
                                      cv_cli_text(participant, "network"),
                                      cv_buf_cstr(&states),
                                      cv_buf_cstr(&statistics),
                                  });
    cv_buf_release(&states);
    cv_buf_release(&statistics);
    return err;
}

static int print_rows(const json_t *records, bool csv) {
    struct cv_table table = {.columns = COLUMNS};
    enum cv_err err = cv_table_add(&table, columns);
    size_t i, k;
    const json_t *record, *participant;
    json_array_foreach(records, i, record) {
        json_array_foreach(json_object_get(record, "participants"), k, participant) {
            if (!err)
                err = add_participant(&table, record, participant);
        }
    }
    return cv_cli_print_table(&table, err, csv);
}

static enum cv_err add_query(struct cv_buf *path, const char *name, const char *value) {
    if (!value)
        return CV_OK;
    char *escaped = curl_easy_escape(NULL, value, 0);
    if (!escaped)
        return CV_ERR_MEMORY;
    enum cv_err err = cv_buf_printf(path, "&%s=%s", name, escaped);
    curl_free(escaped);
    return err;
}

static bool is_time(const char *text) {
    int64_t at_us;
    return !text || cv_time_parse(cv_slice_str(text), &at_us) == CV_OK;
}

static int list(const struct cv_cli *cli, int argc, char **argv) {
    const char *values[4] = {"table", NULL, NULL, NULL};
    argc = cv_cli_options(argc, argv,
                          (const char *const[]){"--format", "--meeting", "--from", "--until", NULL},
                          values);
    if (argc < 0)
        return CV_CLI_USAGE;
    const char *format = values[0];
    bool json = strcmp(format, "json") == 0, csv = strcmp(format, "csv") == 0;
    if (argc != 1 || (!json && !csv && strcmp(format, "table") != 0))
        return cv_cli_fail(CV_CLI_USAGE, "cdr list [--format table|json|csv] [--meeting ID] "
                                         "[--from TIME] [--until TIME]");
    if (!is_time(values[2]) || !is_time(values[3]))
        return cv_cli_fail(CV_CLI_USAGE, "times are written like 2026-01-31T09:00:00Z");
    int status = CV_CLI_FAILED;
    json_t *records = NULL;
    struct cv_buf path = {0};
    if (cv_buf_append_str(&path, "/records?limit=100") || add_query(&path, "meeting", values[1]) ||
        add_query(&path, "from", values[2]) || add_query(&path, "until", values[3]) ||
        !cv_buf_cstr(&path)) {
        cv_cli_fail(0, "out of memory");
        goto out;
    }
    if (cv_cli_request_all(cli, cv_buf_cstr(&path), &records))
        goto out;
    status = json ? cv_cli_print_json(records) : print_rows(records, csv);
out:
    json_decref(records);
    cv_buf_release(&path);
    return status;
}

int cv_cli_cdr(const struct cv_cli *cli, int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "list") == 0)
        return list(cli, argc - 1, argv + 1);
    return cv_cli_fail(CV_CLI_USAGE, "cdr list; see conclave --help");
}
