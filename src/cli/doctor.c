/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doctor.h"

#include "cli/print.h"
#include "cli/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const grade_names[] = {"OK", "WARN", "FAIL"};

void cv_doctor_file(struct cv_doctor *doctor, enum cv_doctor_grade grade, const char *check,
                    const char *advice, const char *format, ...) {
    if (doctor->count == CV_DOCTOR_FINDINGS_MAX)
        return;
    struct cv_doctor_finding *finding = &doctor->findings[doctor->count++];
    finding->grade = grade;
    finding->check = check;
    finding->advice = advice;
    va_list args;
    va_start(args, format);
    vsnprintf(finding->detail, sizeof finding->detail, format, args);
    va_end(args);
}

bool cv_doctor_public_host(const struct cv_doctor *doctor, char *host, size_t host_bytes) {
    const char *start = strstr(cv_cli_text(doctor->status, "url"), "://");
    if (!start)
        return false;
    start += 3;
    size_t size = *start == '[' ? strcspn(++start, "]") : strcspn(start, ":/");
    if (size == 0 || size >= host_bytes)
        return false;
    memcpy(host, start, size);
    host[size] = '\0';
    return true;
}

static void examine(struct cv_doctor *doctor) {
    static void (*const with_daemon[])(struct cv_doctor *) = {
        cv_doctor_certificate, cv_doctor_public_address, cv_doctor_stun,
        cv_doctor_relay,       cv_doctor_turn,
    };
    static void (*const always[])(struct cv_doctor *) = {
        cv_doctor_store,
        cv_doctor_data_folder,
        cv_doctor_disk,
        cv_doctor_clock,
    };
    if (doctor->status) {
        cv_doctor_file(doctor, CV_DOCTOR_OK, "server", NULL, "version %s answers at %s",
                       cv_cli_text(doctor->status, "version"), cv_cli_text(doctor->status, "url"));
        for (size_t i = 0; i < sizeof with_daemon / sizeof *with_daemon; i++)
            with_daemon[i](doctor);
    } else {
        cv_doctor_file(
            doctor, CV_DOCTOR_FAIL, "server",
            "Start it (systemctl start conclaved, or ./run), run this as root or as the "
            "server's user, and name its data folder with --data DIR. If it doesn't stay "
            "up, its log says why (journalctl -u conclaved).",
            "nothing answers on control.sock in %s", doctor->data);
    }
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        always[i](doctor);
}

static int print_table(const struct cv_doctor *doctor) {
    struct cv_table table = {.columns = 3};
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < doctor->count && !err; i++) {
        const struct cv_doctor_finding *finding = &doctor->findings[i];
        err = cv_table_add(&table, (const char *const[]){grade_names[finding->grade],
                                                         finding->check, finding->detail});
        if (!err && finding->advice)
            err = cv_table_add(&table, (const char *const[]){"", "", finding->advice});
    }
    return cv_cli_print_table(&table, err, false);
}

static int print_json(const struct cv_doctor *doctor) {
    json_t *findings = json_array();
    for (size_t i = 0; i < doctor->count; i++) {
        const struct cv_doctor_finding *finding = &doctor->findings[i];
        json_array_append_new(findings,
                              json_pack("{s:s, s:s, s:s, s:s*}", "grade",
                                        grade_names[finding->grade], "check", finding->check,
                                        "detail", finding->detail, "advice", finding->advice));
    }
    bool whole = json_array_size(findings) == doctor->count;
    int status = whole ? cv_cli_print_json(findings) : cv_cli_fail(CV_CLI_FAILED, "out of memory");
    json_decref(findings);
    return status;
}

int cv_cli_doctor(const struct cv_cli *cli, int argc, char **argv) {
    const char *values[2] = {"table", NULL};
    argc = cv_cli_options(argc, argv, (const char *const[]){"--format", "--ntp", NULL}, values);
    if (argc < 0)
        return CV_CLI_USAGE;
    bool json = strcmp(values[0], "json") == 0;
    if (argc != 1 || (!json && strcmp(values[0], "table") != 0))
        return cv_cli_fail(CV_CLI_USAGE, "doctor [--format table|json] [--ntp HOST[:PORT]]");
    static struct cv_doctor doctor;
    doctor.ntp = values[1];
    json_t *status = NULL;
    doctor.data = cli->data;
    if (cv_cli_probe(cli, "/status", &status) == CV_OK) {
        doctor.status = status;
        if (*cv_cli_text(status, "data"))
            doctor.data = cv_cli_text(status, "data");
    }
    examine(&doctor);
    int exit_status = json ? print_json(&doctor) : print_table(&doctor);
    json_decref(status);
    for (size_t i = 0; i < doctor.count; i++)
        if (doctor.findings[i].grade == CV_DOCTOR_FAIL)
            exit_status = CV_CLI_FAILED;
    return exit_status;
}
