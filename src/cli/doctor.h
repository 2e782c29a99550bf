/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conclave doctor: each check looks at one thing, files one or more findings, and says for each
 * that is not good what to do. A check never changes anything.
 */
#ifndef CV_CLI_DOCTOR_H
#define CV_CLI_DOCTOR_H

#include "cli/cli.h"

#include <jansson.h>
#include <stdbool.h>

enum cv_doctor_grade { CV_DOCTOR_OK, CV_DOCTOR_WARN, CV_DOCTOR_FAIL };

enum { CV_DOCTOR_FINDINGS_MAX = 96, CV_DOCTOR_TEXT_BYTES = 320 };

struct cv_doctor_finding {
    enum cv_doctor_grade grade;
    const char *check; /* a static name, "certificate" */
    char detail[CV_DOCTOR_TEXT_BYTES];
    const char *advice; /* a static text; NULL when there is nothing to do */
};

struct cv_doctor {
    const char *data;     /* the data folder, as the daemon names it if it answers */
    const char *ntp;      /* HOST[:PORT] of a time server to compare with; NULL: none is asked */
    const json_t *status; /* api/admin.yaml Status; NULL: no daemon answers */
    struct cv_doctor_finding findings[CV_DOCTOR_FINDINGS_MAX];
    size_t count;
};

/* Files a finding; those past the last place are dropped. */
void cv_doctor_file(struct cv_doctor *doctor, enum cv_doctor_grade grade, const char *check,
                    const char *advice, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The host of the public origin, without port and brackets; false when there is none. */
bool cv_doctor_public_host(const struct cv_doctor *doctor, char *host, size_t host_bytes);

/* Each of these files its findings. All but the last four need a status. */
void cv_doctor_certificate(struct cv_doctor *doctor); /* and the HTTPS port */
void cv_doctor_public_address(struct cv_doctor *doctor);
void cv_doctor_stun(struct cv_doctor *doctor);
void cv_doctor_relay(struct cv_doctor *doctor);
void cv_doctor_turn(struct cv_doctor *doctor);
void cv_doctor_store(struct cv_doctor *doctor);
void cv_doctor_data_folder(struct cv_doctor *doctor);
void cv_doctor_disk(struct cv_doctor *doctor);
void cv_doctor_clock(struct cv_doctor *doctor);

#endif
