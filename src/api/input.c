/* SPDX-License-Identifier: Apache-2.0 */
#include "api/input.h"

#include "base/time.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdio.h>

/* The parser recurses; so the depth is bounded before it sees the text. */
static bool too_deep(struct cv_slice body) {
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < body.size; i++) {
        uint8_t c = body.data[i];
        if (in_string) {
            i += c == '\\';
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CV_INPUT_MAX_DEPTH) {
                return true;
            }
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return false;
}

enum cv_err cv_input_parse(struct cv_input *input, struct cv_slice body) {
    *input = (struct cv_input){0};
    if (too_deep(body)) {
        return CV_ERR_SYNTAX;
    }
    json_error_t error;
    json_t *root = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        return json_error_code(&error) == json_error_out_of_memory ? CV_ERR_MEMORY : CV_ERR_SYNTAX;
    }
    if (!json_is_object(root)) {
        json_decref(root);
        return CV_ERR_SYNTAX;
    }
    input->root = root;
    return CV_OK;
}

void cv_input_release(struct cv_input *input) {
    json_decref(input->root);
    input->root = NULL;
}

void cv_input_error(struct cv_input *input, const char *name, const char *message) {
    if (input->error_count < CV_INPUT_MAX_ERRORS) {
        input->errors[input->error_count++] = (struct cv_problem_field){name, message};
    }
}

static const json_t *ask(struct cv_input *input, const char *name, enum cv_input_need need) {
    assert(input->name_count < CV_INPUT_MAX_NAMES);
    input->names[input->name_count++] = name;
    const json_t *value = json_object_get(input->root, name);
    if (!value && need == CV_INPUT_REQUIRED) {
        cv_input_error(input, name, "is missing");
    }
    return value;
}

bool cv_input_has(struct cv_input *input, const char *name) {
    const json_t *value = json_object_get(input->root, name);
    return value && !json_is_null(value);
}

static struct cv_slice text_of(const json_t *value) {
    return cv_slice_of(json_string_value(value), json_string_length(value));
}

static const struct cv_slice none = {NULL, 0};

struct cv_slice cv_input_again(const struct cv_input *input, const char *name) {
    const json_t *value = json_object_get(input->root, name);
    return json_is_string(value) ? text_of(value) : none;
}

/* False without a text, which is an error where it is required or something else is there. */
static bool ask_text(struct cv_input *input, const char *name, enum cv_input_need need,
                     struct cv_slice *ret_text) {
    const json_t *value = ask(input, name, need);
    if (value && !json_is_string(value)) {
        cv_input_error(input, name, "must be a text");
        value = NULL;
    }
    if (value) {
        *ret_text = text_of(value);
    }
    return value != NULL;
}

struct cv_slice cv_input_text(struct cv_input *input, const char *name, enum cv_input_need need,
                              size_t min_chars, size_t max_chars) {
    struct cv_slice text;
    if (!ask_text(input, name, need, &text)) {
        return none;
    }
    enum cv_err err = cv_utf8_check_label(text, max_chars);
    if (err == CV_ERR_LIMIT) {
        cv_input_error(input, name, "is too long");
    } else if (err) {
        cv_input_error(input, name, "has characters that are not allowed");
    } else if (text.size < min_chars) {
        err = CV_ERR_RANGE;
        cv_input_error(input, name, "must not be empty");
    }
    return err ? none : text;
}

/* Code points of valid UTF-8. */
static size_t count_chars(struct cv_slice text) {
    size_t chars = 0;
    for (size_t i = 0; i < text.size; i++) {
        chars += (text.data[i] & 0xc0) != 0x80;
    }
    return chars;
}

struct cv_slice cv_input_secret(struct cv_input *input, const char *name, size_t min_chars,
                                size_t max_chars) {
    struct cv_slice text;
    if (!ask_text(input, name, CV_INPUT_REQUIRED, &text)) {
        return none;
    }
    size_t chars = count_chars(text);
    if (chars < min_chars) {
        cv_input_error(input, name, "is too short");
        return none;
    }
    if (chars > max_chars) {
        cv_input_error(input, name, "is too long");
        return none;
    }
    return text;
}

/* Roughly an address: one @ with something on both sides, nothing that could split a header. */
static bool is_email(struct cv_slice text) {
    const uint8_t *at = text.size ? memchr(text.data, '@', text.size) : NULL;
    if (!at || at == text.data || at == text.data + text.size - 1 ||
        text.size > CV_INPUT_EMAIL_MAX) {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || strchr("\"(),:;<>[\\]", text.data[i])) {
            return false;
        }
    }
    return !memchr(at + 1, '@', (size_t)(text.data + text.size - at - 1));
}

struct cv_slice cv_input_email(struct cv_input *input) {
    struct cv_slice email = cv_input_text(input, "email", CV_INPUT_REQUIRED, 1, CV_INPUT_EMAIL_MAX);
    if (email.size && !is_email(email)) {
        cv_input_error(input, "email", "is not an e-mail address");
    }
    return email;
}

bool cv_input_bool(struct cv_input *input, const char *name, bool fallback) {
    const json_t *value = ask(input, name, CV_INPUT_OPTIONAL);
    if (value && !json_is_boolean(value)) {
        cv_input_error(input, name, "must be true or false");
    }
    return json_is_boolean(value) ? json_boolean_value(value) : fallback;
}

int64_t cv_input_int(struct cv_input *input, const char *name, int64_t fallback, int64_t min,
                     int64_t max) {
    const json_t *value = ask(input, name, CV_INPUT_OPTIONAL);
    if (!value) {
        return fallback;
    }
    if (!json_is_integer(value)) {
        cv_input_error(input, name, "must be a whole number");
        return fallback;
    }
    int64_t number = json_integer_value(value);
    if (number < min || number > max) {
        cv_input_error(input, name, "is out of range");
        return fallback;
    }
    return number;
}

int64_t cv_input_time(struct cv_input *input, const char *name, enum cv_input_need need) {
    const json_t *value = ask(input, name, need);
    int64_t at_us = 0;
    if (value && (!json_is_string(value) || cv_time_parse(text_of(value), &at_us))) {
        cv_input_error(input, name, "must be a time such as 2026-02-03T04:05:06Z");
        return 0;
    }
    return at_us;
}

bool cv_input_finish(struct cv_input *input) {
    const char *name;
    json_t *value;
    json_object_foreach(input->root, name, value) {
        bool known = false;
        for (size_t i = 0; i < input->name_count && !known; i++) {
            known = !strcmp(input->names[i], name);
        }
        if (!known && !*input->unknown) {
            snprintf(input->unknown, sizeof input->unknown, "%s", name);
            cv_input_error(input, input->unknown, "is not known here");
        }
    }
    return input->error_count == 0;
}
