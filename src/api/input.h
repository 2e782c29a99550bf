/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a JSON body member by member, strictly: wrong types, lengths and values, missing members,
 * and members that nobody asked for are each an error with the member's name. All of them are
 * collected, so that a form can show them at once.
 *
 *     title = cv_input_text(&input, "title", CV_INPUT_REQUIRED, 1, 120);
 *     lobby = cv_input_bool(&input, "lobby", false);
 *     if (!cv_input_finish(&input)) → input.errors
 */
#ifndef CV_API_INPUT_H
#define CV_API_INPUT_H

#include "io/exchange.h"

#include <jansson.h>

enum {
    CV_INPUT_MAX_ERRORS = 8,
    CV_INPUT_MAX_NAMES = 16,
    CV_INPUT_MAX_DEPTH = 16,
    CV_INPUT_EMAIL_MAX = 254,
    CV_INPUT_PASSWORD_MIN = 10, /* of a new one, in characters */
    CV_INPUT_PASSWORD_MAX = 256,
};

enum cv_input_need { CV_INPUT_OPTIONAL, CV_INPUT_REQUIRED };

struct cv_input {
    json_t *root; /* an object */
    const char *names[CV_INPUT_MAX_NAMES];
    size_t name_count;
    struct cv_problem_field errors[CV_INPUT_MAX_ERRORS];
    size_t error_count;
    char unknown[64]; /* the name of a member that nobody asked for */
};

/*
 * Parses the body: one JSON object without duplicate names, not deeper than CV_INPUT_MAX_DEPTH.
 * CV_ERR_SYNTAX, CV_ERR_MEMORY.
 */
enum cv_err cv_input_parse(struct cv_input *input, struct cv_slice body);
void cv_input_release(struct cv_input *input);

/* `message` is static. Errors past the last place are dropped. */
void cv_input_error(struct cv_input *input, const char *name, const char *message);

/* Whether the member is there and not null. */
bool cv_input_has(struct cv_input *input, const char *name);

/*
 * A text for people (cv_utf8_check_label) of min to max characters, as it stands in the JSON, or
 * the empty slice when it is absent or wrong. Lives as long as the input.
 */
struct cv_slice cv_input_text(struct cv_input *input, const char *name, enum cv_input_need need,
                              size_t min_chars, size_t max_chars);
/* The same for texts that are never shown (passwords, tokens): any characters but NUL. */
struct cv_slice cv_input_secret(struct cv_input *input, const char *name, size_t min_chars,
                                size_t max_chars);
/* The text of a member that was read before and is good, for a later step of the request. */
struct cv_slice cv_input_again(const struct cv_input *input, const char *name);
/* The member "email", required: an address of at most CV_INPUT_EMAIL_MAX bytes. */
struct cv_slice cv_input_email(struct cv_input *input);
bool cv_input_bool(struct cv_input *input, const char *name, bool fallback);
int64_t cv_input_int(struct cv_input *input, const char *name, int64_t fallback, int64_t min,
                     int64_t max);
/* RFC 3339; 0 when absent or wrong. */
int64_t cv_input_time(struct cv_input *input, const char *name, enum cv_input_need need);

/* Notes members that nobody asked for; true when nothing at all was wrong. */
bool cv_input_finish(struct cv_input *input);

#endif
