/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the fields of a JSON object, each with the type that it must have. The first field that
 * is missing or wrong is noted as the problem, and what is read from then on means nothing: so a
 * reader reads all that it needs and looks once.
 */
#ifndef CV_SIGNAL_FIELDS_H
#define CV_SIGNAL_FIELDS_H

#include "base/id.h"

#include <jansson.h>

struct cv_fields {
    const json_t *object;
    char *problem; /* text of `problem_bytes`, empty while all is well */
    size_t problem_bytes;
};

/* Notes that `name` is `what` ("missing", "not a boolean"), unless there was a problem before. */
void cv_fields_fail(struct cv_fields *fields, const char *name, const char *what);
bool cv_fields_ok(const struct cv_fields *fields);

/* Whether it is there, and not null. */
bool cv_fields_has(const struct cv_fields *fields, const char *name);
bool cv_fields_bool(struct cv_fields *fields, const char *name);
/* A member object: its fields, noting problems in the same place. */
struct cv_fields cv_fields_object(struct cv_fields *fields, const char *name);
/* At least `min` and at most `max`. */
int64_t cv_fields_integer(struct cv_fields *fields, const char *name, int64_t min, int64_t max);
/* Any number up to `max`; 0 when it is not there or negative. */
double cv_fields_amount(struct cv_fields *fields, const char *name, double max);
/* A string of `min` to `max` bytes; lives as long as the JSON. */
struct cv_slice cv_fields_string(struct cv_fields *fields, const char *name, size_t min,
                                 size_t max);
/* A string of 1 to `max` characters of `A-Z a-z 0-9 _ -`. */
struct cv_slice cv_fields_word(struct cv_fields *fields, const char *name, size_t max);
struct cv_id cv_fields_id(struct cv_fields *fields, const char *name);
/* A name that people see: 1 to 64 characters (base/utf8.h). */
struct cv_slice cv_fields_name(struct cv_fields *fields, const char *name);

#endif
