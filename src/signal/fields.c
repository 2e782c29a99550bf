/* SPDX-License-Identifier: Apache-2.0 */
#include "signal/fields.h"

#include "base/utf8.h"
#include "meeting/record.h"

#include <stdio.h>

void cv_fields_fail(struct cv_fields *fields, const char *name, const char *what) {
    if (cv_fields_ok(fields))
        snprintf(fields->problem, fields->problem_bytes, "%s: %s", name, what);
}

bool cv_fields_ok(const struct cv_fields *fields) {
    return fields->problem[0] == '\0';
}

static const json_t *get(struct cv_fields *fields, const char *name) {
    const json_t *value = json_object_get(fields->object, name);
    if (!value)
        cv_fields_fail(fields, name, "missing");
    return value;
}

bool cv_fields_has(const struct cv_fields *fields, const char *name) {
    const json_t *value = json_object_get(fields->object, name);
    return value && !json_is_null(value);
}

bool cv_fields_bool(struct cv_fields *fields, const char *name) {
    const json_t *value = get(fields, name);
    if (!json_is_boolean(value))
        cv_fields_fail(fields, name, "not a boolean");
    return json_is_true(value);
}

struct cv_fields cv_fields_object(struct cv_fields *fields, const char *name) {
    struct cv_fields member = *fields;
    member.object = get(fields, name);
    if (!json_is_object(member.object))
        cv_fields_fail(fields, name, "not an object");
    return member;
}

int64_t cv_fields_integer(struct cv_fields *fields, const char *name, int64_t min, int64_t max) {
    const json_t *value = get(fields, name);
    json_int_t integer = json_integer_value(value);
    if (!json_is_integer(value))
        cv_fields_fail(fields, name, "not an integer");
    else if (integer < min || integer > max)
        cv_fields_fail(fields, name, "out of range");
    return integer;
}

double cv_fields_amount(struct cv_fields *fields, const char *name, double max) {
    if (!cv_fields_has(fields, name))
        return 0;
    const json_t *value = get(fields, name);
    double amount = json_number_value(value);
    if (!json_is_number(value))
        cv_fields_fail(fields, name, "not a number");
    else if (amount > max)
        cv_fields_fail(fields, name, "out of range");
    return amount > 0 && amount <= max ? amount : 0;
}

struct cv_slice cv_fields_string(struct cv_fields *fields, const char *name, size_t min,
                                 size_t max) {
    const json_t *value = get(fields, name);
    struct cv_slice text = cv_slice_of(json_string_value(value), json_string_length(value));
    if (!json_is_string(value))
        cv_fields_fail(fields, name, "not a string");
    else if (text.size < min || text.size > max)
        cv_fields_fail(fields, name, "too short or too long");
    return text;
}

struct cv_slice cv_fields_word(struct cv_fields *fields, const char *name, size_t max) {
    struct cv_slice word = cv_fields_string(fields, name, 1, max);
    if (!cv_id_chars(word))
        cv_fields_fail(fields, name, "other characters than A-Z a-z 0-9 _ -");
    return word;
}

struct cv_id cv_fields_id(struct cv_fields *fields, const char *name) {
    struct cv_id id = {{0}};
    struct cv_slice word = cv_fields_word(fields, name, CV_ID_BYTES - 1);
    if (cv_fields_ok(fields))
        memcpy(id.text, word.data, word.size);
    return id;
}

struct cv_slice cv_fields_name(struct cv_fields *fields, const char *name) {
    struct cv_slice text = cv_fields_string(fields, name, 1, CV_NAME_BYTES - 1);
    if (cv_fields_ok(fields) && cv_utf8_check_label(text, CV_NAME_CHARS))
        cv_fields_fail(fields, name, "too long, or with characters that can't be shown");
    return text;
}
